package ai.molecule.edge.controlplane.orgs;

import java.util.Map;

/**
 * What can change of an org by request.
 *
 * @param metadata in the caller's order
 */
public record OrgFields(
    String name, Plan plan, int seats, Branding branding, Map<String, String> metadata) {
  /** Those of {@code org}. */
  public static OrgFields of(Org org) {
    return new OrgFields(org.name(), org.plan(), org.seats(), org.branding(), org.metadata());
  }
}
