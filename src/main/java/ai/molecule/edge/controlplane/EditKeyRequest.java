package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyState;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code PATCH /cp/admin/partner-keys/{id}} asks for: a JSON merge patch (RFC
 * 7396) of the members that can change. Null is what it leaves alone.
 *
 * @param tier the tier's name; its limit is in {@code limit}
 * @param scopes in the order asked, so that a refusal can point at one
 * @param metadata member by member
 */
record EditKeyRequest(
    @Nullable String name,
    Change<String> description,
    @Nullable List<Scope> scopes,
    Change<String> tier,
    LimitAsked limit,
    Change<AddressRanges> ipAllow,
    @Nullable Boolean disabled,
    Change<Map<String, Change<String>>> metadata) {

  private static final Set<String> MEMBERS =
      Set.of(
          "name",
          "description",
          "scopes",
          "tier",
          "rate_limit",
          "burst",
          "ip_allow",
          "disabled",
          "metadata");
  private static final List<String> NOT_NULLABLE =
      List.of("name", "scopes", "rate_limit", "burst", "disabled");

  /** Reads a body; throws {@code invalid_request} with everything that is wrong. */
  static EditKeyRequest parse(JsonBody json, Map<String, Limit> tiers) {
    BodyMembers body = BodyMembers.of(json, MEMBERS);
    NOT_NULLABLE.forEach(body::demandNotNull);
    Change<Tier> tier = body.change("tier", name -> KeyMembers.tier(body, tiers));
    EditKeyRequest request =
        new EditKeyRequest(
            KeyMembers.name(body),
            body.change("description", name -> KeyMembers.description(body)),
            KeyMembers.scopes(body),
            tier.map(Tier::name),
            new LimitAsked(tier.over(null), KeyMembers.rateLimit(body), KeyMembers.burst(body)),
            body.change("ip_allow", name -> KeyMembers.ipAllow(body)),
            body.truth("disabled"),
            body.change("metadata", name -> KeyMembers.metadata(body)));
    body.throwIfWrong();
    return request;
  }

  /**
   * The key after this edit; {@code current} itself when nothing changes.
   *
   * @throws Problem {@code wrong_state} for a key that is revoked or rotated out, {@code
   *     escalation_refused} for more than {@code authority} may grant, {@code invalid_request} for
   *     what this key cannot have
   */
  KeyRecord apply(KeyRecord current, Instant now, KeyAuthority authority) {
    KeyState state = current.stateAt(now);
    if (state == KeyState.REVOKED || state == KeyState.ROTATED) {
      throw Problem.of(ProblemCode.WRONG_STATE, "A key that has ended cannot be changed.");
    }
    Map<String, String> metadataAfter = Metadata.over(current.metadata(), metadata);
    ScopeSet scopesAfter = scopesOver(current);
    AddressRanges rangesAfter = ipAllow.over(current.ipAllow());
    KeyRecord edited =
        KeyDraft.of(current)
            .name(name == null ? current.name() : name)
            .description(description.over(current.description()))
            .scopes(scopesAfter)
            .tier(tier.over(current.tier()))
            .limit(limitOver(current.limit()))
            .ipAllow(rangesAfter == null ? AddressRanges.ANYWHERE : rangesAfter)
            .disabled(disabled == null ? current.disabled() : disabled)
            .metadata(metadataAfter)
            .toRecord();
    demandGrantable(current, edited, authority);
    return edited;
  }

  private ScopeSet scopesOver(KeyRecord current) {
    if (scopes == null) {
      return current.scopes();
    }
    OrgKeyScopes.demand(current.orgId(), scopes);
    return ScopeSet.of(scopes);
  }

  private Limit limitOver(Limit current) {
    Integer rate = limit.rateNamed();
    Integer burst = limit.burstNamedForPatch();
    return new Limit(
        rate == null ? current.ratePerMinute() : rate, burst == null ? current.burst() : burst);
  }

  /** What is set must be had; to enable a key again is to grant all of it. */
  private void demandGrantable(KeyRecord current, KeyRecord edited, KeyAuthority authority) {
    Integer rate = limit.rateNamed();
    Integer burst = limit.burstNamedForPatch();
    boolean setsRanges = !(ipAllow instanceof Change.Keep<AddressRanges>);
    if (scopes != null || rate != null || burst != null || setsRanges) {
      authority.demandEnvironment(current.environment());
    }
    if (scopes != null) {
      authority.demandScopes(edited.scopes());
    }
    authority.demandLimit(rate, burst);
    if (setsRanges) {
      authority.demandRanges(edited.ipAllow());
    }
    if (current.disabled() && !edited.disabled()) {
      authority.demandAll(edited);
    }
  }
}
