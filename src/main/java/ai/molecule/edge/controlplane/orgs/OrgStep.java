package ai.molecule.edge.controlplane.orgs;

import java.util.Locale;
import java.util.Optional;

/** The steps of an org's provisioning, in their order; teardown takes them the other way round. */
public enum OrgStep {
  RECORD,
  DATABASE,
  NETWORK,
  WORKSPACE_RUNTIME,
  CONSOLE,
  BILLING;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The published name. */
  public String wireName() {
    return wireName;
  }

  /** The step of that published name. */
  static Optional<OrgStep> ofWireName(String name) {
    for (OrgStep step : values()) {
      if (step.wireName.equals(name)) {
        return Optional.of(step);
      }
    }
    return Optional.empty();
  }
}
