package ai.molecule.edge.app;

import static ai.molecule.edge.app.EdgeNodes.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.controlplane.webhooks.Receiver;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The life of an org as its partner is told of it, by whole nodes. */
class WebhooksIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void aPartnerIsToldOfTheWholeLifeOfAnOrgWhicheverNodeLives() {
    Vertx vertx = Vertx.vertx();
    try (EdgeNodes nodes = EdgeNodes.onSharedStores();
        Receiver receiver = Receiver.of(vertx, 200);
        Receiver ofOrg = Receiver.of(vertx, 200);
        Receiver foreign = Receiver.of(vertx, 200)) {
      RunningNode first = nodes.start();
      RunningNode second = nodes.start();
      RunningNode.Made key = first.create("webhooks:manage", "orgs:create", "orgs:delete");
      String partner = key.object().getString("partner_id");
      String secret = webhook(first, key.secret(), receiver.url());
      webhook(first, ADMIN, new JsonObject().put("partner_id", "rival"), foreign.url());

      JsonObject org = new JsonObject().put("slug", "storied").put("name", "Storied");
      HttpResponse<String> made = second.send("POST", "/cp/orgs", key.secret(), org);
      assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
      String id = new JsonObject(made.body()).getString("id");
      awaitTypes(receiver, "org.created", "org.running");
      RunningNode.Made orgKey =
          second.create(
              RunningNode.body("webhooks:manage").put("partner_id", partner).put("org_id", id));
      webhook(second, orgKey.secret(), ofOrg.url());

      // What the first node would have delivered, the second does.
      nodes.stop(first);
      assertThat(second.send("DELETE", "/cp/orgs/storied", key.secret(), null).statusCode())
          .isEqualTo(202);
      awaitTypes(receiver, "org.created", "org.running", "billing.closed", "org.deleted");
      // Its own keys are dead by then, but its webhook is told.
      awaitTypes(ofOrg, "billing.closed", "org.deleted");
      assertThat(receiver.sent).allMatch(sent -> sent.isSignedWith(secret));
      assertThat(foreign.sent).isEmpty();
      assertThat(second.operations("/metrics").body())
          .contains("edge_webhook_attempts_seconds_count{webhook_outcome=\"delivered\"")
          .contains("edge_webhook_lag");
    } finally {
      vertx.close();
    }
  }

  private static String webhook(RunningNode node, String credential, String url) {
    return webhook(node, credential, new JsonObject(), url);
  }

  private static String webhook(RunningNode node, String credential, JsonObject body, String url) {
    HttpResponse<String> made =
        node.send(
            "POST",
            "/cp/webhooks",
            credential,
            body.put("url", url)
                .put(
                    "events",
                    List.of("org.created", "org.running", "org.deleted", "billing.closed")));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return new JsonObject(made.body()).getString("secret");
  }

  private static void awaitTypes(Receiver receiver, String... types) {
    await().atMost(PATIENCE).until(() -> types(receiver).containsAll(Set.of(types)));
    assertThat(types(receiver)).containsExactlyInAnyOrder(types);
  }

  private static Set<String> types(Receiver receiver) {
    Set<String> types = new HashSet<>();
    receiver.sent.forEach(sent -> types.add(new JsonObject(sent.body()).getString("type")));
    return types;
  }
}
