package ai.molecule.edge.controlplane.orgs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With four thousand workspaces, most of them gone, no query walks a table. */
class WorkspaceQueryPlansTest {
  private static Vertx vertx;
  private static PostgresPools pools;
  private static UUID org;
  private static UUID workspace;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
    Await.result(new Migrations(vertx, config, Duration.ofSeconds(10), told -> {}).migrate());
    pools = PostgresPools.create(vertx, config);
    query(
        """
        INSERT INTO orgs (id, partner_id, slug, status)
        SELECT gen_random_uuid(), 'partner', 'org-' || i, 'running' FROM generate_series(1, 100) i
        """);
    query(
        """
        INSERT INTO workspaces (id, org_id, name, is_default, deleted_at)
        SELECT gen_random_uuid(), o.id, 'w', i = 1,
               CASE WHEN i > 3 THEN now() + interval '1 hour' END
          FROM orgs o, generate_series(1, 40) i
        """);
    query(
        """
        INSERT INTO workspace_heartbeats (workspace_id, at, active_tasks)
        SELECT id, now(), 0 FROM workspaces
        """);
    query(
        """
        INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, org_id, workspace_id,
                                  environment, prefix, last4, name, scopes, rate_limit, burst,
                                  lineage_id, created_by, created_at)
        SELECT gen_random_uuid(), sha256(id::text::bytea), sha256(id::text::bytea), 1, 'partner',
               org_id, id, 'live', 'p', 'l', 'n', 0, 60, 60, gen_random_uuid(), 'admin', now()
          FROM workspaces
        """);
    query("ANALYZE");
    Row row = query("SELECT org_id, id FROM workspaces LIMIT 1").iterator().next();
    org = row.getUUID(0);
    workspace = row.getUUID(1);
  }

  @AfterAll
  static void stop() {
    Await.result(pools.close());
    Await.result(vertx.close());
  }

  @Test
  void aListGoesByTheOrgAndPassesOverThoseThatAreGone() {
    assertThat(plan(WorkspaceStore.PAGE, Tuple.of(org, null, null, 51)))
        .contains("workspaces_living");
  }

  @Test
  void aWorkspaceGoesByItsIdOrAmongTheFewOfItsOrg() {
    assertThat(plan(WorkspaceRows.ONE, Tuple.of(org, workspace)))
        .contains("Index Scan using workspaces_");
  }

  @Test
  void whatIsCountedGoesByAnIndex() {
    assertThat(plan(WorkspaceChanges.TAKEN, Tuple.of(org))).contains("workspaces_living");
    assertThat(plan(WorkspaceChanges.TOKENS, Tuple.of(workspace)))
        .contains("partner_keys_of_workspace");
  }

  @Test
  void aHeartbeatGoesByTheWorkspacesItIsOf() {
    Tuple beat =
        Tuple.tuple()
            .addArrayOfUUID(new UUID[] {workspace})
            .addArrayOfString(new String[] {null})
            .addArrayOfInteger(new Integer[] {1});
    assertThat(plan(Heartbeats.WRITE, beat)).contains("workspaces_pkey");
  }

  /** The plan, of which it also asks that it walks no table of workspaces or tokens. */
  private static String plan(String sql, Tuple parameters) {
    StringBuilder plan = new StringBuilder();
    for (Row row : Await.result(pools.query(pools.control(), "EXPLAIN " + sql, parameters))) {
      plan.append(row.getString(0)).append('\n');
    }
    assertThat(plan.toString())
        .doesNotContain("Seq Scan on workspace")
        .doesNotContain("Seq Scan on partner_keys");
    return plan.toString();
  }

  private static RowSet<Row> query(String sql) {
    return Await.result(pools.query(pools.control(), sql, Tuple.tuple()));
  }
}
