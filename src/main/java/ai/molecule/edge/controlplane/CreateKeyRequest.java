package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code POST /cp/admin/partner-keys} asks for: valid by itself, not yet held
 * against what its caller may grant. Null is what it does not say.
 *
 * @param org an org to be made together with the key
 * @param scopes in the order asked, so that a refusal can point at one
 */
record CreateKeyRequest(
    String name,
    @Nullable String description,
    @Nullable String partnerId,
    @Nullable UUID orgId,
    @Nullable CreateOrgRequest org,
    List<Scope> scopes,
    @Nullable Environment environment,
    LimitAsked limit,
    @Nullable Instant expiresAt,
    @Nullable AddressRanges ipAllow,
    Map<String, String> metadata) {

  private static final Set<String> MEMBERS =
      Set.of(
          "name",
          "description",
          "partner_id",
          "scopes",
          "environment",
          "org_id",
          "org",
          "tier",
          "rate_limit",
          "burst",
          "expires_in_days",
          "expires_at",
          "ip_allow",
          "metadata");

  /**
   * Reads a body.
   *
   * @param partnerRequired whether the caller belongs to no partner and has to name one
   * @param tiers the configured tiers
   * @throws Problem {@code invalid_request} with everything that is wrong
   */
  static CreateKeyRequest parse(
      JsonBody json, boolean partnerRequired, Map<String, Limit> tiers, Instant now) {
    BodyMembers body = BodyMembers.of(json, MEMBERS);
    body.demand("name");
    body.demand("scopes");
    if (partnerRequired) {
      body.demand("partner_id");
    }
    if (body.has("org") && body.has("org_id")) {
      body.wrong(body.at("org"), "conflict", "Send org_id or org, not both.");
    }
    String name = KeyMembers.name(body);
    List<Scope> scopes = KeyMembers.scopes(body);
    CreateKeyRequest request =
        new CreateKeyRequest(
            name == null ? "" : name,
            KeyMembers.description(body),
            KeyMembers.partnerId(body),
            KeyMembers.orgId(body),
            CreateOrgRequest.within(body),
            scopes == null ? List.of() : List.copyOf(scopes),
            KeyMembers.environment(body),
            new LimitAsked(
                KeyMembers.tier(body, tiers), KeyMembers.rateLimit(body), KeyMembers.burst(body)),
            KeyMembers.expiry(body, now),
            KeyMembers.ipAllow(body),
            KeyMembers.newMetadata(body));
    body.throwIfWrong();
    return request;
  }
}
