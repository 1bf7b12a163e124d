package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Workspaces and their tokens over real sockets, stores and jobs: the HTTP contract, section 7. */
class WorkspacesApiTest {
  private static final AtomicInteger SLUGS = new AtomicInteger();

  private static ControlPlaneUnderTest edge;
  private static String partnerKey;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest().withJobs();
    JsonObject body =
        ControlPlaneUnderTest.body(
            "orgs:create",
            "orgs:read",
            "orgs:manage",
            "orgs:delete",
            "workspaces:read",
            "workspaces:manage");
    partnerKey = edge.created(body.put("rate_limit", 1_000_000)).getString("key");
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  private static HttpResponse<String> post(String path, String credential, Object body) {
    return edge.send("POST", path, credential, body);
  }

  private static HttpResponse<String> get(String path, String credential) {
    return edge.send("GET", path, credential, null);
  }

  private static HttpResponse<String> delete(String path, String credential) {
    return edge.send("DELETE", path, credential, null);
  }

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  private static JsonObject ok(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return json(response);
  }

  private static JsonObject refused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(json(response).getString("code")).isEqualTo(code);
    return json(response);
  }

  /** The path of a running org on that plan. */
  private static String org(String plan) {
    String slug = "ws-org-" + SLUGS.incrementAndGet();
    JsonObject body = new JsonObject().put("slug", slug).put("name", "An org").put("plan", plan);
    ok(post("/cp/orgs", partnerKey, body), 201);
    String path = "/cp/orgs/" + slug;
    await().until(() -> json(get(path, ADMIN)).getString("status").equals("running"));
    return path;
  }

  private static JsonObject workspace(String org) {
    return ok(post(org + "/workspaces", partnerKey, "{\"name\":\"a\"}"), 201);
  }

  private static String path(String org, JsonObject workspace) {
    return org + "/workspaces/" + workspace.getString("id");
  }

  private static String own(JsonObject workspace) {
    return "/workspaces/" + workspace.getString("id");
  }

  private static String token(JsonObject issued) {
    return issued.getString("token");
  }

  private static HttpResponse<String> beat(JsonObject workspace) {
    return post("/registry/heartbeat", token(workspace), "{}");
  }

  private static List<String> ids(HttpResponse<String> listed) {
    List<String> ids = new ArrayList<>();
    ok(listed, 200)
        .getJsonArray("data")
        .forEach(one -> ids.add(((JsonObject) one).getString("id")));
    return ids;
  }

  private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
    List<T> results = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<T> done : pool.invokeAll(calls)) {
        results.add(done.get());
      }
    }
    return results;
  }

  @Nested
  class Created {
    @Test
    void withTheWholeObjectAndATokenShownOnce() {
      String org = org("starter");
      JsonObject card = new JsonObject().put("skills", new JsonArray().add("a").add(1.5));
      JsonObject body =
          new JsonObject().put("name", "mine").put("runtime", "external").put("agent_card", card);
      HttpResponse<String> response = post(org + "/workspaces", partnerKey, body);
      JsonObject made = ok(response, 201);
      assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(response.headers().firstValue("Location")).contains(path(org, made));
      assertThat(token(made)).matches("mol_ws_[0-9A-Za-z]{38}");
      assertThat(made.getString("name")).isEqualTo("mine");
      assertThat(made.getString("runtime")).isEqualTo("external");
      assertThat(made.getJsonObject("agent_card")).isEqualTo(card);
      assertThat(made.getBoolean("is_default")).isFalse();
      assertThat(made.getString("status")).isEqualTo("offline");
      assertThat(made.getString("state")).isEqualTo("run");
      assertThat(made.getValue("last_heartbeat_at")).isNull();
      JsonObject shown = ok(get(path(org, made), partnerKey), 200);
      assertThat(shown.containsKey("token")).isFalse();
      made.remove("token");
      made.remove("token_id");
      assertThat(shown).isEqualTo(made);
    }

    @Test
    void besideTheDefaultWorkspaceAndListedNewestFirst() {
      String org = org("starter");
      JsonObject first = workspace(org);
      JsonObject second = workspace(org);
      HttpResponse<String> all = get(org + "/workspaces", partnerKey);
      assertThat(ids(all)).hasSize(3).startsWith(second.getString("id"), first.getString("id"));
      JsonObject oldest = json(all).getJsonArray("data").getJsonObject(2);
      assertThat(oldest.getBoolean("is_default")).isTrue();
      JsonObject page = ok(get(org + "/workspaces?limit=1", partnerKey), 200);
      assertThat(page.getJsonArray("data")).hasSize(1);
      String next = org + "/workspaces?limit=1&cursor=" + page.getString("next_cursor");
      assertThat(ids(get(next, partnerKey))).containsExactly(first.getString("id"));
    }

    @Test
    void onceHoweverOftenTheCallIsRepeated() {
      String org = org("starter");
      String first = repeated(org + "/workspaces", partnerKey, "{\"name\":\"a\"}");
      String workspace = new JsonObject(first).getString("id");
      assertThat(ids(get(org + "/workspaces", partnerKey))).hasSize(2);
      repeated(org + "/workspaces/" + workspace + "/tokens", partnerKey, "{}");
      String token = new JsonObject(first).getString("token");
      repeated("/workspaces/" + workspace + "/tokens", token, "{}");
      assertThat(ids(get("/workspaces/" + workspace + "/tokens", token))).hasSize(3);
    }

    private String repeated(String path, String credential, String body) {
      String idempotencyKey = UUID.randomUUID().toString();
      List<String> bodies = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        HttpRequest.Builder request =
            edge.request("POST", path, credential)
                .header("Idempotency-Key", idempotencyKey)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        HttpResponse<String> response = edge.send(request);
        assertThat(ok(response, 201).getString("token")).startsWith("mol_ws_");
        assertThat(response.headers().firstValue("Idempotent-Replayed").isPresent())
            .isEqualTo(i == 1);
        bodies.add(response.body());
      }
      assertThat(bodies.getLast()).isEqualTo(bodies.getFirst());
      return bodies.getFirst();
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "{} | #/name | required",
          "{\"name\":\" \"} | #/name | blank",
          "{\"name\":\"a\",\"runtime\":\"docker\"} | #/runtime | unknown_value",
          "{\"name\":\"a\",\"agent_card\":[]} | #/agent_card | wrong_type",
          "{\"name\":\"a\",\"agent_card\":{\"n\":1e999}} | #/agent_card | out_of_range",
          "{\"name\":\"a\",\"id\":\"x\"} | #/id | unknown_member"
        })
    void notFromABadBody(String body, String pointer, String code) {
      JsonObject problem =
          refused(post("/cp/orgs/none/workspaces", ADMIN, body), 400, "invalid_request");
      JsonObject error = problem.getJsonArray("errors").getJsonObject(0);
      assertThat(error.getString("pointer")).isEqualTo(pointer);
      assertThat(error.getString("code")).isEqualTo(code);
    }
  }

  @Nested
  class Capped {
    @Test
    void byThePlanTheDefaultWorkspaceCounting() {
      String org = org("free");
      workspace(org);
      JsonObject third = workspace(org);
      JsonObject problem =
          refused(
              post(org + "/workspaces", partnerKey, "{\"name\":\"a\"}"), 409, "workspace_limit");
      assertThat(problem.getInteger("limit")).isEqualTo(3);
      assertThat(delete(path(org, third), partnerKey).statusCode()).isEqualTo(204);
      workspace(org);
    }

    @Test
    void beforeProvisioningHasMadeTheDefaultOne() {
      UUID id = edge.org("acme");
      edge.query("UPDATE orgs SET plan = 'free' WHERE id = $1", id);
      String org = "/cp/orgs/" + id;
      workspace(org);
      workspace(org);
      refused(post(org + "/workspaces", partnerKey, "{\"name\":\"a\"}"), 409, "workspace_limit");
    }

    @Test
    void notOnALargePlan() {
      String org = org("pro");
      for (int i = 0; i < 11; i++) {
        workspace(org);
      }
    }

    @Test
    void whateverRunsAtOnce() throws Exception {
      String org = org("starter");
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(() -> post(org + "/workspaces", partnerKey, "{\"name\":\"a\"}").statusCode());
      }
      // On a machine that is busy some may have waited for the lock for too long.
      assertThat(atOnce(calls)).isSubsetOf(201, 409, 503);
      assertThat(ids(get(org + "/workspaces", partnerKey))).hasSizeLessThanOrEqualTo(10);
      await()
          .until(
              () -> post(org + "/workspaces", partnerKey, "{\"name\":\"a\"}").statusCode() == 409);
      assertThat(ids(get(org + "/workspaces", partnerKey))).hasSize(10);
    }
  }

  @Nested
  class Alive {
    @Test
    void onlineFromItsHeartbeatOnAndOfflineNinetySecondsAfterTheLast() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      JsonObject said = new JsonObject().put("current_task", "think").put("active_tasks", 2);
      HttpResponse<String> answer = post("/registry/heartbeat", token(workspace), said);
      assertThat(ok(answer, 200)).isEqualTo(new JsonObject().put("state", "run"));
      assertThat(answer.headers().firstValue("RateLimit-Policy")).contains("\"key\";q=100;w=10");
      JsonObject shown = ok(get(path(org, workspace), partnerKey), 200);
      assertThat(shown.getString("status")).isEqualTo("online");
      assertThat(shown.getString("current_task")).isEqualTo("think");
      assertThat(shown.getInteger("active_tasks")).isEqualTo(2);
      assertThat(shown.getString("last_heartbeat_at")).isNotNull();
      assertThat(ok(get(own(workspace) + "/state", token(workspace)), 200).getString("status"))
          .isEqualTo("online");
      silentFor(workspace, 89);
      assertThat(json(get(path(org, workspace), partnerKey)).getString("status"))
          .isEqualTo("online");
      silentFor(workspace, 90);
      assertThat(json(get(path(org, workspace), partnerKey)).getString("status"))
          .isEqualTo("offline");
      beat(workspace);
      JsonObject again = json(get(path(org, workspace), partnerKey));
      assertThat(again.getString("status")).isEqualTo("online");
      assertThat(again.getValue("current_task")).isNull();
      assertThat(again.getInteger("active_tasks")).isZero();
    }

    private void silentFor(JsonObject workspace, int seconds) {
      edge.query(
          "UPDATE workspace_heartbeats SET at = clock_timestamp() - $2 * interval '1 second'"
              + " WHERE workspace_id = $1",
          UUID.fromString(workspace.getString("id")),
          (double) seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "-1", "1.5", "true"})
    void notWithTasksThatAreNoNumber(String tasks) {
      JsonObject workspace = workspace(org("pro"));
      String body = "{\"active_tasks\":" + tasks + "}";
      refused(post("/registry/heartbeat", token(workspace), body), 400, "invalid_request");
    }

    @Test
    void manyAtOnceEachWithItsOwnAnswer() throws Exception {
      String org = org("enterprise");
      List<JsonObject> workspaces = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        workspaces.add(workspace(org));
      }
      JsonObject paused = workspaces.getFirst();
      ok(edge.send("PATCH", path(org, paused), partnerKey, "{\"state\":\"pause\"}"), 200);
      List<Callable<String>> calls = new ArrayList<>();
      for (JsonObject one : workspaces) {
        for (int i = 0; i < 5; i++) {
          calls.add(() -> ok(beat(one), 200).getString("state"));
        }
      }
      List<String> answers = atOnce(calls);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i)).isEqualTo(i < 5 ? "pause" : "run");
      }
      for (JsonObject one : workspaces) {
        assertThat(json(get(path(org, one), partnerKey)).getString("status")).isEqualTo("online");
      }
    }
  }

  @Nested
  class ToldWhatToDo {
    @ParameterizedTest
    @ValueSource(strings = {"pause", "stop", "run"})
    void whatItsOrgWants(String state) {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      JsonObject patch = new JsonObject().put("state", state);
      JsonObject edited = ok(edge.send("PATCH", path(org, workspace), partnerKey, patch), 200);
      assertThat(edited.getString("state")).isEqualTo(state);
      assertThat(ok(beat(workspace), 200).getString("state")).isEqualTo(state);
      assertThat(ok(get(own(workspace) + "/state", token(workspace)), 200).getString("state"))
          .isEqualTo(state);
    }

    @Test
    void toPauseWhileItsOrgIsSuspendedAsItsManagersSee() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      ok(post(org + "/suspend", partnerKey, ""), 200);
      assertThat(ok(get(path(org, workspace), partnerKey), 200).getString("state"))
          .isEqualTo("pause");
      ok(post(org + "/resume", partnerKey, ""), 200);
      assertThat(ok(beat(workspace), 200).getString("state")).isEqualTo("run");
    }

    @Test
    void aPatchChangesWhatItNamesAlone() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      String patch = "{\"agent_card\":{\"a\":1}}";
      ok(edge.send("PATCH", path(org, workspace), partnerKey, patch), 200);
      JsonObject renamed =
          ok(edge.send("PATCH", path(org, workspace), partnerKey, "{\"name\":\"b\"}"), 200);
      assertThat(renamed.getString("name")).isEqualTo("b");
      assertThat(renamed.getJsonObject("agent_card")).isEqualTo(new JsonObject().put("a", 1));
      JsonObject cleared =
          ok(edge.send("PATCH", path(org, workspace), partnerKey, "{\"agent_card\":null}"), 200);
      assertThat(cleared.getValue("agent_card")).isNull();
      refused(
          edge.send("PATCH", path(org, workspace), partnerKey, "{\"state\":\"go\"}"),
          400,
          "invalid_request");
    }
  }

  @Nested
  class Tokens {
    @Test
    void aLostOneIsReplacedAndTheOldOneRevoked() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      HttpResponse<String> response = post(path(org, workspace) + "/tokens", partnerKey, "");
      JsonObject fresh = ok(response, 201);
      assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(fresh.getString("prefix")).isEqualTo(token(fresh).substring(0, 11));
      assertThat(fresh.getString("workspace_id")).isEqualTo(workspace.getString("id"));
      String old = workspace.getString("token_id");
      String tokens = own(workspace) + "/tokens";
      assertThat(ids(get(tokens, token(fresh)))).containsExactly(fresh.getString("id"), old);
      assertThat(delete(tokens + "/" + old, token(fresh)).statusCode()).isEqualTo(204);
      refused(beat(workspace), 401, "key_revoked");
      assertThat(delete(tokens + "/" + old, token(fresh)).statusCode()).isEqualTo(204);
      assertThat(ids(get(tokens, token(fresh)))).containsExactly(fresh.getString("id"));
      assertThat(ids(get(path(org, workspace) + "/tokens", partnerKey)))
          .containsExactly(fresh.getString("id"));
    }

    @Test
    void itsOwnersCanRevokeALeakedOne() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      String leaked = path(org, workspace) + "/tokens/" + workspace.getString("token_id");
      assertThat(delete(leaked, partnerKey).statusCode()).isEqualTo(204);
      refused(beat(workspace), 401, "key_revoked");
    }

    @Test
    void oneCanRevokeItself() {
      JsonObject workspace = workspace(org("starter"));
      String self = own(workspace) + "/tokens/" + workspace.getString("token_id");
      assertThat(delete(self, token(workspace)).statusCode()).isEqualTo(204);
      refused(beat(workspace), 401, "key_revoked");
    }

    @Test
    void tenAtATimeWhateverRunsAtOnce() throws Exception {
      JsonObject workspace = workspace(org("starter"));
      String tokens = own(workspace) + "/tokens";
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(() -> post(tokens, token(workspace), "{}").statusCode());
      }
      assertThat(atOnce(calls)).isSubsetOf(201, 409, 503);
      assertThat(ids(get(tokens, token(workspace)))).hasSizeLessThanOrEqualTo(10);
      await().until(() -> post(tokens, token(workspace), "{}").statusCode() == 409);
      assertThat(ids(get(tokens, token(workspace)))).hasSize(10);
      HttpResponse<String> refused = post(tokens, token(workspace), "{}");
      assertThat(refused(refused, 409, "token_limit").getInteger("limit")).isEqualTo(10);
    }

    @Test
    void reachTheirOwnWorkspaceAlone() {
      String org = org("starter");
      JsonObject one = workspace(org);
      JsonObject other = workspace(org);
      String[][] calls = {
        {"GET", "/state"},
        {"GET", "/tokens"},
        {"POST", "/tokens"},
        {"DELETE", "/tokens/" + other.getString("token_id")}
      };
      for (String[] call : calls) {
        for (String id : List.of(other.getString("id"), UUID.randomUUID().toString(), "x")) {
          refused(
              edge.send(call[0], "/workspaces/" + id + call[1], token(one), null),
              404,
              "not_found");
        }
      }
      String strange = own(one) + "/tokens/" + other.getString("token_id");
      refused(delete(strange, token(one)), 404, "not_found");
      ok(beat(other), 200);
    }

    @Test
    void areNoPartnerKeys() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      String id = workspace.getString("token_id");
      for (ControlRoute route : ControlPlaneUnderTest.offline()) {
        String template = route.spec().template();
        if (template.startsWith("/cp/")) {
          String path = template.replaceAll("\\{slug}", "x").replaceAll("\\{[a-z]+}", id);
          HttpResponse<String> response =
              edge.send(route.method().name(), path, token(workspace), null);
          refused(response, 403, "insufficient_scope");
        }
      }
      refused(get("/cp/admin/partner-keys/" + id, ADMIN), 404, "not_found");
      refused(delete("/cp/admin/partner-keys/" + id, ADMIN), 404, "not_found");
      String orgId = workspace.getString("org_id");
      assertThat(ids(get("/cp/admin/partner-keys?org_id=" + orgId, ADMIN))).isEmpty();
      ok(beat(workspace), 200);
    }

    @Test
    void areNotReplacedByKeysOrTheAdmin() {
      JsonObject workspace = workspace(org("starter"));
      for (String credential : List.of(partnerKey, ADMIN)) {
        refused(post("/registry/heartbeat", credential, "{}"), 403, "insufficient_scope");
        refused(get(own(workspace) + "/state", credential), 403, "insufficient_scope");
        refused(get(own(workspace) + "/tokens", credential), 403, "insufficient_scope");
      }
    }
  }

  @Nested
  class Dead {
    @Test
    void withTheirWorkspace() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      beat(workspace);
      assertThat(delete(path(org, workspace), partnerKey).statusCode()).isEqualTo(204);
      refused(beat(workspace), 401, "key_revoked");
      refused(get(path(org, workspace), partnerKey), 404, "not_found");
      refused(delete(path(org, workspace), partnerKey), 404, "not_found");
      refused(post(path(org, workspace) + "/tokens", partnerKey, "{}"), 404, "not_found");
      assertThat(ids(get(org + "/workspaces", partnerKey)))
          .doesNotContain(workspace.getString("id"));
      assertThat(edge.audited(workspace)).containsExactly("workspace.created", "workspace.deleted");
    }

    @Test
    void withTheirOrgWhoseWorkspacesKeepTheirTimes() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      ok(delete(org, partnerKey), 202);
      refused(beat(workspace), 401, "key_revoked");
      boolean closed =
          edge.query(
                  "SELECT deleted_at >= created_at FROM workspaces WHERE id = $1",
                  UUID.fromString(workspace.getString("id")))
              .iterator()
              .next()
              .getBoolean(0);
      assertThat(closed).isTrue();
    }

    @Test
    void whileTheirOrgIsSuspended() {
      String org = org("starter");
      JsonObject workspace = workspace(org);
      ok(post(org + "/suspend", partnerKey, ""), 200);
      refused(beat(workspace), 403, "org_suspended");
      refused(get(own(workspace) + "/state", token(workspace)), 403, "org_suspended");
      JsonObject made = workspace(org);
      refused(beat(made), 403, "org_suspended");
      ok(post(org + "/resume", partnerKey, ""), 200);
      ok(beat(workspace), 200);
      ok(beat(made), 200);
    }
  }
}
