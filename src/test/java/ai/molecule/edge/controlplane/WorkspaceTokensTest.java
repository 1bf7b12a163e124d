package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ids;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.atOnce;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.own;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.path;
import static ai.molecule.edge.controlplane.WorkspacesUnderTest.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

/** The tokens of workspaces: what they reach, and when they are dead. */
class WorkspaceTokensTest {
  @AutoClose private static WorkspacesUnderTest workspaces;
  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    workspaces = new WorkspacesUnderTest();
    edge = workspaces.edge;
  }

  @Nested
  class Tokens {
    @Test
    void aLostOneIsReplacedAndTheOldOneRevoked() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      HttpResponse<String> response =
          edge.post(path(org, workspace) + "/tokens", workspaces.partnerKey, "");
      JsonObject fresh = ok(response, 201);
      assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(fresh.getString("prefix")).isEqualTo(token(fresh).substring(0, 11));
      assertThat(fresh.getString("workspace_id")).isEqualTo(workspace.getString("id"));
      String old = workspace.getString("token_id");
      String tokens = own(workspace) + "/tokens";
      assertThat(ids(edge.get(tokens, token(fresh)))).containsExactly(fresh.getString("id"), old);
      assertThat(edge.delete(tokens + "/" + old, token(fresh)).statusCode()).isEqualTo(204);
      refused(workspaces.beat(workspace), 401, "key_revoked");
      assertThat(edge.delete(tokens + "/" + old, token(fresh)).statusCode()).isEqualTo(204);
      assertThat(ids(edge.get(tokens, token(fresh)))).containsExactly(fresh.getString("id"));
      assertThat(ids(edge.get(path(org, workspace) + "/tokens", workspaces.partnerKey)))
          .containsExactly(fresh.getString("id"));
    }

    @Test
    void itsOwnersCanRevokeALeakedOne() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      String leaked = path(org, workspace) + "/tokens/" + workspace.getString("token_id");
      assertThat(edge.delete(leaked, workspaces.partnerKey).statusCode()).isEqualTo(204);
      refused(workspaces.beat(workspace), 401, "key_revoked");
    }

    @Test
    void oneCanRevokeItself() {
      JsonObject workspace = workspaces.workspace(workspaces.org("starter"));
      String self = own(workspace) + "/tokens/" + workspace.getString("token_id");
      assertThat(edge.delete(self, token(workspace)).statusCode()).isEqualTo(204);
      refused(workspaces.beat(workspace), 401, "key_revoked");
    }

    @Test
    void tenAtATimeWhateverRunsAtOnce() throws Exception {
      JsonObject workspace = workspaces.workspace(workspaces.org("starter"));
      String tokens = own(workspace) + "/tokens";
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(() -> edge.post(tokens, token(workspace), "{}").statusCode());
      }
      assertThat(atOnce(calls)).isSubsetOf(201, 409, 503);
      assertThat(ids(edge.get(tokens, token(workspace)))).hasSizeLessThanOrEqualTo(10);
      await().until(() -> edge.post(tokens, token(workspace), "{}").statusCode() == 409);
      assertThat(ids(edge.get(tokens, token(workspace)))).hasSize(10);
      HttpResponse<String> refused = edge.post(tokens, token(workspace), "{}");
      assertThat(refused(refused, 409, "token_limit").getInteger("limit")).isEqualTo(10);
    }

    @Test
    void reachTheirOwnWorkspaceAlone() {
      String org = workspaces.org("starter");
      JsonObject one = workspaces.workspace(org);
      JsonObject other = workspaces.workspace(org);
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
      refused(edge.delete(strange, token(one)), 404, "not_found");
      ok(workspaces.beat(other), 200);
    }

    @Test
    void areNoPartnerKeys() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
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
      refused(edge.get("/cp/admin/partner-keys/" + id, ADMIN), 404, "not_found");
      refused(edge.delete("/cp/admin/partner-keys/" + id, ADMIN), 404, "not_found");
      String orgId = workspace.getString("org_id");
      assertThat(ids(edge.get("/cp/admin/partner-keys?org_id=" + orgId, ADMIN))).isEmpty();
      ok(workspaces.beat(workspace), 200);
    }

    @Test
    void areNotReplacedByKeysOrTheAdmin() {
      JsonObject workspace = workspaces.workspace(workspaces.org("starter"));
      for (String credential : List.of(workspaces.partnerKey, ADMIN)) {
        refused(edge.post("/registry/heartbeat", credential, "{}"), 403, "insufficient_scope");
        refused(edge.get(own(workspace) + "/state", credential), 403, "insufficient_scope");
        refused(edge.get(own(workspace) + "/tokens", credential), 403, "insufficient_scope");
      }
    }
  }

  @Nested
  class Dead {
    @Test
    void withTheirWorkspace() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      workspaces.beat(workspace);
      assertThat(edge.delete(path(org, workspace), workspaces.partnerKey).statusCode())
          .isEqualTo(204);
      refused(workspaces.beat(workspace), 401, "key_revoked");
      refused(edge.get(path(org, workspace), workspaces.partnerKey), 404, "not_found");
      refused(edge.delete(path(org, workspace), workspaces.partnerKey), 404, "not_found");
      refused(
          edge.post(path(org, workspace) + "/tokens", workspaces.partnerKey, "{}"),
          404,
          "not_found");
      assertThat(ids(edge.get(org + "/workspaces", workspaces.partnerKey)))
          .doesNotContain(workspace.getString("id"));
      assertThat(edge.audited(workspace)).containsExactly("workspace.created", "workspace.deleted");
    }

    @Test
    void withTheirOrgWhoseWorkspacesKeepTheirTimes() {
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      ok(edge.delete(org, workspaces.partnerKey), 202);
      refused(workspaces.beat(workspace), 401, "key_revoked");
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
      String org = workspaces.org("starter");
      JsonObject workspace = workspaces.workspace(org);
      ok(edge.post(org + "/suspend", workspaces.partnerKey, ""), 200);
      refused(workspaces.beat(workspace), 403, "org_suspended");
      refused(edge.get(own(workspace) + "/state", token(workspace)), 403, "org_suspended");
      JsonObject made = workspaces.workspace(org);
      refused(workspaces.beat(made), 403, "org_suspended");
      ok(edge.post(org + "/resume", workspaces.partnerKey, ""), 200);
      ok(workspaces.beat(workspace), 200);
      ok(workspaces.beat(made), 200);
    }
  }
}
