package ai.molecule.edge.app;

import static ai.molecule.edge.app.Problems.assertProblem;
import static ai.molecule.edge.app.Problems.header;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a whole node answers what it grants, status by status, and under which request id. */
final class AnswersIT {
  @AutoClose private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made key;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    node = nodes.start();
    key = node.create("orgs:read", "billing:read");
  }

  @Nested
  class RequestIds {
    @ParameterizedTest
    @ValueSource(strings = {"a", "0189-f.e_d", "AZaz09._-"})
    void aFitIdIsEchoed(String id) {
      for (String path : List.of(RunningNode.OWN_KEY, RunningNode.KEYS, "/nowhere")) {
        HttpRequest.Builder request =
            node.request("GET", path, key.secret()).header("X-Request-Id", id);
        assertThat(header(RunningNode.send(request), "X-Request-Id")).isEqualTo(id);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "{}", "a,b", "ä"})
    void anUnfitOneIsReplaced(String id) {
      HttpRequest.Builder request =
          node.request("GET", RunningNode.OWN_KEY, key.secret()).header("X-Request-Id", id);
      assertThat(header(RunningNode.send(request), "X-Request-Id"))
          .isNotEqualTo(id)
          .matches("[A-Za-z0-9._-]{1,128}");
    }

    @Test
    void oneOf128CharactersIsEchoedAndOneMoreIsReplaced() {
      String longest = "x".repeat(128);
      HttpRequest.Builder fits =
          node.request("GET", RunningNode.OWN_KEY, key.secret()).header("X-Request-Id", longest);
      HttpRequest.Builder tooLong =
          node.request("GET", RunningNode.OWN_KEY, key.secret())
              .header("X-Request-Id", longest + "x");
      assertThat(header(RunningNode.send(fits), "X-Request-Id")).isEqualTo(longest);
      assertThat(header(RunningNode.send(tooLong), "X-Request-Id")).doesNotStartWith(longest);
    }

    @Test
    void freshOnesDiffer() {
      assertThat(header(node.use(key), "X-Request-Id"))
          .isNotEqualTo(header(node.use(key), "X-Request-Id"));
    }
  }

  @Nested
  class Returns200 {
    @Test
    void headIsGetWithoutABody() {
      HttpResponse<String> head = node.send("HEAD", RunningNode.OWN_KEY, key.secret(), null);
      HttpResponse<String> get = node.use(key);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(header(head, "Content-Type")).isEqualTo(header(get, "Content-Type"));
      assertThat(header(head, "RateLimit-Policy")).isEqualTo(header(get, "RateLimit-Policy"));
      assertThat(head.headers().firstValue("RateLimit")).isPresent();
    }

    @Test
    void aQueryWithoutAParameterIsNone() {
      for (String path : List.of(RunningNode.OWN_KEY, "/cp/orgs")) {
        assertThat(node.send("GET", path + "?", key.secret(), null).statusCode()).isEqualTo(200);
        assertProblem(node.send("GET", path + "?a", key.secret(), null), 400, "invalid_request");
      }
    }

    @Test
    void theKeyObjectHasItsMembersAndNoSecret() {
      JsonObject own = new JsonObject(node.use(key).body());
      assertThat(own.fieldNames())
          .containsExactlyInAnyOrder(
              "id",
              "name",
              "description",
              "partner_id",
              "org_id",
              "environment",
              "prefix",
              "last4",
              "scopes",
              "tier",
              "rate_limit",
              "burst",
              "ip_allow",
              "status",
              "lineage_id",
              "predecessor_id",
              "successor_id",
              "grace_until",
              "created_by",
              "created_at",
              "expires_at",
              "revoked_at",
              "last_used_at",
              "ephemeral_org",
              "metadata");
      assertThat(own.getString("prefix")).isEqualTo(key.secret().substring(0, 16));
      assertThat(own.getString("last4")).isEqualTo(key.secret().substring(46));
      assertThat(own.getJsonArray("scopes")).isEqualTo(JsonArray.of("orgs:read", "billing:read"));
    }

    @Test
    void theSchemeOfTheCredentialHasNoCase() {
      for (String scheme : List.of("bearer ", "BEARER ", "bEaReR   ")) {
        HttpRequest.Builder request =
            node.request("GET", RunningNode.OWN_KEY, null)
                .header("Authorization", scheme + key.secret());
        assertThat(RunningNode.send(request).statusCode()).isEqualTo(200);
      }
    }
  }

  @Nested
  class Returns201 {
    @Test
    void theSecretIsShownOnceAndNotCached() {
      HttpResponse<String> created =
          node.send("POST", RunningNode.KEYS, EdgeNodes.ADMIN, RunningNode.body());
      assertThat(created.statusCode()).isEqualTo(201);
      assertThat(header(created, "Cache-Control")).isEqualTo("no-store");
      JsonObject object = new JsonObject(created.body());
      HttpResponse<String> read =
          node.send("GET", header(created, "Location"), EdgeNodes.ADMIN, null);
      assertThat(new JsonObject(read.body()).getString("id")).isEqualTo(object.getString("id"));
      assertThat(read.body()).doesNotContain("\"key\"").doesNotContain(object.getString("key"));
    }

    @Test
    void aTestKeySaysSo() {
      Made test = node.create(RunningNode.body().put("environment", "test"));
      assertThat(test.secret()).startsWith("mol_pk_test_");
      assertThat(node.status(test)).isEqualTo(200);
    }

    @Test
    void aTierGivesItsLimit() {
      JsonObject body = RunningNode.body().put("tier", "gold");
      body.remove("rate_limit");
      body.remove("burst");
      Made gold = node.create(body);
      assertThat(header(node.use(gold), "RateLimit-Policy")).isEqualTo("\"key\";q=1200;w=120");
    }
  }
}
