package ai.molecule.edge.controlplane.events;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What partners can be told of. A type always has the same members in its {@code data}; they are
 * described in {@code docs/webhooks.md}.
 */
public enum EventType {
  /** An org was made and is being provisioned. */
  ORG_CREATED,
  /** An org is ready. */
  ORG_RUNNING,
  /** An org could not be provisioned. */
  ORG_FAILED,
  /** An org and its keys were stopped. */
  ORG_SUSPENDED,
  /** A suspended org runs again. */
  ORG_RESUMED,
  /** An org is gone, and its slug is free. */
  ORG_DELETED,
  /** The metering of an org has ended, for ever. */
  BILLING_CLOSED,
  /** What an org used in an hour. */
  USAGE_HOURLY;

  private final String wireName = name().toLowerCase(Locale.ROOT).replace('_', '.');

  /** The published name, such as {@code org.created}. */
  public String wireName() {
    return wireName;
  }

  /** The type of that published name. */
  public static Optional<EventType> ofWireName(String name) {
    return Arrays.stream(values()).filter(type -> type.wireName.equals(name)).findFirst();
  }

  /** All published names, in order. */
  public static List<String> wireNames() {
    return Arrays.stream(values()).map(EventType::wireName).toList();
  }
}
