package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.edge.RouteTable;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.proxy.RawUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node follows its file of routes, and keeps the last good ones. */
final class RoutesReloadIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;

  @Test
  void whatChangesInTheFileIsInForceSoonAndAFaultChangesNothing() throws IOException {
    Path file = directory.resolve("routes.yaml");
    try (RawUpstream one = RawUpstream.withBody("one");
        RawUpstream two = RawUpstream.withBody("two");
        EdgeNodes nodes =
            EdgeNodes.onSharedStores()
                .with(
                    config ->
                        config.withRoutes(new RoutesConfig(Optional.of(file), RouteTable.EMPTY)))) {
      RunningNode node = nodes.start();
      Made key = node.create("orgs:read");
      assertThat(node.send("GET", "/up", key.secret(), null).statusCode()).isEqualTo(404);

      Files.writeString(file, RouteYaml.of("/up", one, ""));
      awaitBody(node, key, "one");

      Files.writeString(file, RouteYaml.of("/up", two, "").replace("scope:", "scoop:"));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  node.operations("/metrics")
                      .body()
                      .contains("edge_route_reloads_total{reload=\"refused\"} 1"));
      assertThat(node.send("GET", "/up", key.secret(), null).body()).isEqualTo("one");

      Files.delete(file);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  node.operations("/metrics")
                      .body()
                      .contains("edge_route_reloads_total{reload=\"refused\"} 2"));
      assertThat(node.send("GET", "/up", key.secret(), null).body()).isEqualTo("one");

      Files.writeString(file, RouteYaml.of("/up", two, ""));
      Await.result(node.node().reload());
      awaitBody(node, key, "two");
      assertThat(node.operations("/metrics").body()).contains("edge_routes 1.0");
    }
  }

  private static void awaitBody(RunningNode node, Made key, String body) {
    await()
        .atMost(PATIENCE)
        .until(() -> node.send("GET", "/up", key.secret(), null).body().equals(body));
  }
}
