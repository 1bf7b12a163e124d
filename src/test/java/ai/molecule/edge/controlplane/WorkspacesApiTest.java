package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ids;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.atOnce;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.path;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.token;
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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workspaces over real sockets, stores and jobs: the HTTP contract, section 7. */
class WorkspacesApiTest {
  @AutoClose private static WorkspacesUnderTest workspaces;
  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    workspaces = new WorkspacesUnderTest();
    edge = workspaces.edge;
  }

  @Nested
  class Created {
    @Test
    void withTheWholeObjectAndATokenShownOnce() {
      String org = workspaces.org("starter");
      JsonObject card = new JsonObject().put("skills", new JsonArray().add("a").add(1.5));
      JsonObject body =
          new JsonObject().put("name", "mine").put("runtime", "external").put("agent_card", card);
      HttpResponse<String> response = edge.post(org + "/workspaces", workspaces.partnerKey, body);
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
      JsonObject shown = ok(edge.get(path(org, made), workspaces.partnerKey), 200);
      assertThat(shown.containsKey("token")).isFalse();
      made.remove("token");
      made.remove("token_id");
      assertThat(shown).isEqualTo(made);
    }

    @Test
    void besideTheDefaultWorkspaceAndListedNewestFirst() {
      String org = workspaces.org("starter");
      JsonObject first = workspaces.workspace(org);
      JsonObject second = workspaces.workspace(org);
      HttpResponse<String> all = edge.get(org + "/workspaces", workspaces.partnerKey);
      assertThat(ids(all)).hasSize(3).startsWith(second.getString("id"), first.getString("id"));
      JsonObject oldest = json(all).getJsonArray("data").getJsonObject(2);
      assertThat(oldest.getBoolean("is_default")).isTrue();
      JsonObject page = ok(edge.get(org + "/workspaces?limit=1", workspaces.partnerKey), 200);
      assertThat(page.getJsonArray("data")).hasSize(1);
      String next = org + "/workspaces?limit=1&cursor=" + page.getString("next_cursor");
      assertThat(ids(edge.get(next, workspaces.partnerKey))).containsExactly(first.getString("id"));
    }

    @Test
    void onceHoweverOftenTheCallIsRepeated() {
      String org = workspaces.org("starter");
      String first = repeated(org + "/workspaces", workspaces.partnerKey, "{\"name\":\"a\"}");
      String workspace = new JsonObject(first).getString("id");
      assertThat(ids(edge.get(org + "/workspaces", workspaces.partnerKey))).hasSize(2);
      repeated(org + "/workspaces/" + workspace + "/tokens", workspaces.partnerKey, "{}");
      String token = new JsonObject(first).getString("token");
      repeated("/workspaces/" + workspace + "/tokens", token, "{}");
      assertThat(ids(edge.get("/workspaces/" + workspace + "/tokens", token))).hasSize(3);
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
          refused(edge.post("/cp/orgs/none/workspaces", ADMIN, body), 400, "invalid_request");
      JsonObject error = problem.getJsonArray("errors").getJsonObject(0);
      assertThat(error.getString("pointer")).isEqualTo(pointer);
      assertThat(error.getString("code")).isEqualTo(code);
    }
  }

  @Nested
  class Capped {
    @Test
    void byThePlanTheDefaultWorkspaceCounting() {
      String org = workspaces.org("free");
      workspaces.workspace(org);
      JsonObject third = workspaces.workspace(org);
      JsonObject problem =
          refused(
              edge.post(org + "/workspaces", workspaces.partnerKey, "{\"name\":\"a\"}"),
              409,
              "workspace_limit");
      assertThat(problem.getInteger("limit")).isEqualTo(3);
      assertThat(edge.delete(path(org, third), workspaces.partnerKey).statusCode()).isEqualTo(204);
      workspaces.workspace(org);
    }

    @Test
    void beforeProvisioningHasMadeTheDefaultOne() {
      UUID id = edge.org("acme");
      edge.query("UPDATE orgs SET plan = 'free' WHERE id = $1", id);
      String org = "/cp/orgs/" + id;
      workspaces.workspace(org);
      workspaces.workspace(org);
      refused(
          edge.post(org + "/workspaces", workspaces.partnerKey, "{\"name\":\"a\"}"),
          409,
          "workspace_limit");
    }

    @Test
    void notOnALargePlan() {
      String org = workspaces.org("pro");
      for (int i = 0; i < 11; i++) {
        workspaces.workspace(org);
      }
    }

    @Test
    void whateverRunsAtOnce() throws Exception {
      String org = workspaces.org("starter");
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(
            () ->
                edge.post(org + "/workspaces", workspaces.partnerKey, "{\"name\":\"a\"}")
                    .statusCode());
      }
      // On a machine that is busy some may have waited for the lock for too long.
      assertThat(atOnce(calls)).isSubsetOf(201, 409, 503);
      assertThat(ids(edge.get(org + "/workspaces", workspaces.partnerKey)))
          .hasSizeLessThanOrEqualTo(10);
      await()
          .until(
              () ->
                  edge.post(org + "/workspaces", workspaces.partnerKey, "{\"name\":\"a\"}")
                          .statusCode()
                      == 409);
      assertThat(ids(edge.get(org + "/workspaces", workspaces.partnerKey))).hasSize(10);
    }
  }
}
