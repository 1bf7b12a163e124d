package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TransactionFrame;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The members of orgs, reached through their org. On the control pool; safe on any thread.
 * Everything fails with {@code not_found} when there is no such org within reach, and with {@code
 * store_unavailable} when Postgres cannot serve in time.
 */
public final class MemberStore {
  private static final String COLUMNS = "m.id, m.email, m.role, m.created_at";

  private static final String INSERT =
      """
      INSERT INTO org_members (id, org_id, email, role, created_by, created_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  // Index: org_members_newest.
  private static final String TAKEN =
      """
      SELECT count(*) AS seats, coalesce(bool_or(lower(email) = lower($2)), false) AS present
        FROM org_members WHERE org_id = $1
      """;

  // Index: the primary key.
  private static final String DELETE =
      "DELETE FROM org_members m WHERE m.org_id = $1 AND m.id = $2 RETURNING " + COLUMNS;

  // Index: the primary key.
  private static final String ONE =
      "SELECT " + COLUMNS + " FROM org_members m WHERE m.org_id = $1 AND m.id = $2";

  private final PostgresPools pools;
  private final OrgStore orgs;

  /** The members behind {@code pools}. */
  public MemberStore(PostgresPools pools) {
    this.pools = pools;
    this.orgs = new OrgStore(pools);
  }

  /**
   * Gives a seat away, with {@code frame} around the transaction's work.
   *
   * @return the member; fails with {@code seats_exhausted}, {@code member_exists} or {@code
   *     wrong_state} as well
   */
  public Future<Member> add(
      Reach reach,
      OrgRef ref,
      Member member,
      AuditContext context,
      TransactionFrame<Member> frame) {
    return pools.transaction(
        pools.control(),
        frame,
        connection ->
            OrgWrites.locked(connection, reach, ref)
                .compose(org -> demandSeat(connection, org, member.email()))
                .compose(org -> insert(connection, org, member, context))
                .map(member));
  }

  private static Future<Org> demandSeat(SqlConnection connection, Org org, String email) {
    OrgWrites.demand(!org.status().isGoing(), "An org that is going takes no members.");
    return connection
        .preparedQuery(TAKEN)
        .execute(Tuple.of(org.id(), email))
        .map(
            rows -> {
              Row taken = rows.iterator().next();
              if (taken.getBoolean("present")) {
                throw Problem.of(ProblemCode.MEMBER_EXISTS);
              }
              if (taken.getLong("seats") >= org.seats()) {
                throw Problem.quota(
                    ProblemCode.SEATS_EXHAUSTED,
                    "All " + org.seats() + " seats are taken.",
                    org.seats());
              }
              return org;
            });
  }

  private static Future<Void> insert(
      SqlConnection connection, Org org, Member member, AuditContext context) {
    return connection
        .preparedQuery(INSERT)
        .execute(
            Tuple.of(
                member.id(),
                org.id(),
                member.email(),
                member.role(),
                context.actor().id(),
                member.createdAt().atOffset(ZoneOffset.UTC)))
        .compose(
            inserted -> {
              JsonObject changes =
                  AuditLog.change("email", null, member.email())
                      .mergeIn(AuditLog.change("role", null, member.role()));
              return OrgAudit.ofMember(connection, context, org, member.id(), changes);
            });
  }

  /** One page of an org's members, newest first. */
  public Future<Page<Member>> list(Reach reach, OrgRef ref, PageRequest page) {
    return orgs.get(reach, ref)
        .map(org -> page(org.id(), page))
        .compose(reads -> pools.query(pools.control(), reads.sql(), reads.parameters()))
        .map(
            rows -> {
              List<Member> members = new ArrayList<>(rows.size());
              rows.forEach(row -> members.add(read(row)));
              return Page.cut(members, page, last -> new Cursor(last.createdAt(), last.id()));
            });
  }

  /** Index: org_members_newest. */
  static Selection page(UUID orgId, PageRequest page) {
    return Selection.of("SELECT " + COLUMNS + " FROM org_members m WHERE true")
        .and("m.org_id = ", orgId)
        .newestFirst("m.created_at", "m.id", page);
  }

  /** One member; fails with {@code not_found} when the org has no such member. */
  public Future<Member> get(Reach reach, OrgRef ref, UUID id) {
    return orgs.get(reach, ref)
        .compose(org -> pools.query(pools.control(), ONE, Tuple.of(org.id(), id)))
        .map(
            rows -> {
              if (rows.size() == 0) {
                throw Problem.of(ProblemCode.NOT_FOUND);
              }
              return read(rows.iterator().next());
            });
  }

  /** Takes a seat back; fails with {@code not_found} when the org has no such member. */
  public Future<Void> remove(Reach reach, OrgRef ref, UUID id, AuditContext context) {
    return pools.transaction(
        pools.control(),
        connection ->
            OrgWrites.locked(connection, reach, ref)
                .compose(org -> remove(connection, org, id, context)));
  }

  private static Future<Void> remove(
      SqlConnection connection, Org org, UUID id, AuditContext context) {
    return connection
        .preparedQuery(DELETE)
        .execute(Tuple.of(org.id(), id))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                throw Problem.of(ProblemCode.NOT_FOUND);
              }
              Member gone = read(rows.iterator().next());
              JsonObject changes = AuditLog.change("email", gone.email(), null);
              return OrgAudit.ofMember(connection, context, org, id, changes);
            });
  }

  private static Member read(Row row) {
    return new Member(
        row.getUUID("id"),
        row.getString("email"),
        row.getString("role"),
        row.getOffsetDateTime("created_at").toInstant());
  }
}
