package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.bytes;
import static ai.molecule.edge.controlplane.Answers.header;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.KEYS;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.UNKNOWN_KEY;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.path;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.ExampleCredentials;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what with keys; what is out of reach is the same as what does not exist. */
class KeysApiAccessTest {
  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  @Nested
  class Returns401 {
    @ParameterizedTest
    @CsvSource({
      "POST,''",
      "GET,''",
      "GET,/x",
      "PATCH,/x",
      "DELETE,/x",
      "POST,/x/rotate",
    })
    void withoutACredential(String method, String path) {
      HttpResponse<String> response = edge.send(method, KEYS + path, null, null);
      refused(response, 401, "credential_missing");
      assertThat(header(response, "WWW-Authenticate")).isEqualTo("Bearer realm=\"partner-edge\"");
    }

    @Test
    void withAnUnknownOne() {
      String unknown = ExampleCredentials.LIVE_KEY;
      refused(edge.get(KEYS, unknown), 401, "credential_unknown");
      refused(edge.create(unknown, body("orgs:read")), 401, "credential_unknown");
    }
  }

  @Nested
  class Returns403 {
    @Test
    void toAKeyWithoutAdminKeysOnEveryRoute() {
      String weak = edge.created("orgs:read", "orgs:manage").getString("key");
      List<HttpResponse<String>> responses =
          List.of(
              edge.create(weak, body("orgs:read")),
              edge.get(KEYS, weak),
              edge.get(UNKNOWN_KEY, weak),
              edge.patch(UNKNOWN_KEY, weak, "{}"),
              edge.delete(UNKNOWN_KEY, weak),
              edge.delete(KEYS + "/no-uuid", weak),
              edge.post(UNKNOWN_KEY + "/rotate", weak, null));
      for (HttpResponse<String> response : responses) {
        refused(response, 403, "insufficient_scope");
        assertThat(header(response, "WWW-Authenticate"))
            .contains("error=\"insufficient_scope\", scope=\"admin:keys\"");
      }
    }

    @Test
    void toAKeyThatGrantsMoreThanItHas() {
      JsonObject manager = edge.created(body("orgs:read", "admin:keys").put("rate_limit", 100));
      String credential = manager.getString("key");
      for (JsonObject asked :
          List.of(
              body("orgs:delete"),
              body("orgs:read").put("rate_limit", 101),
              body("orgs:read").put("burst", 101),
              body("orgs:read").put("tier", "gold"),
              body("orgs:read").put("partner_id", "other"))) {
        refused(edge.create(credential, asked), 403, "escalation_refused");
      }
      refused(
          edge.patch(path(manager), credential, "{\"rate_limit\":101}"), 403, "escalation_refused");
    }

    @Test
    void toARotationOfAStrongerKey() {
      JsonObject strong = edge.created("orgs:delete");
      String credential = edge.manager("orgs:read").getString("key");
      refused(edge.rotate(strong, credential, null), 403, "escalation_refused");
      assertThat(edge.delete(path(strong), credential).statusCode()).isEqualTo(204);
    }

    @Test
    void toATestKeyThatMakesALiveOne() {
      JsonObject tester = edge.created(body("admin:keys").put("environment", "test"));
      refused(
          edge.create(tester.getString("key"), body("admin:keys").put("environment", "live")),
          403,
          "escalation_refused");
    }

    @Test
    void toTheAdminAsIfItWereAKey() {
      refused(edge.delete("/cp/partner-key", ADMIN), 403, "insufficient_scope");
    }
  }

  @Nested
  class Returns404 {
    @Test
    void toAForeignKeyTheSameAsToAnUnknownOne() {
      JsonObject foreign =
          edge.created(body("orgs:read").put("partner_id", ControlPlaneUnderTest.partner()));
      String credential = edge.manager("orgs:read").getString("key");
      for (String suffix : List.of("GET", "PATCH", "DELETE", "POST /rotate")) {
        String method = suffix.split(" ")[0];
        String tail = suffix.substring(method.length()).strip();
        String sent = method.equals("PATCH") ? "{\"name\":\"n\"}" : null;
        HttpResponse<String> other = edge.send(method, path(foreign) + tail, credential, sent);
        HttpResponse<String> unknown = edge.send(method, UNKNOWN_KEY + tail, credential, sent);
        HttpResponse<String> noId = edge.send(method, KEYS + "/x" + tail, credential, sent);
        refused(other, 404, "not_found");
        assertThat(bytes(other)).isEqualTo(bytes(unknown)).isEqualTo(bytes(noId));
      }
      assertThat(json(edge.get(path(foreign), ADMIN)).getString("status")).isEqualTo("active");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/cp",
          "/cp/admin",
          "/cp/admin/partner-keys/",
          "/cp/admin/partner-keys/x/",
          "/cp/admin/partner-keys/x/rotate/",
          "/cp/admin/partner-keys/x/y",
          "/cp/partner-key/",
          "/CP/partner-key",
        })
    void toPathsThatAreNotThere(String path) {
      refused(edge.get(path, ADMIN), 404, "not_found");
    }
  }
}
