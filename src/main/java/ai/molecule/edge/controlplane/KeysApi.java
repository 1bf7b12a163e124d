package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Committed;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyFilter;
import ai.molecule.edge.credential.KeyJson;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.MintedCredential;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.KeyAction;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The operations on partner keys: the HTTP contract, section 5. Each completes with its answer once
 * what it did is in force on every node, or fails with the problem that refuses it. What lies
 * outside the caller's reach is the same {@code not_found} as what does not exist. One an event
 * loop.
 */
public final class KeysApi {
  /** The path of the collection; a key's own path is below it. */
  static final String PATH = "/cp/admin/partner-keys";

  static final String KEY_CREATED = "key.created";
  static final String KEY_UPDATED = "key.updated";
  static final String KEY_REVOKED = "key.revoked";
  static final String KEY_ROTATED = "key.rotated";

  private final KeyStore store;
  private final KeyChanges changes;
  private final OrgChanges orgs;
  private final Map<String, Limit> tiers;
  private final Limit defaultLimit;
  private final InstantSource clock;
  private final EdgeMeters meters;

  /**
   * The operations over that store and change path.
   *
   * @param tiers the configured tiers by name
   * @param defaultLimit the limit of a key whose creation names neither tier nor limit
   */
  public KeysApi(
      KeyStore store,
      KeyChanges changes,
      OrgChanges orgs,
      Map<String, Limit> tiers,
      Limit defaultLimit,
      InstantSource clock,
      EdgeMeters meters) {
    this.store = store;
    this.changes = changes;
    this.orgs = orgs;
    this.tiers = Map.copyOf(tiers);
    this.defaultLimit = defaultLimit;
    this.clock = clock;
    this.meters = meters;
  }

  /** Makes a key: 201, with its secret. */
  Future<Answer> create(Admitted caller, ControlRoute.Call call) {
    Instant now = now();
    KeyAuthority authority = KeyAuthority.of(caller.principal());
    CreateKeyRequest asked =
        CreateKeyRequest.parse(call.body(), authority.isPlatform(), tiers, now);
    MintedCredential minted =
        MintedCredential.mint(authority.environment(asked.environment()).kind());
    Org org = asked.org() == null ? null : org(caller, asked.org(), authority, asked, now);
    KeyRecord key =
        NewKeys.created(asked, org, authority, defaultLimit, minted, createdBy(caller), now);
    AuditContext context = caller.audit(KEY_CREATED);
    ScopeSet needed = org == null ? key.scopes() : key.scopes().with(Scope.ORGS_CREATE);
    Once<Committed> once = call.once(made -> shownOnce(made, minted, now).needing(needed));
    Future<KeyRecord> made =
        org == null
            ? changes.create(key, context, once)
            : orgs.createWithKey(org, caller.audit(OrgsApi.ORG_CREATED), key, context, once);
    return made.onSuccess(created -> meters.keyChanged(KeyAction.CREATE))
        .map(created -> once.answer());
  }

  /** The org to be made with a key. Keys need the scope for it, as for making one alone. */
  private static Org org(
      Admitted caller,
      CreateOrgRequest org,
      KeyAuthority authority,
      CreateKeyRequest key,
      Instant now) {
    if (!caller.principal().has(Scope.ORGS_CREATE)) {
      throw Gate.scopeProblem(ScopeSet.of(Scope.ORGS_CREATE));
    }
    String partnerId = authority.partner(key.partnerId());
    if (org.partnerId() != null && !org.partnerId().equals(partnerId)) {
      throw Problem.invalid(
          "#/org/partner_id", "conflict", "The org and the key are of one partner.");
    }
    return NewOrgs.created(org, partnerId, createdBy(caller), now);
  }

  /** Lists keys, newest first: 200. */
  Future<Answer> list(Admitted caller, ControlRoute.Call call) {
    QueryParameters query = call.query();
    KeyFilter filter = filter(query);
    PageRequest page = PageParameters.of(query);
    query.throwIfWrong();
    return store.list(caller.principal().reach(), filter, page).map(this::listed);
  }

  private Answer listed(Page<KeyRecord> found) {
    Instant now = now();
    return PageParameters.answer(found, key -> KeyJson.of(key, now));
  }

  private static KeyFilter filter(QueryParameters query) {
    @Nullable String partnerId = query.partnerId();
    @Nullable UUID orgId = query.orgId();
    @Nullable String status =
        query.value(
            "status",
            text -> KeyFilter.STATUSES.contains(text) ? text : null,
            "unknown_value",
            "This must be active, disabled, grace, rotated, expired or revoked.");
    return new KeyFilter(partnerId, orgId, status);
  }

