package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.OrgFields;
import ai.molecule.edge.controlplane.orgs.Plan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code PATCH /cp/orgs/{slug}} asks for: a JSON merge patch (RFC 7396) of the
 * members that can change. Null is what it leaves alone.
 */
record EditOrgRequest(
    @Nullable String name,
    @Nullable Plan plan,
    @Nullable Integer seats,
    BrandingPatch branding,
    Change<Map<String, Change<String>>> metadata) {
  private static final Set<String> MEMBERS =
      Set.of("name", "plan", "seats", "branding", "metadata");
  private static final List<String> NOT_NULLABLE = List.of("name", "plan", "seats");

  /** Reads a body; throws {@code invalid_request} with everything that is wrong. */
  static EditOrgRequest parse(JsonBody json) {
    BodyMembers body = BodyMembers.of(json, MEMBERS);
    NOT_NULLABLE.forEach(body::demandNotNull);
    EditOrgRequest request =
        new EditOrgRequest(
            KeyMembers.name(body),
            OrgMembers.plan(body),
            OrgMembers.seats(body),
            BrandingPatch.of(body),
            body.change("metadata", name -> KeyMembers.metadata(body)));
    body.throwIfWrong();
    return request;
  }

  /** The fields after this edit; throws {@code invalid_request} for too much metadata. */
  OrgFields apply(OrgFields current) {
    return new OrgFields(
        name == null ? current.name() : name,
        plan == null ? current.plan() : plan,
        seats == null ? current.seats() : seats,
        branding.over(current.branding()),
        Metadata.over(current.metadata(), metadata));
  }
}
