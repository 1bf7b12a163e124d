package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.atOnce;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.own;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.path;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
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
import org.junit.jupiter.params.provider.ValueSource;

/** What a workspace says of itself by its heartbeats, and what it is told to do. */
class WorkspaceStateTest {
  @AutoClose private static WorkspacesUnderTest workspaces;
  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    workspaces = new WorkspacesUnderTest();
    edge = workspaces.edge;
  }

  @Nested
  class Alive {
    @Test
    void onlineFromItsHeartbeatOnAndOfflineNinetySecondsAfterTheLast() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      JsonObject said = new JsonObject().put("current_task", "think").put("active_tasks", 2);
      HttpResponse<String> answer = edge.post("/registry/heartbeat", token(workspace), said);
      assertThat(ok(answer, 200)).isEqualTo(new JsonObject().put("state", "run"));
      assertThat(answer.headers().firstValue("RateLimit-Policy")).contains("\"key\";q=100;w=10");
      JsonObject shown = ok(edge.get(path(org, workspace), workspaces.partnerKey), 200);
      assertThat(shown.getString("status")).isEqualTo("online");
      assertThat(shown.getString("current_task")).isEqualTo("think");
      assertThat(shown.getInteger("active_tasks")).isEqualTo(2);
      assertThat(shown.getString("last_heartbeat_at")).isNotNull();
      assertThat(ok(edge.get(own(workspace) + "/state", token(workspace)), 200).getString("status"))
          .isEqualTo("online");
      silentFor(workspace, 89);
      assertThat(json(edge.get(path(org, workspace), workspaces.partnerKey)).getString("status"))
          .isEqualTo("online");
      silentFor(workspace, 90);
      assertThat(json(edge.get(path(org, workspace), workspaces.partnerKey)).getString("status"))
          .isEqualTo("offline");
      workspaces.beat(workspace);
      JsonObject again = json(edge.get(path(org, workspace), workspaces.partnerKey));
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
      JsonObject workspace = workspaces.workspace(workspaces.org("pro"));
      String body = "{\"active_tasks\":" + tasks + "}";
      refused(edge.post("/registry/heartbeat", token(workspace), body), 400, "invalid_request");
    }

    @Test
    void manyAtOnceEachWithItsOwnAnswer() throws Exception {
      String org = workspaces.org("enterprise");
      List<JsonObject> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(workspaces.workspace(org));
      }
      JsonObject paused = all.getFirst();
      ok(edge.patch(path(org, paused), workspaces.partnerKey, "{\"state\":\"pause\"}"), 200);
      List<Callable<String>> calls = new ArrayList<>();
      for (JsonObject one : all) {
        for (int i = 0; i < 5; i++) {
          calls.add(() -> ok(workspaces.beat(one), 200).getString("state"));
        }
      }
      List<String> answers = atOnce(calls);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i)).isEqualTo(i < 5 ? "pause" : "run");
      }
      for (JsonObject one : all) {
        assertThat(json(edge.get(path(org, one), workspaces.partnerKey)).getString("status"))
            .isEqualTo("online");
      }
    }
  }

  @Nested
  class ToldWhatToDo {
    @ParameterizedTest
    @ValueSource(strings = {"pause", "stop", "run"})
    void whatItsOrgWants(String state) {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      JsonObject patch = new JsonObject().put("state", state);
      JsonObject edited = ok(edge.patch(path(org, workspace), workspaces.partnerKey, patch), 200);
      assertThat(edited.getString("state")).isEqualTo(state);
      assertThat(ok(workspaces.beat(workspace), 200).getString("state")).isEqualTo(state);
      assertThat(ok(edge.get(own(workspace) + "/state", token(workspace)), 200).getString("state"))
          .isEqualTo(state);
    }

    @Test
    void toPauseWhileItsOrgIsSuspendedAsItsManagersSee() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      ok(edge.post(org + "/suspend", workspaces.partnerKey, ""), 200);
      assertThat(ok(edge.get(path(org, workspace), workspaces.partnerKey), 200).getString("state"))
          .isEqualTo("pause");
      ok(edge.post(org + "/resume", workspaces.partnerKey, ""), 200);
      assertThat(ok(workspaces.beat(workspace), 200).getString("state")).isEqualTo("run");
    }

    @Test
    void aPatchChangesWhatItNamesAlone() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      String patch = "{\"agent_card\":{\"a\":1}}";
      ok(edge.patch(path(org, workspace), workspaces.partnerKey, patch), 200);
      JsonObject renamed =
          ok(edge.patch(path(org, workspace), workspaces.partnerKey, "{\"name\":\"b\"}"), 200);
      assertThat(renamed.getString("name")).isEqualTo("b");
      assertThat(renamed.getJsonObject("agent_card")).isEqualTo(new JsonObject().put("a", 1));
      JsonObject cleared =
          ok(edge.patch(path(org, workspace), workspaces.partnerKey, "{\"agent_card\":null}"), 200);
      assertThat(cleared.getValue("agent_card")).isNull();
      refused(
          edge.patch(path(org, workspace), workspaces.partnerKey, "{\"state\":\"go\"}"),
          400,
          "invalid_request");
    }
  }
}
