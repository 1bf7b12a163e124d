package ai.molecule.edge.credential;

import java.util.Locale;
import java.util.Optional;

/** What a key is for: live traffic, or tests. */
public enum Environment {
  LIVE(CredentialKind.LIVE_KEY),
  TEST(CredentialKind.TEST_KEY);

  private final CredentialKind kind;

  Environment(CredentialKind kind) {
    this.kind = kind;
  }

  /** The form of this environment's keys. */
  public CredentialKind kind() {
    return kind;
  }

  /** The published name: {@code live} or {@code test}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The environment of that published name. */
  public static Optional<Environment> ofWireName(String name) {
    return switch (name) {
      case "live" -> Optional.of(LIVE);
      case "test" -> Optional.of(TEST);
      default -> Optional.empty();
    };
  }
}
