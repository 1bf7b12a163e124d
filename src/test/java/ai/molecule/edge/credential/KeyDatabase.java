package ai.molecule.edge.credential;

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

/** A migrated database of a test class's own, and the pools of two nodes on it. */
final class KeyDatabase implements AutoCloseable {
  static final AuditContext AUDIT = new AuditContext(Actor.ADMIN, "key.changed", "request-1");

  final Vertx vertx = Vertx.vertx();
  final PostgresPools pools;
  final KeyStore store;

  KeyDatabase() {
    this(TestStores.freshDatabase());
  }

  KeyDatabase(String uri) {
    PostgresConfig config = PostgresConfig.defaults(uri);
    Await.result(new Migrations(vertx, config, Duration.ofSeconds(60), told -> {}).migrate());
    this.pools = PostgresPools.create(vertx, config);
    this.store = new KeyStore(pools);
  }

  KeyRecord created(KeyDraft draft) {
    return Await.result(store.create(draft.record(), AUDIT)).key();
  }

  UUID org(String partnerId, String status) {
    UUID id = UUID.randomUUID();
    query(
        "INSERT INTO orgs (id, partner_id, slug, status) VALUES ($1, $2, $3, $4)",
        id,
        partnerId,
        "org-" + id.toString().substring(0, 8),
        status);
    return id;
  }

  void orgStatus(UUID id, String status) {
    query("UPDATE orgs SET status = $2, status_at = now() WHERE id = $1", id, status);
  }

  RowSet<Row> query(String sql, Object... parameters) {
    return Await.result(pools.query(pools.control(), sql, Tuple.from(parameters)));
  }

  long count(String sql, Object... parameters) {
    return query(sql, parameters).iterator().next().getLong(0);
  }

  @Override
  public void close() {
    Await.result(pools.close());
    Await.result(vertx.close());
  }
}
