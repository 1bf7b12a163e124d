package ai.molecule.edge.controlplane.orgs;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** How a path names an org: by its slug or by its id. No slug has the form of an id. */
public sealed interface OrgRef {
  /** By id. */
  record ById(UUID id) implements OrgRef {}

  /** By slug. */
  record BySlug(String slug) implements OrgRef {}

  /** What {@code text} names; empty when it can name nothing. */
  static Optional<OrgRef> parse(String text) {
    if (Slug.hasForm(text)) {
      return Optional.of(new BySlug(text));
    }
    return Forms.UUID_TEXT.matcher(text).matches()
        ? Optional.of(new ById(UUID.fromString(text)))
        : Optional.empty();
  }

  /** Patterns of {@link #parse}. */
  final class Forms {
    private static final Pattern UUID_TEXT =
        Pattern.compile("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");

    private Forms() {}
  }
}
