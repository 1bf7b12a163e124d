package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.audit.AuditLog;
import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.controlplane.orgs.StepJob.Direction;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Committed;
import ai.molecule.edge.credential.OrgKeys;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.StoreFailures;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * The parts that transactions on orgs are made of. Each is to be run within one, on its connection.
 * An org is locked before its keys, by everyone: who has locked the org knows that no key of it is
 * being added meanwhile.
 */
final class OrgWrites {
  static final String ORG_DELETED = "org.deleted";

  static final String INSERT =
      """
      INSERT INTO orgs (id, partner_id, slug, name, plan, seats, branding, external_id, ephemeral,
                        ttl_seconds, expires_at, metadata, created_by, created_at, status)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'provisioning')
      """;

  // Index: the primary key.
  private static final String UPDATE =
      """
      UPDATE orgs SET name = $2, plan = $3, seats = $4, branding = $5, metadata = $6 WHERE id = $1
      RETURNING *
      """;

  // Index: the primary key.
  private static final String MOVE =
      """
      UPDATE orgs SET status = $4, status_at = clock_timestamp()
       WHERE id = $1 AND status = $2 AND generation = $3 RETURNING *
      """;

  // Index: the primary key.
  private static final String DELETE =
      """
      UPDATE orgs
         SET status = 'deleting', status_at = clock_timestamp(), generation = generation + 1,
             billing_closed_at = clock_timestamp()
       WHERE id = $1 AND status = $2 AND generation = $3 RETURNING *
      """;

  /** One partner's orgs are added one after the other, so that counting them means something. */
  private static final String ONE_AT_A_TIME =
      "SELECT pg_advisory_xact_lock(hashtextextended('orgs of ' || $1, 0))";

  // Index: orgs_living_of_partner.
  static final String COUNT =
      "SELECT count(*) FROM orgs WHERE partner_id = $1 AND status <> 'deleted'";

  // Index: org_members_newest.
  static final String SEATS_TAKEN = "SELECT count(*) FROM org_members WHERE org_id = $1";

  private final int perPartnerMax;

  /** Writes that let a partner have that many orgs at a time. */
  OrgWrites(int perPartnerMax) {
    this.perPartnerMax = perPartnerMax;
  }

  /** Adds an org, with its steps and the job that begins them. */
  Future<Org> create(SqlConnection connection, Org org, AuditContext context) {
    return connection
        .preparedQuery(ONE_AT_A_TIME)
        .execute(Tuple.of(org.partnerId()))
        .compose(locked -> demandRoom(connection, org.partnerId()))
        .compose(room -> connection.preparedQuery(INSERT).execute(OrgRows.inserted(org)))
        .recover(failure -> Future.failedFuture(taken(failure)))
        .compose(
            inserted ->
                Future.all(
                    StepRows.begin(connection, Direction.PROVISION, org.id(), org.generation()),
                    OrgAudit.ofOrg(connection, context, org, OrgAudit.created(org)),
                    OrgEvents.became(connection, org, EventType.ORG_CREATED, org.createdAt())))
        .map(org);
  }

  private Future<Void> demandRoom(SqlConnection connection, String partnerId) {
    return connection
        .preparedQuery(COUNT)
        .execute(Tuple.of(partnerId))
        .map(
            rows -> {
              if (rows.iterator().next().getLong(0) >= perPartnerMax) {
                throw Problem.quota(
                    ProblemCode.ORG_LIMIT,
                    "The partner has as many orgs as it may have: " + perPartnerMax + ".",
                    perPartnerMax);
              }
              return null;
            });
  }

  private static Throwable taken(Throwable failure) {
    if (StoreFailures.isViolation(failure, "orgs_slug_living")) {
      return Problem.of(ProblemCode.SLUG_TAKEN);
    }
    return StoreFailures.isViolation(failure, "orgs_external_id_living")
        ? Problem.of(ProblemCode.EXTERNAL_ID_TAKEN)
        : failure;
  }

