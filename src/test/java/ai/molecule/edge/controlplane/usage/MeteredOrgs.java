package ai.molecule.edge.controlplane.usage;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TestDatabase;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A database with orgs of which things happen, by a clock that the test moves. */
final class MeteredOrgs implements AutoCloseable {
  static final Duration SETTLE = Duration.ofSeconds(10);

  final TestDatabase database = new TestDatabase(patient(TestStores.freshDatabase()));
  final Vertx vertx = database.vertx;
  final PostgresConfig config = database.config;
  final PostgresPools pools = database.pools;
  final UsageStore store;
  private Instant now;

  MeteredOrgs(Instant now) {
    this.store = new UsageStore(pools);
    query("CREATE TABLE test_clock (now timestamptz NOT NULL)");
    query("INSERT INTO test_clock VALUES (now())");
    query(
        """
        CREATE OR REPLACE FUNCTION usage_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
            'SELECT now FROM test_clock'
        """);
    at(now);
  }

  /** What takes long on a busy machine is no failure here. */
  private static PostgresConfig patient(String uri) {
    Duration patience = Duration.ofSeconds(20);
    return new PostgresConfig(
        uri, null, 8, 8, 256, patience, patience, patience, patience.multipliedBy(2));
  }

  /** Forgets every org, and moves the clock wherever it is to be. */
  void beginAt(Instant time) {
    query(
        """
        DO $$ BEGIN
            SET LOCAL client_min_messages = warning;
            TRUNCATE orgs, usage_calls, events CASCADE;
        END $$
        """);
    at(time);
  }

  Instant now() {
    return now;
  }

  void at(Instant time) {
    now = time;
    query("UPDATE test_clock SET now = $1", UsageRows.time(time));
  }

  void pass(Duration time) {
    at(now.plus(time));
  }

  HourCloser closer(int batchMax) {
    return closer(pools, batchMax);
  }

  HourCloser closer(PostgresPools node, int batchMax) {
    return new HourCloser(node, new UsageConfig(Duration.ofSeconds(1), SETTLE, batchMax, 93));
  }

  /** An org being provisioned. */
  UUID created(int seats) {
    UUID org = UUID.randomUUID();
    query(
        """
        INSERT INTO orgs (id, partner_id, slug, status, seats, created_at)
        VALUES ($1, 'acme', 'org-' || left($1::text, 8), 'provisioning', $2, usage_now())
        """,
        org,
        seats);
    return org;
  }

  void ready(UUID org) {
    query(
        """
        UPDATE orgs SET status = 'running', ready_at = usage_now(), billing_started_at = usage_now()
         WHERE id = $1
        """,
        org);
  }

  UUID running(int seats) {
    UUID org = created(seats);
    ready(org);
    return org;
  }

  void status(UUID org, String status) {
    query("UPDATE orgs SET status = $2 WHERE id = $1", org, status);
  }

  void seats(UUID org, int seats) {
    query("UPDATE orgs SET seats = $2 WHERE id = $1", org, seats);
  }

  void addWorkspaces(UUID org, int count) {
    query(
        """
        INSERT INTO workspaces (id, org_id, name)
        SELECT gen_random_uuid(), $1, 'w' FROM generate_series(1, $2)
        """,
        org,
        count);
  }

  void removeWorkspaces(UUID org, int count) {
    query(
        """
        UPDATE workspaces SET deleted_at = greatest(clock_timestamp(), created_at)
         WHERE id IN (SELECT id FROM workspaces WHERE org_id = $1 AND deleted_at IS NULL
                       ORDER BY id LIMIT $2)
        """,
        org,
        count);
  }

  void end(UUID org) {
    query(
        """
        UPDATE orgs SET status = 'deleting', generation = generation + 1,
                        billing_closed_at = usage_now() WHERE id = $1
        """,
        org);
  }

  /** Calls of a key of the org in the hour that is running. */
  void calls(UUID org, int calls) {
    query(
        """
        INSERT INTO usage_calls (key_id, hour, partner_id, org_id, calls)
        VALUES (gen_random_uuid(), date_trunc('hour', usage_now(), 'UTC'), 'acme', $1, $2)
        """,
        org,
        (long) calls);
  }

  /** Closes everything that is due. */
  int closeAll() {
    int closed = 0;
    int last;
    do {
      last = Await.result(closer(100).closeBatch());
      closed += last;
    } while (last > 0);
    return closed;
  }

  List<HourUsage> closed(UUID org) {
    List<HourUsage> hours = new ArrayList<>();
    query("SELECT * FROM usage_hours WHERE org_id = $1 ORDER BY hour", org)
        .forEach(row -> hours.add(UsageRows.hour(row)));
    return hours;
  }

  /** The bodies of the events about an org's usage, oldest first. */
  List<JsonObject> told(UUID org) {
    List<JsonObject> bodies = new ArrayList<>();
    query("SELECT body FROM events WHERE org_id = $1 AND type = 'usage.hourly' ORDER BY at", org)
        .forEach(row -> bodies.add(new JsonObject(row.getString(0))));
    return bodies;
  }

  List<HourUsage> shown(UUID org, Instant from, Instant to) {
    return Await.result(store.read(org, UsageRange.of(from, to, now)));
  }

  Instant closedUntil(UUID org) {
    return UsageRows.instant(
        query("SELECT closed_until FROM usage_accounts WHERE org_id = $1", org).iterator().next(),
        "closed_until");
  }

  boolean isSettled(UUID org) {
    return query("SELECT settled_at IS NOT NULL FROM usage_accounts WHERE org_id = $1", org)
        .iterator()
        .next()
        .getBoolean(0);
  }

  /** Whether somebody waits until hours may be closed, or calls written. */
  boolean waitsForALock() {
    return query(
            """
            SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                            WHERE l.locktype = 'advisory' AND NOT l.granted
                              AND d.datname = current_database())
            """)
        .iterator()
        .next()
        .getBoolean(0);
  }

  RowSet<Row> query(String sql, Object... parameters) {
    return database.query(sql, parameters);
  }

  /** How a statement fails. */
  Throwable refused(String sql, Object... parameters) {
    return Await.failure(pools.query(pools.control(), sql, Tuple.from(parameters)));
  }

  @Override
  public void close() {
    database.close();
  }
}
