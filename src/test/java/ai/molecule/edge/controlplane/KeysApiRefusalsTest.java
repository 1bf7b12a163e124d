package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.bytes;
import static ai.molecule.edge.controlplane.Answers.header;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.pointers;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.KEYS;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.UNKNOWN_KEY;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the keys API does not understand or cannot do now, and that nothing of it is applied. */
class KeysApiRefusalsTest {
  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  @Nested
  class Returns400 {
    @Test
    void namingEverythingThatIsWrongAndApplyingNothing() {
      HttpResponse<String> response =
          edge.post(
              KEYS,
              ADMIN,
              "{\"name\":\"\",\"scopes\":[\"x\"],\"partner_id\":\"acme\",\"a/b\":1,\"burst\":0}");
      assertThat(pointers(response))
          .containsExactlyInAnyOrder("#/name", "#/scopes/0", "#/scopes", "#/a~1b", "#/burst");
      JsonObject key = edge.created("orgs:read");
      edge.patch(path(key), ADMIN, "{\"name\":\"other\",\"burst\":0}");
      assertThat(json(edge.get(path(key), ADMIN)).getString("name")).isEqualTo("a key");
    }

    @Test
    void toAnOrgBeyondReachTheSameAsToAnUnknownOne() {
      UUID foreign = edge.org("other");
      UUID own = edge.org("acme");
      JsonObject manager = edge.manager("orgs:read");
      JsonObject orgManager =
          edge.created(body("orgs:read", "admin:keys").put("org_id", own.toString()));
      for (String credential :
          List.of(ADMIN, manager.getString("key"), orgManager.getString("key"))) {
        HttpResponse<String> beyond =
            edge.create(credential, body("orgs:read").put("org_id", foreign.toString()));
        HttpResponse<String> unknown =
            edge.create(credential, body("orgs:read").put("org_id", UUID.randomUUID().toString()));
        assertThat(pointers(beyond)).containsExactly("#/org_id");
        assertThat(bytes(beyond)).isEqualTo(bytes(unknown));
      }
      HttpResponse<String> bound = edge.create(orgManager.getString("key"), body("orgs:read"));
      assertThat(json(bound).getString("org_id")).isEqualTo(own.toString());
    }

    @Test
    void toAnOrgKeyThatShouldCreateOrgs() {
      UUID org = edge.org("acme");
      HttpResponse<String> response =
          edge.create(ADMIN, body("orgs:read", "orgs:create").put("org_id", org.toString()));
      assertThat(pointers(response)).containsExactly("#/scopes/1");
    }

    @ParameterizedTest
    @CsvSource({
      "status=gone,?status",
      "status=,?status",
      "limit=0,?limit",
      "limit=201,?limit",
      "limit=ten,?limit",
      "limit=99999999999,?limit",
      "cursor=x,?cursor",
      "org_id=x,?org_id",
      "partner_id=A,?partner_id",
      "page=2,?page",
      "limit=1&limit=1,?limit",
      "a%20b=1,?a%20b",
    })
    void toQueriesThatAreNotUnderstood(String query, String pointer) {
      assertThat(pointers(edge.get(KEYS + "?" + query, ADMIN))).containsExactly(pointer);
      assertThat(pointers(edge.get(UNKNOWN_KEY + "?x=1", ADMIN))).containsExactly("?x");
    }

    @Test
    void toWhatIsNoJson() {
      refused(edge.post(KEYS, ADMIN, "{"), 400, "malformed_json");
      refused(edge.post(KEYS, ADMIN, "{} {}"), 400, "malformed_json");
      refused(edge.patch(UNKNOWN_KEY, ADMIN, "nope"), 400, "malformed_json");
      assertThat(pointers(edge.post(KEYS, ADMIN, "[]"))).containsExactly("#");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "604801", "1.5", "\"60\""})
    void toAGraceOutOfBounds(String seconds) {
      JsonObject key = edge.created("orgs:read");
      assertThat(pointers(edge.rotate(key, ADMIN, "{\"grace_seconds\":" + seconds + "}")))
          .containsExactly("#/grace_seconds");
    }
  }

  @Nested
  class Returns405 {
    @ParameterizedTest
    @CsvSource({
      "PUT,/cp/admin/partner-keys,'GET, HEAD, POST'",
      "DELETE,/cp/admin/partner-keys,'GET, HEAD, POST'",
      "POST,/cp/admin/partner-keys/x,'DELETE, GET, HEAD, PATCH'",
      "OPTIONS,/cp/admin/partner-keys/x,'DELETE, GET, HEAD, PATCH'",
      "GET,/cp/admin/partner-keys/x/rotate,POST",
      "POST,/cp/partner-key,'DELETE, GET, HEAD'",
    })
    void withTheMethodsThereAre(String method, String path, String allow) {
      HttpResponse<String> response = edge.send(method, path, ADMIN, null);
      refused(response, 405, "method_not_allowed");
      assertThat(header(response, "Allow")).isEqualTo(allow);
    }
  }

  @Nested
  class Returns409 {
    @Test
    void alreadyRotated() {
      JsonObject key = edge.created("orgs:read");
      assertThat(edge.rotate(key, ADMIN, null).statusCode()).isEqualTo(201);
      refused(edge.rotate(key, ADMIN, null), 409, "already_rotated");
    }

    @Test
    void wrongStateToChangesOfAKeyThatHasEnded() {
      JsonObject key = edge.created("orgs:read");
      edge.delete(path(key), ADMIN);
      refused(edge.rotate(key, ADMIN, null), 409, "wrong_state");
      refused(edge.patch(path(key), ADMIN, "{\"disabled\":false}"), 409, "wrong_state");
    }
  }

  @Nested
  class Returns415 {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "text/plain",
          "application/jsonx",
          "application/json; charset=latin1",
          "application/merge-patch+json",
          "application/x-www-form-urlencoded",
        })
    void toOtherMediaTypes(String mediaType) {
      HttpResponse<String> response =
          edge.send(
              edge.request("POST", KEYS, ADMIN)
                  .header("Content-Type", mediaType)
                  .method("POST", BodyPublishers.ofString(body("orgs:read").encode())));
      refused(response, 415, "unsupported_media_type");
    }

    @Test
    void toNoneAndToCompressedBodies() {
      refused(edge.post(KEYS, ADMIN, null), 415, "unsupported_media_type");
      refused(
          edge.send(
              edge.request("POST", KEYS, ADMIN)
                  .header("Content-Type", "application/json")
                  .header("Content-Encoding", "gzip")
                  .method("POST", BodyPublishers.ofString("{}"))),
          415,
          "unsupported_media_type");
    }
  }

  @Nested
  class Returns429 {
    @Test
    void toAKeyWhoseLimitIsUsedUp() {
      String credential =
          edge.created(body("admin:keys").put("rate_limit", 1).put("burst", 2)).getString("key");
      assertThat(edge.get(KEYS, credential).statusCode()).isEqualTo(200);
      assertThat(edge.get(KEYS, credential).statusCode()).isEqualTo(200);
      HttpResponse<String> response = edge.get(KEYS, credential);
      refused(response, 429, "rate_limited");
      assertThat(header(response, "RateLimit-Policy")).isEqualTo("\"key\";q=2;w=120");
      assertThat(header(response, "Retry-After")).isNotNull();
      // The holder of a leaked, exhausted key can still kill it.
      assertThat(edge.delete("/cp/partner-key", credential).statusCode()).isEqualTo(204);
    }
  }
}
