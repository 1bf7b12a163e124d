package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Branding;
import ai.molecule.edge.controlplane.orgs.Plan;
import ai.molecule.edge.problem.Problem;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code POST /cp/orgs}, or the {@code org} of a key's creation, asks for: valid
 * by itself. Null is what it does not say.
 */
record CreateOrgRequest(
    String slug,
    String name,
    @Nullable String partnerId,
    Plan plan,
    int seats,
    Branding branding,
    @Nullable String externalId,
    boolean ephemeral,
    @Nullable Integer ttlSeconds,
    Map<String, String> metadata) {
  static final int SEATS_DEFAULT = 5;
  static final int TTL_SECONDS_DEFAULT = 3_600;

  private static final Set<String> MEMBERS =
      Set.of(
          "slug",
          "name",
          "partner_id",
          "plan",
          "seats",
          "branding",
          "external_id",
          "ephemeral",
          "ttl_seconds",
          "metadata");

  /**
   * Reads a body.
   *
   * @param partnerRequired whether the caller belongs to no partner and has to name one
   * @throws Problem {@code invalid_request} with everything that is wrong
   */
  static CreateOrgRequest parse(JsonBody json, boolean partnerRequired) {
    BodyMembers body = BodyMembers.of(json, MEMBERS);
    if (partnerRequired) {
      body.demand("partner_id");
    }
    CreateOrgRequest request = read(body);
    body.throwIfWrong();
    return request;
  }

  /** The {@code org} in a key's creation, what is wrong with it noted; null when absent. */
  static @Nullable CreateOrgRequest within(BodyMembers key) {
    BodyMembers body = key.within("org", MEMBERS);
    return body == null ? null : read(body);
  }

  private static CreateOrgRequest read(BodyMembers body) {
    body.demand("slug");
    body.demand("name");
    String slug = OrgMembers.slug(body);
    String name = KeyMembers.name(body);
    Plan plan = OrgMembers.plan(body);
    Integer seats = OrgMembers.seats(body);
    boolean ephemeral = Boolean.TRUE.equals(body.truth("ephemeral"));
    Integer ttl = OrgMembers.ttlSeconds(body);
    if (ttl != null && !ephemeral) {
      body.wrong(body.at("ttl_seconds"), "conflict", "Only an ephemeral org has a time to live.");
    }
    return new CreateOrgRequest(
        slug == null ? "" : slug,
        name == null ? "" : name,
        KeyMembers.partnerId(body),
        plan == null ? Plan.STARTER : plan,
        seats == null ? SEATS_DEFAULT : seats,
        BrandingPatch.of(body).over(Branding.NONE),
        OrgMembers.externalId(body),
        ephemeral,
        ephemeral ? Objects.requireNonNullElse(ttl, TTL_SECONDS_DEFAULT) : null,
        KeyMembers.newMetadata(body));
  }
}
