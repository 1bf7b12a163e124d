package ai.molecule.edge.edge;

import java.util.Set;

/** Where a request to a route says which org it is about. */
public sealed interface OrgSource {
  /** Nowhere: the upstream goes by the key alone. */
  record Nowhere() implements OrgSource {}

  /**
   * In the path.
   *
   * @param segment the place of the org's slug or id among the path's segments, from 0
   * @param plans the plans that the org may be on; empty for any
   */
  record Path(int segment, Set<String> plans) implements OrgSource {}

  /**
   * In the first label of the host.
   *
   * @param domain what follows that label, with the dot before it, in lower case
   * @param plans the plans that the org may be on; empty for any
   */
  record Host(String domain, Set<String> plans) implements OrgSource {}

  /**
   * The key's own: a partner-wide key has none.
   *
   * @param plans the plans that the org may be on, at least one
   */
  record OfKey(Set<String> plans) implements OrgSource {}
}