  /** Shows a key: 200. */
  Future<Answer> get(Admitted caller, ControlRoute.Call call) {
    return store
        .find(caller.principal().reach(), call.id())
        .map(
            found ->
                found
                    .map(key -> Answer.json(200, KeyJson.of(key, now())))
                    .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  /** Changes a key: 200, also when nothing changed. */
  Future<Answer> edit(Admitted caller, ControlRoute.Call call) {
    UUID id = call.id();
    KeyAuthority authority = KeyAuthority.of(caller.principal());
    EditKeyRequest asked = EditKeyRequest.parse(call.body(), tiers);
    return changes
        .update(
            caller.principal().reach(),
            id,
            (current, now) -> asked.apply(current, now, authority),
            caller.audit(KEY_UPDATED))
        .onSuccess(edited -> meters.keyChanged(KeyAction.UPDATE))
        .map(edited -> Answer.json(200, KeyJson.of(edited, now())));
  }

  /**
   * Replaces a key by one with another secret: 201, with that secret. The old one works for the
   * grace asked for, on the same rate limit.
   */
  Future<Answer> rotate(Admitted caller, ControlRoute.Call call) {
    UUID id = call.id();
    RotateKeyRequest asked = RotateKeyRequest.parse(call.body());
    KeyAuthority authority = KeyAuthority.of(caller.principal());
    Principal principal = caller.principal();
    return store
        .find(principal.reach(), id)
        .compose(
            found -> {
              KeyRecord key = found.orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND));
              MintedCredential minted = MintedCredential.mint(key.environment().kind());
              Once<Committed> once = call.once(made -> shownOnce(made, minted, now()));
              return changes
                  .rotate(
                      principal.reach(),
                      id,
                      (current, now) ->
                          NewKeys.rotated(
                              current, now, asked, authority, minted, createdBy(caller)),
                      caller.audit(KEY_ROTATED),
                      once)
                  .onSuccess(successor -> meters.keyChanged(KeyAction.ROTATE))
                  .map(successor -> once.answer());
            });
  }

  /**
   * Revokes a key: 204, again and again, and with it an ephemeral org that no other key of its
   * lineage holds. A key may revoke itself with any scope; others take {@code admin:keys}.
   */
  Future<Answer> revoke(Admitted caller, ControlRoute.Call call) {
    if (isOwn(caller.principal(), call) || caller.principal().has(Scope.ADMIN_KEYS)) {
      return revoke(caller, call.id());
    }
    return Future.failedFuture(Gate.scopeProblem(ScopeSet.of(Scope.ADMIN_KEYS)));
  }

  private static boolean isOwn(Principal principal, ControlRoute.Call call) {
    String id = call.variables().getOrDefault("id", "");
    return principal instanceof Principal.PartnerKey(KeyRecord key)
        && KeyMembers.uuid(id).filter(key.id()::equals).isPresent();
  }

  /** Revokes the calling key: 204. */
  Future<Answer> revokeOwn(Admitted caller, ControlRoute.Call call) {
    return switch (caller.principal()) {
      case Principal.PartnerKey(KeyRecord key) -> revoke(caller, key.id());
      case Principal.Admin() -> Future.failedFuture(Problem.of(ProblemCode.NOT_FOUND));
      case Principal.Workspace ignored -> Future.failedFuture(Problem.of(ProblemCode.NOT_FOUND));
    };
  }

  private Future<Answer> revoke(Admitted caller, UUID id) {
    return orgs.revokeKey(
            caller.principal().reach(),
            id,
            (current, now) ->
                current.revokedAt() == null
                    ? KeyDraft.of(current).revoked(now).toRecord()
                    : current,
            caller.audit(KEY_REVOKED))
        .onSuccess(revoked -> meters.keyChanged(KeyAction.REVOKE))
        .map(revoked -> Answer.noContent());
  }

  /** A key with its secret, said again only to who could grant what it has. */
  private static Creation shownOnce(Committed made, MintedCredential minted, Instant now) {
    KeyRecord key = made.key();
    return Creation.of(PATH + "/" + key.id(), KeyJson.of(key, now))
        .showing("key", minted.reveal())
        .needing(key.scopes())
        .after(made.outboxId());
  }

  private static String createdBy(Admitted caller) {
    return caller.principal().actor().id();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
