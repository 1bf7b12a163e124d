package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * For every key and every interval of Δ seconds, admitted ≤ burst + rate·Δ over all nodes together,
 * and not much less. Clients ask for many times the limit, on two nodes of two event loops.
 */
final class LimitIT {
  private static final long REQUESTS_MAX = 60_000;

  @AutoClose private static EdgeNodes nodes;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().start(2);
  }

  // A minute's rate, the burst, and how many to be admitted before it ends. Each burst is more than
  // a second's rate, so that a machine that stops for a moment loses nothing. The first two lease
  // nothing, the others do.
  @ParameterizedTest
  @CsvSource({"300, 20, 30", "3000, 100, 200", "12000, 600, 1200", "60000, 3000, 5000"})
  void everyIntervalHoldsWhileManyTimesTheLimitIsAskedFor(int rate, int burst, long admissions) {
    Made key = nodes.any().createLimited(rate, burst);
    try (Load load = Load.on(nodes.all(), key, 4)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> load.admitted() >= admissions || load.answered() >= REQUESTS_MAX);
      List<Load.Sample> samples = load.stop();
      AdmissionLog log = new AdmissionLog(samples, rate, burst);

      assertThat(samples).allMatch(sample -> sample.status() == 200 || sample.status() == 429);
      assertThat(samples)
          .filteredOn(sample -> sample.status() == 429)
          .allMatch(sample -> sample.retryAfter().matches("[1-9][0-9]*"));
      log.assertWithinLimit();
      assertThat(log.share()).as("admitted of what the limit gave out").isGreaterThan(0.9);
    }
  }

  @Test
  void anotherKeyIsNotAskedToPayForAKeyThatIsOverItsLimit() {
    Made greedy = nodes.any().createLimited(60, 10);
    Made modest = nodes.any().createLimited(1, 20);
    try (Load load = Load.on(nodes.all(), greedy, 4)) {
      await().until(() -> load.samples(sample -> sample.status() == 429).size() > 100);
      for (int i = 0; i < 20; i++) {
        assertThat(nodes.any().status(modest)).isEqualTo(200);
      }
      assertThat(nodes.any().status(modest)).isEqualTo(429);
    }
  }
}
