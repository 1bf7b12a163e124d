package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code POST /cp/admin/partner-keys} asks for: valid by itself, not yet held
 * against what its caller may grant. Null is what it does not say.
 *
 * @param scopes in the order asked, so that a refusal can point at one
 */
record CreateKeyRequest(
    String name,
    @Nullable String description,
    @Nullable String partnerId,
    @Nullable UUID orgId,
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
    demand(body, "name");
    demand(body, "scopes");
    if (partnerRequired) {
      demand(body, "partner_id");
    }
    if (body.has("org")) {
      body.wrong(
          Pointer.of("org"),
          "not_supported",
          "Creating an org with its key is not available yet; bind the key with org_id.");
    }
    String name = KeyMembers.name(body);
    List<Scope> scopes = KeyMembers.scopes(body);
    CreateKeyRequest request =
        new CreateKeyRequest(
            name == null ? "" : name,
            KeyMembers.description(body),
            KeyMembers.partnerId(body),
            KeyMembers.orgId(body),
            scopes == null ? List.of() : List.copyOf(scopes),
            KeyMembers.environment(body),
            new LimitAsked(
                KeyMembers.tier(body, tiers), KeyMembers.rateLimit(body), KeyMembers.burst(body)),
            KeyMembers.expiry(body, now),
            KeyMembers.ipAllow(body),
            metadata(body));
    body.throwIfWrong();
    return request;
  }

  private static void demand(BodyMembers body, String name) {
    if (!body.has(name)) {
      body.wrong(Pointer.of(name), "required", "This member is required.");
    }
  }

  private static Map<String, String> metadata(BodyMembers body) {
    Map<String, Change<String>> given = KeyMembers.metadata(body);
    Map<String, String> metadata = new LinkedHashMap<>();
    if (given != null) {
      given.forEach(
          (member, value) -> {
            if (value instanceof Change.Set<String>(String text)) {
              metadata.put(member, text);
            }
          });
    }
    if (metadata.size() > KeyMembers.METADATA_MAX) {
      body.wrong(
          Pointer.of("metadata"), "too_many", "At most " + KeyMembers.METADATA_MAX + " members.");
    }
    return Collections.unmodifiableMap(metadata);
  }
}
