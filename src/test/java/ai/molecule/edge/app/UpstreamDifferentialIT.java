package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.telemetry.LoggingConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated requests, by a fixed seed, through the edge to servers that others wrote and that read
 * HTTP by rules of their own: what they count is what the edge meant to forward. {@code
 * -Dedge.differential-cases} makes it a long one, and {@code -Dedge.differential-first} plays the
 * cases from that number on. Skipped, visibly, where a server is not installed.
 */
final class UpstreamDifferentialIT {
  private static final int CASES = Integer.getInteger("edge.differential-cases", 4_000);
  private static final int FIRST = Integer.getInteger("edge.differential-first", 0);
  private static final long SEED = Long.getLong("edge.differential-seed", 20_260_103);

  @TempDir Path directory;

  @Test
  void nginxCountsWhatTheEdgeMeantToForwardAndNothingElse() throws Exception {
    try (CountingUpstream upstream = CountingUpstream.nginx(directory, getClass())) {
      assertNothingIsUnmatched(upstream);
    }
  }

  @Test
  void haproxyCountsWhatTheEdgeMeantToForwardAndNothingElse() throws Exception {
    try (CountingUpstream upstream = CountingUpstream.haproxy(directory, getClass())) {
      assertNothingIsUnmatched(upstream);
    }
  }

  private static void assertNothingIsUnmatched(CountingUpstream upstream) throws Exception {
    try (EdgeNodes nodes =
        EdgeNodes.onSharedStores()
            .logging(LoggingConfig.Access.ALL)
            .with(
                config ->
                    config.withRoutes(
                        ForwardingIT.routes(
                            "routes: [{prefix: /up, upstream: '"
                                + upstream.url()
                                + "', scope: 'orgs:read'}]")))) {
      RunningNode node = nodes.start();
      var plenty =
          RunningNode.body("orgs:read").put("rate_limit", 60_000_000).put("burst", 1_000_000);
      try (Differential differential =
          new Differential(SEED, node, node.create(plenty), upstream)) {
        assertThat(differential.run(FIRST, CASES)).isEmpty();
        assertThat(differential.counts().cases).isEqualTo(CASES);
        assertThat(differential.counts().counted).as("counted").isGreaterThan(CASES / 2);
        assertThat(differential.counts().answersCompared).as("compared").isGreaterThan(CASES / 2);
      }
    }
  }
}
