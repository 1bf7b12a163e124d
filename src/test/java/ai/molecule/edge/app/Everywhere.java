package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/** What all nodes say of a key, on all their event loops. */
record Everywhere(EdgeNodes nodes) {
  private static final int AT_ONCE = 4;

  /** Uses the key on a random choice of nodes, on all their loops: it is warm there then. */
  void warmSomewhere(Made key) {
    for (RunningNode node : nodes.all()) {
      if (ThreadLocalRandom.current().nextBoolean()) {
        assertAdmitted(node, key);
      }
    }
  }

  /** Every node serves the key. */
  void assertAdmitted(Made key) {
    nodes.all().forEach(node -> assertAdmitted(node, key));
  }

  private static void assertAdmitted(RunningNode node, Made key) {
    assertThat(node.useAtOnce(key, AT_ONCE)).allMatch(used -> used.statusCode() == 200);
  }

  /** Every node refuses the key so. */
  void assertRefused(Made key, int status, String code) {
    for (RunningNode node : nodes.all()) {
      assertThat(node.useAtOnce(key, AT_ONCE))
          .allSatisfy(
              response -> {
                assertThat(response.statusCode()).isEqualTo(status);
                assertThat(code(response)).isEqualTo(code);
              });
    }
  }

  /** Changes keys, warm and cold, through any node, and looks everywhere at once. */
  void repeatedly(int times, BiConsumer<RunningNode, Made> change, int status, String code) {
    for (int i = 0; i < times; i++) {
      Made key = nodes.any().create();
      warmSomewhere(key);
      change.accept(nodes.any(), key);
      assertRefused(key, status, code);
    }
  }

  /** The code of a problem. */
  static String code(HttpResponse<String> response) {
    return new JsonObject(response.body()).getString("code");
  }
}
