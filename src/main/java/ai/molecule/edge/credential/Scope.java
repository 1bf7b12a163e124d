package ai.molecule.edge.credential;

import java.util.Locale;
import java.util.Optional;

/**
 * What a key may do. None implies another. Source: the HTTP contract, section 4. The order is fixed
 * for ever: a scope's ordinal is its bit in stored masks, so new ones go to the end.
 */
public enum Scope {
  ORGS_CREATE,
  ORGS_READ,
  ORGS_MANAGE,
  ORGS_DELETE,
  ORGS_EXPORT,
  BILLING_READ,
  BILLING_MANAGE,
  PROVISION_STATUS,
  WORKSPACES_READ,
  WORKSPACES_MANAGE,
  MEMBERS_MANAGE,
  WEBHOOKS_MANAGE,
  ADMIN_KEYS;

  private final String wireName = name().toLowerCase(Locale.ROOT).replace('_', ':');

  /** The published name, such as {@code orgs:create}. */
  public String wireName() {
    return wireName;
  }

  /** This scope's bit in a mask. */
  public int bit() {
    return 1 << ordinal();
  }

  /** The scope of that published name. */
  public static Optional<Scope> ofWireName(String name) {
    for (Scope scope : values()) {
      if (scope.wireName.equals(name)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }
}
