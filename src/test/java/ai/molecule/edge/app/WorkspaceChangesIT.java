package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.controlplane.WorkspacesConfig;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What ends a workspace token is in force on every node when it is answered, as it is for keys. Two
 * nodes of two event loops each; tokens are warm on both, on one or on none.
 */
final class WorkspaceChangesIT {
  private static final AtomicInteger SLUGS = new AtomicInteger();

  @AutoClose private static EdgeNodes nodes;

  @BeforeAll
  static void start() {
    WorkspacesConfig shipped = WorkspacesConfig.defaults();
    WorkspacesConfig roomy =
        new WorkspacesConfig(
            shipped.quota(), new Limit(600_000, 100_000), shipped.heartbeatsWaitingMax());
    nodes = EdgeNodes.onSharedStores().with(config -> config.withWorkspaces(roomy)).start(2);
  }

  /** A workspace of an org of its own. */
  private record Made(String org, String id, String tokenId, String token) {
    String own() {
      return "/workspaces/" + id;
    }

    String path() {
      return org + "/workspaces/" + id;
    }
  }

  private static JsonObject answered(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return response.body().isEmpty() ? new JsonObject() : new JsonObject(response.body());
  }

  private static JsonObject admin(RunningNode node, String method, String path, int status) {
    return answered(
        node.send(method, path, EdgeNodes.ADMIN, "POST".equals(method) ? "" : null), status);
  }

  private static String org() {
    String slug = "tokens-" + SLUGS.incrementAndGet();
    JsonObject body = new JsonObject().put("slug", slug).put("name", "n").put("plan", "pro");
    answered(
        nodes.any().send("POST", "/cp/orgs", EdgeNodes.ADMIN, body.put("partner_id", "acme")), 201);
    String path = "/cp/orgs/" + slug;
    await().until(() -> admin(nodes.any(), "GET", path, 200).getString("status").equals("running"));
    return path;
  }

  private static Made workspace(String org) {
    JsonObject made =
        answered(
            nodes.any().send("POST", org + "/workspaces", EdgeNodes.ADMIN, "{\"name\":\"w\"}"),
            201);
    return new Made(org, made.getString("id"), made.getString("token_id"), made.getString("token"));
  }

  private static void warmSomewhere(Made workspace) {
    for (RunningNode node : nodes.all()) {
      if (ThreadLocalRandom.current().nextBoolean()) {
        assertAdmitted(node, workspace);
      }
    }
  }

  private static void assertAdmitted(RunningNode node, Made workspace) {
    assertThat(node.getAtOnce(workspace.own() + "/state", workspace.token(), 4))
        .allSatisfy(used -> assertThat(used.statusCode()).as(used.body()).isEqualTo(200));
  }

  private static void assertRefusedEverywhere(Made workspace, int status, String code) {
    for (RunningNode node : nodes.all()) {
      assertThat(node.getAtOnce(workspace.own() + "/state", workspace.token(), 4))
          .allSatisfy(used -> assertThat(answered(used, status).getString("code")).isEqualTo(code));
    }
  }

  private static void repeatedly(int times, String org, BiConsumer<RunningNode, Made> change) {
    for (int i = 0; i < times; i++) {
      Made workspace = workspace(org);
      warmSomewhere(workspace);
      change.accept(nodes.any(), workspace);
      assertRefusedEverywhere(workspace, 401, "key_revoked");
    }
  }

  private static void revoke(RunningNode node, Made workspace) {
    String path = workspace.own() + "/tokens/" + workspace.tokenId();
    answered(node.send("DELETE", path, workspace.token(), null), 204);
  }

  @Test
  void aRevokedTokenIsRefusedOnTheNextRequestOnEveryNode() {
    repeatedly(40, org(), WorkspaceChangesIT::revoke);
  }

  @Test
  void theTokensOfADeletedWorkspaceAreRefusedOnTheNextRequestOnEveryNode() {
    repeatedly(20, org(), (node, workspace) -> admin(node, "DELETE", workspace.path(), 204));
  }

  @Test
  void theTokensOfADeletedOrgAreRefusedOnTheNextRequestOnEveryNode() {
    for (int i = 0; i < 5; i++) {
      String org = org();
      List<Made> all = List.of(workspace(org), workspace(org));
      all.forEach(WorkspaceChangesIT::warmSomewhere);
      admin(nodes.any(), "DELETE", org, 202);
      all.forEach(one -> assertRefusedEverywhere(one, 401, "key_revoked"));
    }
  }

  @Test
  void theTokensOfASuspendedOrgAreRefusedUntilItIsResumedOnEveryNode() {
    String org = org();
    Made workspace = workspace(org);
    for (int i = 0; i < 10; i++) {
      warmSomewhere(workspace);
      admin(nodes.any(), "POST", org + "/suspend", 200);
      assertRefusedEverywhere(workspace, 403, "org_suspended");
      admin(nodes.any(), "POST", org + "/resume", 200);
      nodes.all().forEach(node -> assertAdmitted(node, workspace));
    }
  }

  @Test
  void nothingThatStartsAfterTheAnswerIsAdmittedWhileTheWorkspaceGoesOn() {
    String org = org();
    Load.Afterwards all = new Load.Afterwards(0, 0);
    for (int i = 0; i < 40; i++) {
      Made workspace = workspace(org);
      try (Load load = Load.on(nodes.all(), workspace.own() + "/state", workspace.token(), 2)) {
        all = all.plus(load.through(() -> revoke(nodes.any(), workspace)));
      }
    }
    assertThat(all.admitted()).as("admitted though sent after the 204").isZero();
    assertThat(all.refused()).isGreaterThan(200);
  }

  @Test
  void aHeartbeatTakenByOneNodeIsSeenOnTheOtherByTheNextRequest() {
    String org = org();
    for (int i = 0; i < 20; i++) {
      Made workspace = workspace(org);
      String said = "{\"current_task\":\"think\",\"active_tasks\":3}";
      answered(nodes.node(0).send("POST", "/registry/heartbeat", workspace.token(), said), 200);
      JsonObject seen = admin(nodes.node(1), "GET", workspace.path(), 200);
      assertThat(seen.getString("status")).isEqualTo("online");
      assertThat(seen.getInteger("active_tasks")).isEqualTo(3);
    }
  }

  @Test
  void aTokenHasItsOwnLimitAndSaysWhenItWasLastUsed() {
    Made workspace = workspace(org());
    HttpResponse<String> used =
        nodes.node(0).send("GET", workspace.own() + "/state", workspace.token(), null);
    assertThat(used.headers().firstValue("RateLimit-Policy")).hasValue("\"key\";q=100000;w=10");
    await()
        .until(
            () ->
                admin(nodes.node(1), "GET", workspace.path() + "/tokens", 200)
                        .getJsonArray("data")
                        .getJsonObject(0)
                        .getString("last_used_at")
                    != null);
  }
}
