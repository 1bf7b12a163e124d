package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.stores.TestStores;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One of two nodes loses its stores and does not know it: a revocation through the other is still
 * strict, since it waits the lost node's session out.
 */
final class CutOffIT {
  private static final Duration RECOVERY = Duration.ofSeconds(20);

  private EdgeNodes nodes;
  private RunningNode whole;
  private RunningNode lost;
  private Wire toPostgres;
  private Wire toRedis;

  @BeforeEach
  void start() {
    nodes = EdgeNodes.onSharedStores().impatient();
    toPostgres = Wire.to(nodes.postgresUri());
    toRedis = Wire.to(TestStores.redisUri());
    whole = nodes.start();
    lost = nodes.start(toPostgres.uri(), toRedis.uri());
  }

  @AfterEach
  void stop() {
    toPostgres.mend();
    toRedis.mend();
    nodes.close();
    toPostgres.close();
    toRedis.close();
  }

  /** Revokes while the lost node is in use, and counts what it admits too late. */
  private void revokesStrictly(List<Wire> cuts, List<Integer> allowed) {
    Made key = whole.create();
    try (Load load = Load.on(List.of(lost), key, 4)) {
      await().atMost(RECOVERY).until(() -> load.admitted() >= 50);
      cuts.forEach(Wire::cut);
      long before = load.answered();
      await().atMost(RECOVERY).until(() -> load.answered() >= before + 10);

      whole.revoke(key);

      long answeredNanos = System.nanoTime();
      long goal = load.answered() + 8;
      await().atMost(RECOVERY).until(() -> load.answered() >= goal);
      List<Load.Sample> samples = load.stop();
      assertThat(samples)
          .filteredOn(sample -> sample.sentNanos() - answeredNanos >= 0)
          .isNotEmpty()
          .allMatch(sample -> allowed.contains(sample.status()));
    }
    assertThat(whole.status(key)).isEqualTo(401);
  }

  @Test
  void aNodeCutOffFromPostgresAdmitsNothingRevoked() {
    revokesStrictly(List.of(toPostgres), List.of(401));
  }

  @Test
  void aNodeCutOffFromBothStoresAdmitsNothingRevoked() {
    revokesStrictly(List.of(toPostgres, toRedis), List.of(401, 503));
  }

  @Test
  void aNodeThatIsBackServesFromItsCacheAgain() {
    Made key = whole.create();
    assertThat(lost.status(key)).isEqualTo(200);
    toPostgres.cut();
    await().atMost(RECOVERY).until(() -> sessionValid(lost, 0));
    assertThat(lost.status(key)).isEqualTo(200);

    toPostgres.mend();

    await().atMost(RECOVERY).until(() -> sessionValid(lost, 1));
    assertThat(lost.status(key)).isEqualTo(200);
    whole.revoke(key);
    assertThat(lost.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 401);
  }

  private static boolean sessionValid(RunningNode node, int value) {
    return node.operations("/metrics").body().contains("edge_session_valid " + value + ".0");
  }

  @Test
  void aNodeWhoseListeningConnectionBreaksAgainAndAgainAdmitsNothingRevoked() {
    PostgresEye postgres = new PostgresEye(nodes.postgresUri());
    for (int i = 0; i < 20; i++) {
      Made key = whole.create();
      assertThat(lost.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 200);
      postgres.texts(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
              + " 'partner-edge-coherence' AND datname = current_database()");
      // The revoking node's own connection may be the one that is gone: then it says so.
      await().atMost(RECOVERY).until(() -> whole.tryRevoke(key).statusCode() == 204);
      assertThat(lost.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 401);
      assertThat(whole.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 401);
    }
  }
}