  /** The org, locked; fails with {@code not_found} when there is none within reach. */
  static Future<Org> locked(SqlConnection connection, Reach reach, OrgRef ref) {
    Selection lock = OrgReads.one(reach, ref).append(" FOR UPDATE");
    return connection
        .preparedQuery(lock.sql())
        .execute(lock.parameters())
        .map(rows -> OrgRows.first(rows).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  /** Throws {@code wrong_state} with those words, unless {@code allowed}. */
  static void demand(boolean allowed, String otherwise) {
    if (!allowed) {
      throw Problem.of(ProblemCode.WRONG_STATE, otherwise);
    }
  }

  /** Changes what can change by request of a locked org. Fails with {@code seats_exhausted}. */
  static Future<Org> update(
      SqlConnection connection, Org org, OrgFields after, AuditContext context) {
    return demandSeats(connection, org, after.seats())
        .compose(enough -> connection.preparedQuery(UPDATE).execute(OrgRows.updated(org, after)))
        .compose(
            rows ->
                OrgAudit.ofOrg(connection, context, org, OrgAudit.edited(org, after))
                    .map(audited -> OrgRows.first(rows).orElseThrow()));
  }

  private static Future<Void> demandSeats(SqlConnection connection, Org org, int seats) {
    if (seats >= org.seats()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery(SEATS_TAKEN)
        .execute(Tuple.of(org.id()))
        .map(
            rows -> {
              long taken = rows.iterator().next().getLong(0);
              if (taken > seats) {
                throw Problem.quota(
                    ProblemCode.SEATS_EXHAUSTED, "The org has " + taken + " members.", seats);
              }
              return null;
            });
  }

  /**
   * Moves a locked org, and with it its keys, which are refused or let in by its status.
   *
   * @param told what its partner is told of it
   */
  static Future<OrgChange> move(
      SqlConnection connection, Org org, OrgStatus to, EventType told, AuditContext context) {
    return connection
        .preparedQuery(MOVE)
        .execute(Tuple.of(org.id(), org.status().wireName(), org.generation(), to.wireName()))
        .map(rows -> rows.iterator().next())
        .compose(
            row -> {
              Org moved = OrgRows.read(row);
              return Future.all(
                      OrgKeys.changed(connection, org.id()),
                      OrgAudit.ofOrg(connection, context, moved, statusChange(org, moved)),
                      OrgEvents.became(connection, moved, told, OrgRows.since(row)))
                  .map(done -> new OrgChange(moved, done.<Committed>resultAt(0)));
            });
  }

  /**
   * Lets a locked org go: closes its billing, ends its keys and begins its teardown. Steps still
   * being done for the generation before have lost with this.
   */
  static Future<OrgChange> delete(SqlConnection connection, Org org, AuditContext context) {
    AuditContext deletion = new AuditContext(context.actor(), ORG_DELETED, context.requestId());
    return connection
        .preparedQuery(DELETE)
        .execute(Tuple.of(org.id(), org.status().wireName(), org.generation()))
        .map(rows -> OrgRows.first(rows).orElseThrow())
        .compose(
            going ->
                Future.all(
                        OrgKeys.revoked(connection, org.id()),
                        WorkspaceRows.allGone(connection, org.id()),
                        StepRows.giveUp(connection, org.id(), going.generation()),
                        StepRows.begin(
                            connection, Direction.TEARDOWN, org.id(), going.generation()),
                        OrgAudit.ofOrg(
                            connection,
                            deletion,
                            going,
                            statusChange(org, going).mergeIn(closing(going))),
                        OrgEvents.billingClosed(connection, going))
                    .map(done -> new OrgChange(going, done.<Committed>resultAt(0))));
  }

  private static JsonObject statusChange(Org before, Org after) {
    return AuditLog.change("status", before.status().wireName(), after.status().wireName());
  }

  private static JsonObject closing(Org org) {
    return AuditLog.change("billing_closed_at", null, String.valueOf(org.billingClosedAt()));
  }
}
