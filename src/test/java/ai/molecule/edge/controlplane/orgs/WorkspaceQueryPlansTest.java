package ai.molecule.edge.controlplane.orgs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.TestDatabase;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With four thousand workspaces, most of them gone, no query walks a table. */
class WorkspaceQueryPlansTest {
  @AutoClose private static TestDatabase database;
  private static UUID org;
  private static UUID workspace;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
    database.query(
        """
        INSERT INTO orgs (id, partner_id, slug, status)
        SELECT gen_random_uuid(), 'partner', 'org-' || i, 'running' FROM generate_series(1, 100) i
        """);
    database.query(
        """
        INSERT INTO workspaces (id, org_id, name, is_default, deleted_at)
        SELECT gen_random_uuid(), o.id, 'w', i = 1,
               CASE WHEN i > 3 THEN now() + interval '1 hour' END
          FROM orgs o, generate_series(1, 40) i
        """);
    database.query(
        """
        INSERT INTO workspace_heartbeats (workspace_id, at, active_tasks)
        SELECT id, now(), 0 FROM workspaces
        """);
    database.query(
        """
        INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, org_id, workspace_id,
                                  environment, prefix, last4, name, scopes, rate_limit, burst,
                                  lineage_id, created_by, created_at)
        SELECT gen_random_uuid(), sha256(id::text::bytea), sha256(id::text::bytea), 1, 'partner',
               org_id, id, 'live', 'p', 'l', 'n', 0, 60, 60, gen_random_uuid(), 'admin', now()
          FROM workspaces
        """);
    database.query("ANALYZE");
    Row row = database.query("SELECT org_id, id FROM workspaces LIMIT 1").iterator().next();
    org = row.getUUID(0);
    workspace = row.getUUID(1);
  }

  @Test
  void aListGoesByTheOrgAndPassesOverThoseThatAreGone() {
    assertThat(plan(WorkspaceStore.page(org, PageRequest.first()))).contains("workspaces_living");
  }

  @Test
  void aWorkspaceGoesByItsIdOrAmongTheFewOfItsOrg() {
    assertThat(plan(WorkspaceRows.ONE, Tuple.of(org, workspace)))
        .contains("Index Scan using workspaces_");
  }

  @Test
  void whatIsCountedGoesByAnIndex() {
    assertThat(plan(WorkspaceRoom.TAKEN, Tuple.of(org))).contains("workspaces_living");
    assertThat(plan(WorkspaceRoom.TOKENS, Tuple.of(workspace)))
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

  private static String plan(Selection reads) {
    return plan(reads.sql(), reads.parameters());
  }

  /** The plan, of which it also asks that it walks no table of workspaces or tokens. */
  private static String plan(String sql, Tuple parameters) {
    return database.plan(sql, parameters, "workspace", "partner_keys");
  }
}
