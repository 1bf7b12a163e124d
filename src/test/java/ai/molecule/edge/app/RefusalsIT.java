package ai.molecule.edge.app;

import static ai.molecule.edge.app.Problems.assertProblem;
import static ai.molecule.edge.app.Problems.header;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.credential.ExampleCredentials;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a whole node refuses, status by status. */
final class RefusalsIT {
  private static final String REALM = "Bearer realm=\"partner-edge\"";
  private static final String INVALID = REALM + ", error=\"invalid_token\"";

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made key;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    node = nodes.start();
    key = node.create("orgs:read", "billing:read");
  }

  private static HttpRequest.Builder creation(String body) {
    return node.request("POST", RunningNode.KEYS, EdgeNodes.ADMIN)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  @Nested
  class Returns400 {
    @Test
    void aBodyThatIsNoJson() {
      assertProblem(RunningNode.send(creation("{\"name\":")), 400, "malformed_json");
    }

    @Test
    void membersThatAreUnknownOrTwiceThereOrOfAWrongType() {
      HttpResponse<String> response =
          RunningNode.send(creation("{\"partner_id\":\"acme\",\"nmae\":\"x\",\"scopes\":[\"x\"]}"));
      assertProblem(response, 400, "invalid_request");
      List<Object> pointers =
          new JsonObject(response.body())
              .getJsonArray("errors").stream()
                  .map(error -> (Object) ((JsonObject) error).getString("pointer"))
                  .toList();
      assertThat(pointers).contains("#/nmae", "#/name", "#/scopes/0");
      assertProblem(
          RunningNode.send(creation("{\"name\":\"a\",\"name\":\"b\"}")), 400, "invalid_request");
    }

    @Test
    void aListLimitOutOfBounds() {
      for (String limit : List.of("0", "201", "-1", "x")) {
        assertProblem(
            node.send("GET", RunningNode.KEYS + "?limit=" + limit, EdgeNodes.ADMIN, null),
            400,
            "invalid_request");
      }
    }
  }

  @Nested
  class Returns401 {
    private void assertChallenged(HttpResponse<String> response, String code, String challenge) {
      assertProblem(response, 401, code);
      assertThat(response.headers().allValues("WWW-Authenticate")).containsExactly(challenge);
    }

    @Test
    void withoutACredential() {
      assertChallenged(
          node.send("GET", RunningNode.OWN_KEY, null, null), "credential_missing", REALM);
      assertChallenged(
          node.send("POST", RunningNode.KEYS, null, RunningNode.body()),
          "credential_missing",
          REALM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YTpi", "Bearer a", "mol_pk_live_x"})
    void withAMalformedOne(String header) {
      HttpRequest.Builder request =
          node.request("GET", RunningNode.OWN_KEY, null).header("Authorization", header);
      assertChallenged(RunningNode.send(request), "credential_malformed", INVALID);
    }

    @Test
    void withTwo() {
      HttpRequest.Builder request =
          node.request("GET", RunningNode.OWN_KEY, key.secret())
              .header("Authorization", "Bearer " + key.secret());
      assertChallenged(RunningNode.send(request), "credential_malformed", INVALID);
    }

    private static final List<Named<String>> UNKNOWN =
        List.of(
            Named.of("live key", ExampleCredentials.LIVE_KEY),
            Named.of("test key", ExampleCredentials.TEST_KEY),
            Named.of("workspace token", ExampleCredentials.WORKSPACE_TOKEN),
            Named.of("admin token", "an-admin-token-that-is-none-0123456789"));

    @ParameterizedTest
    @FieldSource("UNKNOWN")
    void withAnUnknownOne(String credential) {
      assertChallenged(node.use(credential), "credential_unknown", INVALID);
    }

    @Test
    void theSecretInTheQueryIsNoCredential() {
      assertChallenged(
          node.send("GET", RunningNode.OWN_KEY + "?access_token=" + key.secret(), null, null),
          "credential_missing",
          REALM);
    }
  }

  @Nested
  class Returns403 {
    @Test
    void withoutTheScopeOnEveryRouteThatManagesKeys() {
      List<HttpResponse<String>> responses =
          List.of(
              node.send("GET", RunningNode.KEYS, key.secret(), null),
              node.send("POST", RunningNode.KEYS, key.secret(), RunningNode.body()),
              node.send("GET", key.path(), key.secret(), null),
              node.send("PATCH", key.path(), key.secret(), new JsonObject().put("name", "x")),
              node.send("POST", key.path() + "/rotate", key.secret(), new JsonObject()),
              node.send("DELETE", RunningNode.KEYS + "/" + node.create().id(), key.secret(), null));
      for (HttpResponse<String> response : responses) {
        assertProblem(response, 403, "insufficient_scope");
        assertThat(header(response, "WWW-Authenticate"))
            .isEqualTo(REALM + ", error=\"insufficient_scope\", scope=\"admin:keys\"");
        assertThat(response.headers().firstValue("RateLimit")).isPresent();
      }
    }

    @Test
    void theAdminHasNoKeyOfItsOwn() {
      assertProblem(node.use(EdgeNodes.ADMIN), 403, "insufficient_scope");
      assertProblem(
          node.send("DELETE", RunningNode.OWN_KEY, EdgeNodes.ADMIN, null),
          403,
          "insufficient_scope");
    }

    @Test
    void aKeyGrantsNothingThatItLacks() {
      Made manager =
          node.create(
              RunningNode.body("admin:keys", "orgs:read").put("rate_limit", 60).put("burst", 600));
      for (JsonObject body :
          List.of(
              asked("orgs:create"),
              asked("orgs:read").put("rate_limit", 61),
              asked("orgs:read").put("burst", 601),
              asked("orgs:read").put("partner_id", "other"))) {
        assertProblem(
            node.send("POST", RunningNode.KEYS, manager.secret(), body), 403, "escalation_refused");
      }
    }

    private JsonObject asked(String scope) {
      return new JsonObject().put("name", "a key").put("scopes", JsonArray.of(scope));
    }
  }

  @Nested
  class Returns404And405 {
    @Test
    void whatDoesNotExist() {
      assertProblem(node.send("GET", "/", key.secret(), null), 404, "not_found");
      assertProblem(node.send("GET", "/cp/partner-key/", key.secret(), null), 404, "not_found");
      assertProblem(
          node.send("GET", RunningNode.KEYS + "/none", EdgeNodes.ADMIN, null), 404, "not_found");
    }

    @Test
    void aMethodThatAPathDoesNotHave() {
      HttpResponse<String> onKeys = node.send("PUT", RunningNode.KEYS, EdgeNodes.ADMIN, null);
      assertProblem(onKeys, 405, "method_not_allowed");
      assertThat(header(onKeys, "Allow")).isEqualTo("GET, HEAD, POST");
      HttpResponse<String> onOwn = node.send("POST", RunningNode.OWN_KEY, key.secret(), null);
      assertProblem(onOwn, 405, "method_not_allowed");
      assertThat(header(onOwn, "Allow")).isEqualTo("DELETE, GET, HEAD");
    }
  }

  @Nested
  class Returns413And415 {
    @Test
    void aBodyOver64KiB() {
      assertProblem(
          RunningNode.send(creation("{\"name\":\"" + "x".repeat(65_536) + "\"}")),
          413,
          "body_too_large");
    }

    @Test
    void anotherMediaType() {
      HttpRequest.Builder request =
          node.request("POST", RunningNode.KEYS, EdgeNodes.ADMIN)
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString("name=x"));
      assertProblem(RunningNode.send(request), 415, "unsupported_media_type");
    }
  }

  @Nested
  class Returns429 {
    @Test
    void whenTheBucketIsEmpty() {
      Made limited = node.createLimited(1, 1);
      assertThat(node.status(limited)).isEqualTo(200);
      HttpResponse<String> response = node.use(limited);
      assertProblem(response, 429, "rate_limited");
      assertThat(Integer.parseInt(header(response, "Retry-After"))).isBetween(1, 60);
      assertThat(header(response, "RateLimit-Policy")).isEqualTo("\"key\";q=1;w=60");
      assertThat(header(response, "RateLimit")).startsWith("\"key\";r=0;t=");
    }
  }
}
