package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.WarmKey;
import ai.molecule.edge.problem.Problem;
import org.jspecify.annotations.Nullable;

/** What the {@link Gate} said to a request. Only the gate makes one that lets it through. */
public sealed interface Passage {
  /** It is refused. */
  record Refused(Problem problem) implements Passage {}

  /** It was authenticated, authorized and metered. */
  final class Passed implements Passage {
    private final Principal principal;
    private final LastUse.@Nullable Cell use;
    private final @Nullable WarmKey warm;

    Passed(Principal principal, LastUse.@Nullable Cell use, @Nullable WarmKey warm) {
      this.principal = principal;
      this.use = use;
      this.warm = warm;
    }

    /** Who the request acts as. */
    public Principal principal() {
      return principal;
    }

    /** When the key was last used on this node, this request included; null for the admin. */
    public LastUse.@Nullable Cell use() {
      return use;
    }

    /** The key as the event loop holds it; null when it does not, and for the admin. */
    public @Nullable WarmKey warm() {
      return warm;
    }
  }
}
