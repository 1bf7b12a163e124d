package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.node.EdgeVertx;
import ai.molecule.edge.postgres.Await;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** That a blocked event loop does not go unnoticed in the suites over whole nodes. */
final class BlockedLoopsTest {
  @Test
  void anEventLoopThatSleepsIsReported() {
    try (BlockedLoops blocked = BlockedLoops.watch()) {
      EdgeVertx edge = EdgeVertx.create(1);
      edge.vertx()
          .runOnContext(
              ignored -> {
                long until = System.nanoTime() + 600_000_000;
                while (System.nanoTime() < until) {
                  LockSupport.parkNanos(100_000_000);
                }
              });

      await().until(() -> !blocked.reports().isEmpty());

      assertThat(edge.meters().eventLoopsBlocked()).isPositive();
      Await.result(edge.vertx().close());
    }
  }
}
