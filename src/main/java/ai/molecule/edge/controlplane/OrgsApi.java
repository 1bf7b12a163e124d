package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgFilter;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.OrgStatus;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The operations on orgs: the HTTP contract, section 6. Each completes with its answer once what it
 * did is in force on every node, or fails with the problem that refuses it. What lies outside the
 * caller's reach is the same {@code not_found} as what does not exist. One an event loop.
 */
public final class OrgsApi {
  /** The path of the collection; an org's own path is below it. */
  static final String PATH = "/cp/orgs";

  static final String ORG_CREATED = "org.created";
  static final String ORG_UPDATED = "org.updated";
  static final String ORG_SUSPENDED = "org.suspended";
  static final String ORG_RESUMED = "org.resumed";
  static final String ORG_DELETED = "org.deleted";

  private final OrgStore store;
  private final OrgChanges changes;
  private final PublicAddress address;
  private final InstantSource clock;

  /** The operations over that store and change path. */
  public OrgsApi(OrgStore store, OrgChanges changes, PublicAddress address, InstantSource clock) {
    this.store = store;
    this.changes = changes;
    this.address = address;
    this.clock = clock;
  }

  /** Makes an org and has it provisioned: 201. */
  Future<Answer> create(Admitted caller, ControlRoute.Call call) {
    KeyAuthority authority = KeyAuthority.of(caller.principal());
    CreateOrgRequest asked = CreateOrgRequest.parse(call.body(), authority.isPlatform());
    String createdBy = caller.principal().actor().id();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Org org = NewOrgs.created(asked, authority.partner(asked.partnerId()), createdBy, now);
    String base = address.of(caller.exchange().request());
    Once<Org> once =
        call.once(made -> Creation.of(PATH + "/" + made.slug(), OrgJson.of(made, base)));
    return changes.create(org, caller.audit(ORG_CREATED), once).map(made -> once.answer());
  }

  /** Lists orgs, newest first: 200. */
  Future<Answer> list(Admitted caller, ControlRoute.Call call) {
    QueryParameters query = call.query();
    @Nullable OrgStatus status =
        query.value(
            "status",
            text -> OrgStatus.ofWireName(text).orElse(null),
            "unknown_value",
            "This must be provisioning, running, suspended, deleting, deleted or failed.");
    @Nullable String externalId =
        query.value(
            "external_id",
            text -> text.isBlank() || text.indexOf(0) >= 0 ? null : text,
            "invalid_format",
            "This must not be blank.");
    PageRequest page = PageParameters.of(query);
    query.throwIfWrong();
    String base = address.of(caller.exchange().request());
    return store
        .list(caller.principal().reach(), new OrgFilter(status, externalId), page)
        .map(found -> PageParameters.answer(found, org -> OrgJson.of(org, base)));
  }

  /** Shows an org: 200. */
  Future<Answer> get(Admitted caller, ControlRoute.Call call) {
    return found(caller, call).map(org -> answer(caller, 200, org));
  }

  /** Changes an org: 200, also when nothing changed. */
  Future<Answer> edit(Admitted caller, ControlRoute.Call call) {
    OrgRef ref = call.org();
    EditOrgRequest asked = EditOrgRequest.parse(call.body());
    return changes
        .update(caller.principal().reach(), ref, asked::apply, caller.audit(ORG_UPDATED))
        .map(org -> answer(caller, 200, org));
  }

  /** Suspends an org and all its keys: 200, again and again. */
  Future<Answer> suspend(Admitted caller, ControlRoute.Call call) {
    return changes
        .suspend(caller.principal().reach(), call.org(), caller.audit(ORG_SUSPENDED))
        .map(org -> answer(caller, 200, org));
  }

  /** Lets a suspended org run again: 200. */
  Future<Answer> resume(Admitted caller, ControlRoute.Call call) {
    return changes
        .resume(caller.principal().reach(), call.org(), caller.audit(ORG_RESUMED))
        .map(org -> answer(caller, 200, org));
  }

  /** Begins to tear an org down: 202, again and again until it is gone. */
  Future<Answer> delete(Admitted caller, ControlRoute.Call call) {
    return changes
        .delete(caller.principal().reach(), call.org(), caller.audit(ORG_DELETED))
        .map(org -> answer(caller, 202, org));
  }

  /** Shows how far the provisioning or the teardown of an org is: 200. */
  Future<Answer> provisionStatus(Admitted caller, ControlRoute.Call call) {
    return found(caller, call)
        .compose(
            org ->
                store.steps(org).map(steps -> Answer.json(200, OrgJson.provisioning(org, steps))));
  }

  private Future<Org> found(Admitted caller, ControlRoute.Call call) {
    return store.get(caller.principal().reach(), call.org());
  }

  private Answer answer(Admitted caller, int status, Org org) {
    return Answer.json(status, OrgJson.of(org, address.of(caller.exchange().request())));
  }
}
