package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Everything stops and starts again: what was acknowledged is still so. */
final class RestartIT {
  @Test
  void keysAndRevocationsAndTimesOfUseSurviveARestartOfEverything() {
    try (PostgresServerHandle postgres = TestStores.startPostgres();
        RedisServerHandle redis = TestStores.startRedis();
        EdgeNodes nodes = EdgeNodes.on(postgres.uri(), redis.uri())) {
      RunningNode before = nodes.start();
      Made alive = before.create();
      Made revoked = before.create();
      Made rotated = before.create();
      Made successor = before.rotate(rotated, 0);
      Made inGrace = before.create();
      Made heir = before.rotate(inGrace, 3600);
      before.revoke(revoked);
      assertThat(before.status(alive)).isEqualTo(200);
      String lastUsed = new JsonObject(before.use(alive).body()).getString("last_used_at");

      nodes.stop(before);
      redis.stop();
      postgres.stop();
      postgres.start();
      redis.start();
      RunningNode after = nodes.start();

      // The drain wrote it: nothing has used the key since.
      assertThat(after.shown(alive).getString("last_used_at")).isEqualTo(lastUsed);
      for (Made dead : new Made[] {revoked, rotated}) {
        assertThat(after.useAtOnce(dead, 4)).allMatch(used -> used.statusCode() == 401);
      }
      // An empty Redis gives nothing out in its first moments.
      for (Made living : new Made[] {alive, successor, inGrace, heir}) {
        await().atMost(Duration.ofSeconds(10)).until(() -> after.status(living) == 200);
      }
      assertThat(after.shown(revoked).getString("status")).isEqualTo("revoked");
      after.revoke(alive);
      assertThat(after.status(alive)).isEqualTo(401);
    }
  }
}
