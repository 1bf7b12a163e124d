package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.telemetry.LoggingConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated requests, by a fixed seed, through the edge to servers that others wrote and that read
 * HTTP by rules of their own, and through such servers to the edge: what the one counts is what the
 * other meant to send. {@code -Dedge.differential-cases} makes it a long one, and {@code
 * -Dedge.differential-first} plays the cases from that number on. Skipped, visibly, where a server
 * is not installed.
 */
final class UpstreamDifferentialIT {
  private static final int CASES = Integer.getInteger("edge.differential-cases", 4_000);
  private static final int FIRST = Integer.getInteger("edge.differential-first", 0);
  private static final long SEED = Long.getLong("edge.differential-seed", 20_260_103);

  @TempDir Path directory;

  @Test
  void nginxCountsWhatTheEdgeMeantToForwardAndNothingElse() throws Exception {
    try (CountingUpstream upstream = CountingUpstream.nginx(directory, getClass())) {
      assertNothingIsUnmatched(upstream, null);
    }
  }

  @Test
  void haproxyCountsWhatTheEdgeMeantToForwardAndNothingElse() throws Exception {
    try (CountingUpstream upstream = CountingUpstream.haproxy(directory, getClass())) {
      assertNothingIsUnmatched(upstream, null);
    }
  }

  @Test
  void behindNginxTheEdgeTakesInWhatNginxSentOnAndNothingElse() throws Exception {
    try (CountingUpstream upstream = CountingUpstream.haproxy(directory, getClass())) {
      assertNothingIsUnmatched(
          upstream, node -> ForwardingFront.nginx(directory, node.port(), getClass()));
    }
  }

  @Test
  void behindHaproxyTheEdgeTakesInWhatHaproxySentOnAndNothingElse() throws Exception {
    try (CountingUpstream upstream = CountingUpstream.nginx(directory, getClass())) {
      assertNothingIsUnmatched(
          upstream, node -> ForwardingFront.haproxy(directory, node.port(), getClass()));
    }
  }

  /** Starts a server in front of a node. */
  @FunctionalInterface
  private interface Fronting {
    ForwardingFront of(RunningNode node) throws IOException;
  }

  private static void assertNothingIsUnmatched(
      CountingUpstream upstream, @Nullable Fronting fronting) throws Exception {
    try (EdgeNodes nodes =
        EdgeNodes.onSharedStores()
            .logging(LoggingConfig.Access.ALL)
            .with(
                config ->
                    config.withRoutes(
                        RouteYaml.parse(
                            "routes: [{prefix: /up, upstream: '"
                                + upstream.url()
                                + "', scope: 'orgs:read'}]")))) {
      RunningNode node = nodes.start();
      var plenty =
          RunningNode.body("orgs:read").put("rate_limit", 60_000_000).put("burst", 1_000_000);
      try (ForwardingFront front = fronting == null ? null : fronting.of(node);
          Differential differential =
              new Differential(SEED, node, node.create(plenty), upstream, front)) {
        assertThat(differential.run(FIRST, CASES, System.out::println)).isEmpty();
        assertThat(differential.counts().cases).isEqualTo(CASES);
        assertThat(differential.counts().counted).as("counted").isGreaterThan(CASES / 2);
        assertThat(differential.counts().answersCompared).as("compared").isGreaterThan(CASES / 2);
      }
    }
  }
}
