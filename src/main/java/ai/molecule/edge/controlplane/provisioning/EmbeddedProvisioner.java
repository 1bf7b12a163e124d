package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.postgres.PostgresPools;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;

/**
 * Does what a single machine can: names the org's namespaces, gives it its default workspace and
 * publishes its console page. All of it are rows in the edge's own Postgres, each named by the org
 * and so made once. Safe on any thread.
 */
public final class EmbeddedProvisioner implements Provisioner {
  private static final String RESOURCE =
      """
      INSERT INTO org_resources (org_id, kind, name) VALUES ($1, $2, $3)
      ON CONFLICT (org_id, kind) DO NOTHING
      """;

  // Index: the primary key.
  private static final String NO_RESOURCE =
      "DELETE FROM org_resources WHERE org_id = $1 AND kind = $2";

  // Index: workspaces_default says what is there already.
  private static final String WORKSPACE =
      """
      INSERT INTO workspaces (id, org_id, name, is_default) VALUES ($1, $2, 'default', true)
      ON CONFLICT (org_id) WHERE is_default DO NOTHING
      """;

  // Index: workspaces_living. Those that were there when the org began to go are gone already; this
  // one may have been made since, by a step that had lost.
  private static final String NO_WORKSPACES =
      """
      UPDATE workspaces SET deleted_at = greatest(clock_timestamp(), created_at)
       WHERE org_id = $1 AND deleted_at IS NULL
      """;

  // Index: workspaces_of_org and the primary key. Beats that were under way when it began to go.
  private static final String NO_HEARTBEATS =
      """
      DELETE FROM workspace_heartbeats
       WHERE workspace_id IN (SELECT id FROM workspaces WHERE org_id = $1)
      """;

  private final PostgresPools pools;

  /** Provisions in the database behind {@code pools}. */
  public EmbeddedProvisioner(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public Future<Void> provision(Order order) {
    return switch (order.step()) {
      // The row of the org itself, and the account that its last step opens.
      case RECORD, BILLING -> Future.succeededFuture();
      case DATABASE, NETWORK -> resource(order, "org_" + hex(order));
      case CONSOLE -> resource(order, "/console/" + order.org().slug());
      case WORKSPACE_RUNTIME -> run(WORKSPACE, Tuple.of(Ids.next(), order.org().id()));
    };
  }

  private Future<Void> resource(Order order, String name) {
    return run(RESOURCE, Tuple.of(order.org().id(), order.step().wireName(), name));
  }

  private static String hex(Order order) {
    return order.org().id().toString().replace("-", "");
  }

  @Override
  public Future<Void> release(Order order) {
    return switch (order.step()) {
      case RECORD, BILLING -> Future.succeededFuture();
      case DATABASE, NETWORK, CONSOLE ->
          run(NO_RESOURCE, Tuple.of(order.org().id(), order.step().wireName()));
      case WORKSPACE_RUNTIME ->
          run(NO_WORKSPACES, Tuple.of(order.org().id()))
              .compose(gone -> run(NO_HEARTBEATS, Tuple.of(order.org().id())));
    };
  }

  private Future<Void> run(String sql, Tuple parameters) {
    return pools.query(pools.control(), sql, parameters).mapEmpty();
  }
}
