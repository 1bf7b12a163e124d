package ai.molecule.edge.app;

import static ai.molecule.edge.app.EdgeNodes.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Orgs on whole nodes, three of them: what one does to an org, all know when it answers. */
class OrgsIT {
  private static final int KEYS = 30;

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode first;
  private static RunningNode second;
  private static RunningNode third;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    first = nodes.start();
    second = nodes.start();
    third = nodes.start();
  }

  private static JsonObject org(String slug) {
    JsonObject body =
        new JsonObject().put("slug", slug).put("name", "An org").put("partner_id", "acme");
    HttpResponse<String> made = first.send("POST", "/cp/orgs", ADMIN, body);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return new JsonObject(made.body());
  }

  private static RunningNode.Made key(JsonObject org) {
    JsonObject body = RunningNode.body("orgs:read").put("org_id", org.getString("id"));
    return second.create(body.put("partner_id", "acme").put("rate_limit", 100_000));
  }

  private static int status(RunningNode node, String path) {
    return node.send("GET", path, ADMIN, null).statusCode();
  }

  private static void awaitRunning(String slug) {
    await()
        .until(
            () ->
                new JsonObject(third.send("GET", "/cp/orgs/" + slug, ADMIN, null).body())
                    .getString("status")
                    .equals("running"));
  }

  @Test
  void everyKeyOfAnOrgIsRefusedOnEveryNodeOnceItIsSuspendedOrDeleted() {
    JsonObject org = org("three-nodes");
    awaitRunning("three-nodes");
    RunningNode.Made[] keys = new RunningNode.Made[KEYS];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = key(org);
    }
    assertAll(keys, 200);
    assertThat(third.send("POST", "/cp/orgs/three-nodes/suspend", ADMIN, null).statusCode())
        .isEqualTo(200);
    assertAll(keys, 403);
    assertThat(first.send("POST", "/cp/orgs/three-nodes/resume", ADMIN, null).statusCode())
        .isEqualTo(200);
    assertAll(keys, 200);
    assertThat(second.send("DELETE", "/cp/orgs/three-nodes", ADMIN, null).statusCode())
        .isEqualTo(202);
    assertAll(keys, 401);
    await().until(() -> status(third, "/cp/orgs/three-nodes") == 404);
    assertThat(status(third, "/console/three-nodes")).isEqualTo(404);
  }

  private static void assertAll(RunningNode.Made[] keys, int expected) {
    for (RunningNode.Made key : keys) {
      for (RunningNode node : new RunningNode[] {first, second, third}) {
        assertThat(node.status(key)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aPipelineTakesTwoCalls() {
    JsonObject org =
        new JsonObject().put("slug", "ci-run-1").put("name", "CI").put("ephemeral", true);
    RunningNode.Made key =
        first.create(RunningNode.body("orgs:read").put("partner_id", "acme").put("org", org));
    assertThat(second.send("GET", "/cp/orgs/ci-run-1", key.secret(), null).statusCode())
        .isEqualTo(200);
    awaitRunning("ci-run-1");
    second.revoke(key);
    assertThat(first.status(key)).isEqualTo(401);
    HttpResponse<String> after = third.send("GET", "/cp/orgs/ci-run-1", ADMIN, null);
    assertThat(after.body()).doesNotContain("running");
    await().until(() -> status(third, "/cp/orgs/ci-run-1") == 404);
    JsonObject gone =
        new JsonObject(first.send("GET", "/cp/orgs?status=deleted", ADMIN, null).body());
    assertThat(gone.toString()).contains("ci-run-1");
  }
}
