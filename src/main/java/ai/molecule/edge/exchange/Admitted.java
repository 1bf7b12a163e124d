package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.LastUse;
import org.jspecify.annotations.Nullable;

/**
 * Last stage: a request that was authenticated, authorized and metered. Only {@link Gate} makes
 * one, and handlers accept nothing else.
 */
public final class Admitted {
  private final Exchange exchange;
  private final Principal principal;
  private final LastUse.@Nullable Cell use;

  Admitted(Exchange exchange, Principal principal, LastUse.@Nullable Cell use) {
    this.exchange = exchange;
    this.principal = principal;
    this.use = use;
  }

  /** The request and its answer. */
  public Exchange exchange() {
    return exchange;
  }

  /** When the key was last used on this node, this request included; null for the admin. */
  public LastUse.@Nullable Cell use() {
    return use;
  }

  /** Who the request acts as. */
  public Principal principal() {
    return principal;
  }
}
