package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.credential.ExampleCredentials;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysApiTest {
  private static final String KEYS = "/cp/admin/partner-keys";
  private static final String UNKNOWN = KEYS + "/01890000-0000-7000-8000-0000000000ff";

  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  private static HttpResponse<String> get(String path, String credential) {
    return edge.send("GET", path, credential, null);
  }

  private static HttpResponse<String> delete(String path, String credential) {
    return edge.send("DELETE", path, credential, null);
  }

  private static HttpResponse<String> patch(String path, String credential, String json) {
    return edge.send("PATCH", path, credential, json);
  }

  private static HttpResponse<String> rotate(JsonObject key, String credential, String json) {
    return edge.send("POST", path(key) + "/rotate", credential, json);
  }

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  private static void refused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    JsonObject problem = json(response);
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(problem.getString("request_id")).isEqualTo(header(response, "X-Request-Id"));
  }

  private static List<String> pointers(HttpResponse<String> response) {
    refused(response, 400, "invalid_request");
    List<String> pointers = new ArrayList<>();
    json(response)
        .getJsonArray("errors")
        .forEach(error -> pointers.add(((JsonObject) error).getString("pointer")));
    return pointers;
  }

  /** Everything that two answers to different requests have in common when they are the same. */
  private static String bytes(HttpResponse<String> response) {
    return response.statusCode()
        + response.body().replaceAll("\"request_id\":\"[^\"]*\"", "")
        + response.headers().map().keySet();
  }

  private static JsonObject manager(String... more) {
    List<String> scopes = new ArrayList<>(List.of(more));
    scopes.add("admin:keys");
    return edge.created(body(scopes.toArray(String[]::new)));
  }

  private static String partner() {
    return "p-" + UUID.randomUUID().toString().substring(0, 8);
  }

  @Nested
  class Returns201 {
    @Test
    void withTheWholeKeyObjectAndItsSecretOnce() {
      HttpResponse<String> response =
          edge.create(
              ADMIN,
              body("orgs:read", "orgs:create", "orgs:read")
                  .put("description", "d")
                  .put("tier", "gold")
                  .put("expires_at", "2099-01-01T02:00:00+02:00")
                  .put("ip_allow", new JsonArray().add("127.0.0.0/8").add("::1"))
                  .put("metadata", new JsonObject().put("k", "v")));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
      JsonObject key = json(response);
      assertThat(header(response, "Location")).isEqualTo(path(key));
      assertThat(key.fieldNames())
          .containsExactly(
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
              "metadata",
              "key");
      assertThat(UUID.fromString(key.getString("id")).version()).isEqualTo(7);
      assertThat(key.getString("key")).matches("mol_pk_live_[0-9A-Za-z]{38}");
      assertThat(key.getString("prefix")).isEqualTo(key.getString("key").substring(0, 16));
      assertThat(key.getString("key")).endsWith(key.getString("last4"));
      assertThat(key.getJsonArray("scopes"))
          .isEqualTo(new JsonArray().add("orgs:create").add("orgs:read"));
      assertThat(key.getInteger("rate_limit")).isEqualTo(600);
      assertThat(key.getInteger("burst")).isEqualTo(1200);
      assertThat(key.getString("expires_at")).isEqualTo("2099-01-01T00:00:00.000Z");
      assertThat(key.getJsonArray("ip_allow"))
          .isEqualTo(new JsonArray().add("127.0.0.0/8").add("::1/128"));
      assertThat(key.getString("status")).isEqualTo("active");
      assertThat(key.getString("created_by")).isEqualTo("admin");
      assertThat(key.getString("lineage_id")).isEqualTo(key.getString("id"));
      assertThat(key.getString("created_at")).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d{3}Z");

      JsonObject shown = json(get(path(key), ADMIN));
      JsonObject withoutSecret = key.copy();
      withoutSecret.remove("key");
      assertThat(shown).isEqualTo(withoutSecret);
      assertThat(edge.audited(key)).containsExactly("key.created");
    }

    @Test
    void toAKeyWithWhatItHasItself() {
      JsonObject manager = manager("orgs:read");
      JsonObject asked = body("orgs:read");
      asked.remove("partner_id");
      HttpResponse<String> response = edge.create(manager.getString("key"), asked);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      assertThat(json(response).getString("partner_id")).isEqualTo("acme");
      assertThat(json(response).getString("created_by")).isEqualTo(manager.getString("id"));
      assertThat(header(response, "RateLimit-Policy")).isEqualTo("\"key\";q=60;w=60");
    }

    @Test
    void toATestKeyWithATestKey() {
      JsonObject tester = edge.created(body("admin:keys").put("environment", "test"));
      HttpResponse<String> response = edge.create(tester.getString("key"), body("admin:keys"));
      assertThat(json(response).getString("key")).startsWith("mol_pk_test_");
      assertThat(json(response).getString("environment")).isEqualTo("test");
    }

    @Test
    void toARotationWithASuccessorOfTheSameLineage() {
      JsonObject key = edge.created(body("admin:keys").put("rate_limit", 77));
      HttpResponse<String> response = rotate(key, key.getString("key"), "{\"grace_seconds\":3600}");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
      JsonObject successor = json(response);
      assertThat(header(response, "Location")).isEqualTo(path(successor));
      assertThat(successor.getString("lineage_id")).isEqualTo(key.getString("id"));
      assertThat(successor.getString("predecessor_id")).isEqualTo(key.getString("id"));
      assertThat(successor.getInteger("rate_limit")).isEqualTo(77);
      assertThat(successor.getString("key")).isNotEqualTo(key.getString("key"));

      HttpResponse<String> old = get(path(key), key.getString("key"));
      assertThat(json(old).getString("status")).isEqualTo("grace");
      assertThat(json(old).getString("successor_id")).isEqualTo(successor.getString("id"));
      assertThat(header(old, "Deprecation")).startsWith("@");
      assertThat(header(old, "Sunset")).endsWith("GMT");
      assertThat(get(path(key), successor.getString("key")).statusCode()).isEqualTo(200);
      assertThat(edge.audited(key)).containsExactly("key.created", "key.rotated");
    }

    @Test
    void toARotationWithoutABodyOrGrace() {
      JsonObject key = edge.created("admin:keys");
      assertThat(rotate(key, ADMIN, null).statusCode()).isEqualTo(201);
      assertThat(json(get(path(key), ADMIN)).getString("status")).isEqualTo("grace");

      JsonObject cut = edge.created("admin:keys");
      assertThat(rotate(cut, ADMIN, "{\"grace_seconds\":0}").statusCode()).isEqualTo(201);
      assertThat(json(get(path(cut), ADMIN)).getString("status")).isEqualTo("rotated");
      assertThat(json(get(path(cut), ADMIN)).getString("grace_until")).isNull();
      refused(get(KEYS, cut.getString("key")), 401, "key_rotated");
    }
  }

  @Nested
  class Returns200 {
    @Test
    void toAPatchThatIsInForceAtOnce() {
      JsonObject key = manager("orgs:read");
      HttpResponse<String> response =
          patch(path(key), ADMIN, "{\"scopes\":[\"orgs:read\"],\"metadata\":{\"a\":\"b\"}}");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(json(response).getJsonObject("metadata"))
          .isEqualTo(new JsonObject().put("a", "b"));
      assertThat(json(response).containsKey("key")).isFalse();
      refused(get(KEYS, key.getString("key")), 403, "insufficient_scope");
    }

    @Test
    void toAPatchThatChangesNothingWithoutAnAuditRow() {
      JsonObject key = edge.created("orgs:read");
      HttpResponse<String> response =
          edge.send(
              edge.request("PATCH", path(key), ADMIN)
                  .header("Content-Type", "application/merge-patch+json; charset=UTF-8")
                  .method("PATCH", java.net.http.HttpRequest.BodyPublishers.ofString("{}")));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(edge.audited(key)).containsExactly("key.created");
    }

    @Test
    void toListsNewestFirstPageByPage() {
      String partner = partner();
      List<String> made = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        made.addFirst(edge.created(body("orgs:read").put("partner_id", partner)).getString("id"));
      }
      List<String> seen = new ArrayList<>();
      String cursor = null;
      do {
        String page = KEYS + "?limit=2&partner_id=" + partner;
        JsonObject list = json(get(cursor == null ? page : page + "&cursor=" + cursor, ADMIN));
        list.getJsonArray("data").forEach(key -> seen.add(((JsonObject) key).getString("id")));
        cursor = list.getString("next_cursor");
      } while (cursor != null);
      assertThat(seen).isEqualTo(made);
    }

    @Test
    void toListsOfOnePartnersKeysAlone() {
      String partner = partner();
      JsonObject manager = edge.created(body("admin:keys").put("partner_id", partner));
      String credential = manager.getString("key");
      edge.created("orgs:read");
      assertThat(json(get(KEYS, credential)).getJsonArray("data")).hasSize(1);
      JsonObject foreign = json(get(KEYS + "?partner_id=acme", credential));
      assertThat(foreign).isEqualTo(json(get(KEYS + "?partner_id=nobody", credential)));
      assertThat(foreign.getJsonArray("data")).isEmpty();
      assertThat(foreign.getValue("next_cursor")).isNull();
    }

    @Test
    void toListsByStatusInWhichRevokedKeysStay() {
      String partner = partner();
      JsonObject key = edge.created(body("orgs:read").put("partner_id", partner));
      delete(path(key), ADMIN);
      String list = KEYS + "?partner_id=" + partner + "&status=";
      assertThat(json(get(list + "revoked", ADMIN)).getJsonArray("data")).hasSize(1);
      assertThat(json(get(list + "active", ADMIN)).getJsonArray("data")).isEmpty();
    }

    @Test
    void toHeadWithTheHeadersOfGetAndNoBody() {
      JsonObject key = edge.created("orgs:read");
      HttpResponse<String> head = edge.send("HEAD", path(key), ADMIN, null);
      HttpResponse<String> whole = get(path(key), ADMIN);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(header(head, "Content-Type")).isEqualTo(header(whole, "Content-Type"));
    }
  }

  @Nested
  class Returns204 {
    @Test
    void toARevocationAgainAndAgainButAuditsOnce() {
      JsonObject key = edge.created("orgs:read");
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> response = delete(path(key), ADMIN);
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
      }
      refused(get(KEYS, key.getString("key")), 401, "key_revoked");
      assertThat(json(get(path(key), ADMIN)).getString("status")).isEqualTo("revoked");
      assertThat(json(get(path(key), ADMIN)).getString("revoked_at")).isNotNull();
      assertThat(edge.audited(key)).containsExactly("key.created", "key.revoked");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void toAKeyThatRevokesItselfWithAnyScopeAndAnEmptyBucket(boolean byId) {
      JsonObject key = edge.created(body("billing:read").put("rate_limit", 1).put("burst", 1));
      String credential = key.getString("key");
      // The route needs no scope but demands admin:keys for others, and costs nothing.
      refused(delete(UNKNOWN, credential), 403, "insufficient_scope");
      HttpResponse<String> response = delete(byId ? path(key) : "/cp/partner-key", credential);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
      refused(get(path(key), credential), 401, "key_revoked");
    }

    @Test
    void toABodyThatNobodyReads() {
      JsonObject key = edge.created("orgs:read");
      assertThat(edge.send("DELETE", path(key), ADMIN, "{not json").statusCode()).isEqualTo(204);
    }
  }

  @Nested
  class Returns400 {
    @Test
    void namingEverythingThatIsWrongAndApplyingNothing() {
      HttpResponse<String> response =
          edge.send(
              "POST",
              KEYS,
              ADMIN,
              "{\"name\":\"\",\"scopes\":[\"x\"],\"partner_id\":\"acme\",\"a/b\":1,\"burst\":0}");
      assertThat(pointers(response))
          .containsExactlyInAnyOrder("#/name", "#/scopes/0", "#/scopes", "#/a~1b", "#/burst");
      JsonObject key = edge.created("orgs:read");
      patch(path(key), ADMIN, "{\"name\":\"other\",\"burst\":0}");
      assertThat(json(get(path(key), ADMIN)).getString("name")).isEqualTo("a key");
    }

    @Test
    void toAnOrgBeyondReachTheSameAsToAnUnknownOne() {
      UUID foreign = edge.org("other");
      UUID own = edge.org("acme");
      JsonObject manager = manager("orgs:read");
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
      assertThat(pointers(get(KEYS + "?" + query, ADMIN))).containsExactly(pointer);
      assertThat(pointers(get(UNKNOWN + "?x=1", ADMIN))).containsExactly("?x");
    }

    @Test
    void toWhatIsNoJson() {
      refused(edge.send("POST", KEYS, ADMIN, "{"), 400, "malformed_json");
      refused(edge.send("POST", KEYS, ADMIN, "{} {}"), 400, "malformed_json");
      refused(edge.send("PATCH", UNKNOWN, ADMIN, "nope"), 400, "malformed_json");
      assertThat(pointers(edge.send("POST", KEYS, ADMIN, "[]"))).containsExactly("#");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "604801", "1.5", "\"60\""})
    void toAGraceOutOfBounds(String seconds) {
      JsonObject key = edge.created("orgs:read");
      assertThat(pointers(rotate(key, ADMIN, "{\"grace_seconds\":" + seconds + "}")))
          .containsExactly("#/grace_seconds");
    }
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
      refused(get(KEYS, unknown), 401, "credential_unknown");
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
              get(KEYS, weak),
              get(UNKNOWN, weak),
              patch(UNKNOWN, weak, "{}"),
              delete(UNKNOWN, weak),
              delete(KEYS + "/no-uuid", weak),
              edge.send("POST", UNKNOWN + "/rotate", weak, null));
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
      refused(patch(path(manager), credential, "{\"rate_limit\":101}"), 403, "escalation_refused");
    }

    @Test
    void toARotationOfAStrongerKey() {
      JsonObject strong = edge.created("orgs:delete");
      String credential = manager("orgs:read").getString("key");
      refused(rotate(strong, credential, null), 403, "escalation_refused");
      assertThat(delete(path(strong), credential).statusCode()).isEqualTo(204);
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
      refused(delete("/cp/partner-key", ADMIN), 403, "insufficient_scope");
    }
  }

  @Nested
  class Returns404 {
    @Test
    void toAForeignKeyTheSameAsToAnUnknownOne() {
      JsonObject foreign = edge.created(body("orgs:read").put("partner_id", partner()));
      String credential = manager("orgs:read").getString("key");
      for (String suffix : List.of("GET", "PATCH", "DELETE", "POST /rotate")) {
        String method = suffix.split(" ")[0];
        String tail = suffix.substring(method.length()).strip();
        String sent = method.equals("PATCH") ? "{\"name\":\"n\"}" : null;
        HttpResponse<String> other = edge.send(method, path(foreign) + tail, credential, sent);
        HttpResponse<String> unknown = edge.send(method, UNKNOWN + tail, credential, sent);
        HttpResponse<String> noId = edge.send(method, KEYS + "/x" + tail, credential, sent);
        refused(other, 404, "not_found");
        assertThat(bytes(other)).isEqualTo(bytes(unknown)).isEqualTo(bytes(noId));
      }
      assertThat(json(get(path(foreign), ADMIN)).getString("status")).isEqualTo("active");
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
      refused(get(path, ADMIN), 404, "not_found");
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
      assertThat(rotate(key, ADMIN, null).statusCode()).isEqualTo(201);
      refused(rotate(key, ADMIN, null), 409, "already_rotated");
    }

    @Test
    void wrongStateToChangesOfAKeyThatHasEnded() {
      JsonObject key = edge.created("orgs:read");
      delete(path(key), ADMIN);
      refused(rotate(key, ADMIN, null), 409, "wrong_state");
      refused(patch(path(key), ADMIN, "{\"disabled\":false}"), 409, "wrong_state");
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
                  .method(
                      "POST",
                      java.net.http.HttpRequest.BodyPublishers.ofString(
                          body("orgs:read").encode())));
      refused(response, 415, "unsupported_media_type");
    }

    @Test
    void toNoneAndToCompressedBodies() {
      refused(edge.send("POST", KEYS, ADMIN, null), 415, "unsupported_media_type");
      refused(
          edge.send(
              edge.request("POST", KEYS, ADMIN)
                  .header("Content-Type", "application/json")
                  .header("Content-Encoding", "gzip")
                  .method("POST", java.net.http.HttpRequest.BodyPublishers.ofString("{}"))),
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
      assertThat(get(KEYS, credential).statusCode()).isEqualTo(200);
      assertThat(get(KEYS, credential).statusCode()).isEqualTo(200);
      HttpResponse<String> response = get(KEYS, credential);
      refused(response, 429, "rate_limited");
      assertThat(header(response, "RateLimit-Policy")).isEqualTo("\"key\";q=2;w=120");
      assertThat(header(response, "Retry-After")).isNotNull();
      // The holder of a leaked, exhausted key can still kill it.
      assertThat(delete("/cp/partner-key", credential).statusCode()).isEqualTo(204);
    }
  }

  @Test
  void everyRequestEndsInOneCompletion() {
    int before = edge.completed.size();
    get(KEYS, ADMIN);
    get("/nowhere", ADMIN);
    edge.send("PUT", KEYS, ADMIN, null);
    edge.send("POST", KEYS, null, "{}");
    await().until(() -> edge.completed.size() == before + 4);
  }
}
