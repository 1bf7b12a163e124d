package ai.molecule.edge.controlplane.orgs;

import java.util.Locale;
import java.util.Optional;

/** What an org pays for. */
public enum Plan {
  FREE,
  STARTER,
  PRO,
  ENTERPRISE;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The published name. */
  public String wireName() {
    return wireName;
  }

  /** The plan of that published name. */
  public static Optional<Plan> ofWireName(String name) {
    for (Plan plan : values()) {
      if (plan.wireName.equals(name)) {
        return Optional.of(plan);
      }
    }
    return Optional.empty();
  }
}
