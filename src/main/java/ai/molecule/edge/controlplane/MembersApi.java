package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.orgs.Member;
import ai.molecule.edge.controlplane.orgs.MemberStore;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * The operations on an org's members: the HTTP contract, section 6. What lies outside the caller's
 * reach is the same {@code not_found} as what does not exist. Safe on any thread.
 */
public final class MembersApi {
  /** The path of the collection; a member's own path is below it. */
  static final String PATH = OrgsApi.PATH + "/{slug}/members";

  static final String MEMBER_ADDED = "member.added";
  static final String MEMBER_REMOVED = "member.removed";

  private static final Set<String> MEMBERS = Set.of("email", "role");

  private final MemberStore store;
  private final InstantSource clock;

  /** The operations over that store. */
  public MembersApi(MemberStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Gives a seat away: 201. */
  Future<Answer> add(Admitted caller, ControlRoute.Call call) {
    OrgRef ref = call.org();
    Member member = parse(call.body());
    String members = OrgsApi.PATH + "/" + call.slug() + "/members/";
    Once<Member> once = call.once(added -> Creation.of(members + added.id(), OrgJson.of(added)));
    return store
        .add(caller.principal().reach(), ref, member, caller.audit(MEMBER_ADDED), once)
        .map(added -> once.answer());
  }

  private Member parse(JsonBody json) {
    BodyMembers body = BodyMembers.of(json, MEMBERS);
    body.demand("email");
    String email = OrgMembers.email(body, "email");
    String role = OrgMembers.role(body);
    body.throwIfWrong();
    return new Member(
        Ids.next(),
        email == null ? "" : email,
        role == null ? "member" : role,
        clock.instant().truncatedTo(ChronoUnit.MILLIS));
  }

  /** Lists members, newest first: 200. */
  Future<Answer> list(Admitted caller, ControlRoute.Call call) {
    PageRequest page = PageParameters.only(call.query());
    return store
        .list(caller.principal().reach(), call.org(), page)
        .map(found -> PageParameters.answer(found, OrgJson::of));
  }

  /** Shows a member: 200. */
  Future<Answer> get(Admitted caller, ControlRoute.Call call) {
    return store
        .get(caller.principal().reach(), call.org(), call.id())
        .map(member -> Answer.json(200, OrgJson.of(member)));
  }

  /** Takes a seat back: 204. */
  Future<Answer> remove(Admitted caller, ControlRoute.Call call) {
    return store
        .remove(caller.principal().reach(), call.org(), call.id(), caller.audit(MEMBER_REMOVED))
        .map(gone -> Answer.noContent());
  }
}
