package ai.molecule.edge.controlplane.orgs;

import java.util.Locale;
import java.util.Optional;

/** Where an org is in its life. {@code DELETING} leads to {@code DELETED} alone. */
public enum OrgStatus {
  PROVISIONING,
  RUNNING,
  SUSPENDED,
  DELETING,
  DELETED,
  FAILED;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The published name. */
  public String wireName() {
    return wireName;
  }

  /** Whether the org is being torn down or gone. */
  public boolean isGoing() {
    return this == DELETING || this == DELETED;
  }

  /** The status of that published name. */
  public static Optional<OrgStatus> ofWireName(String name) {
    for (OrgStatus status : values()) {
      if (status.wireName.equals(name)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
