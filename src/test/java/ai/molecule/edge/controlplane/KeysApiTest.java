package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.header;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.KEYS;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.UNKNOWN_KEY;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the keys API does, over real sockets and stores, status by status: the HTTP contract,
 * section 5. What it refuses is in {@link KeysApiRefusalsTest}, and whom in {@link
 * KeysApiAccessTest}.
 */
class KeysApiTest {
  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
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

      JsonObject shown = json(edge.get(path(key), ADMIN));
      JsonObject withoutSecret = key.copy();
      withoutSecret.remove("key");
      assertThat(shown).isEqualTo(withoutSecret);
      assertThat(edge.audited(key)).containsExactly("key.created");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2255-06-06T00:00:00.000Z", "9999-12-31T23:59:59.999Z"})
    void toAKeyThatOutlivesWhatClocksCount(String expiry) {
      HttpResponse<String> response =
          edge.create(ADMIN, body("admin:keys").put("expires_at", expiry));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      JsonObject key = json(response);
      for (int use = 0; use < 3; use++) {
        HttpResponse<String> shown = edge.get(path(key), key.getString("key"));
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(json(shown).getString("expires_at")).isEqualTo(expiry);
      }
    }

    @Test
    void toAKeyWithWhatItHasItself() {
      JsonObject manager = edge.manager("orgs:read");
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
      HttpResponse<String> response =
          edge.rotate(key, key.getString("key"), "{\"grace_seconds\":3600}");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
      JsonObject successor = json(response);
      assertThat(header(response, "Location")).isEqualTo(path(successor));
      assertThat(successor.getString("lineage_id")).isEqualTo(key.getString("id"));
      assertThat(successor.getString("predecessor_id")).isEqualTo(key.getString("id"));
      assertThat(successor.getInteger("rate_limit")).isEqualTo(77);
      assertThat(successor.getString("key")).isNotEqualTo(key.getString("key"));

      HttpResponse<String> old = edge.get(path(key), key.getString("key"));
      assertThat(json(old).getString("status")).isEqualTo("grace");
      assertThat(json(old).getString("successor_id")).isEqualTo(successor.getString("id"));
      assertThat(header(old, "Deprecation")).startsWith("@");
      assertThat(header(old, "Sunset")).endsWith("GMT");
      assertThat(edge.get(path(key), successor.getString("key")).statusCode()).isEqualTo(200);
      assertThat(edge.audited(key)).containsExactly("key.created", "key.rotated");
    }

    @Test
    void toARotationWithoutABodyOrGrace() {
      JsonObject key = edge.created("admin:keys");
      assertThat(edge.rotate(key, ADMIN, null).statusCode()).isEqualTo(201);
      assertThat(json(edge.get(path(key), ADMIN)).getString("status")).isEqualTo("grace");

      JsonObject cut = edge.created("admin:keys");
      assertThat(edge.rotate(cut, ADMIN, "{\"grace_seconds\":0}").statusCode()).isEqualTo(201);
      assertThat(json(edge.get(path(cut), ADMIN)).getString("status")).isEqualTo("rotated");
      assertThat(json(edge.get(path(cut), ADMIN)).getString("grace_until")).isNull();
      refused(edge.get(KEYS, cut.getString("key")), 401, "key_rotated");
    }
  }

  @Nested
  class Returns200 {
    @Test
    void toAPatchThatIsInForceAtOnce() {
      JsonObject key = edge.manager("orgs:read");
      HttpResponse<String> response =
          edge.patch(path(key), ADMIN, "{\"scopes\":[\"orgs:read\"],\"metadata\":{\"a\":\"b\"}}");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(json(response).getJsonObject("metadata"))
          .isEqualTo(new JsonObject().put("a", "b"));
      assertThat(json(response).containsKey("key")).isFalse();
      refused(edge.get(KEYS, key.getString("key")), 403, "insufficient_scope");
    }

    @Test
    void toAPatchThatChangesNothingWithoutAnAuditRow() {
      JsonObject key = edge.created("orgs:read");
      HttpResponse<String> response =
          edge.send(
              edge.request("PATCH", path(key), ADMIN)
                  .header("Content-Type", "application/merge-patch+json; charset=UTF-8")
                  .method("PATCH", BodyPublishers.ofString("{}")));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(edge.audited(key)).containsExactly("key.created");
    }

    @Test
    void toListsNewestFirstPageByPage() {
      String partner = ControlPlaneUnderTest.partner();
      List<String> made = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        made.addFirst(edge.created(body("orgs:read").put("partner_id", partner)).getString("id"));
      }
      List<String> seen = new ArrayList<>();
      String cursor = null;
      do {
        String page = KEYS + "?limit=2&partner_id=" + partner;
        JsonObject list = json(edge.get(cursor == null ? page : page + "&cursor=" + cursor, ADMIN));
        list.getJsonArray("data").forEach(key -> seen.add(((JsonObject) key).getString("id")));
        cursor = list.getString("next_cursor");
      } while (cursor != null);
      assertThat(seen).isEqualTo(made);
    }

    @Test
    void toListsOfOnePartnersKeysAlone() {
      String partner = ControlPlaneUnderTest.partner();
      JsonObject manager = edge.created(body("admin:keys").put("partner_id", partner));
      String credential = manager.getString("key");
      edge.created("orgs:read");
      assertThat(json(edge.get(KEYS, credential)).getJsonArray("data")).hasSize(1);
      JsonObject foreign = json(edge.get(KEYS + "?partner_id=acme", credential));
      assertThat(foreign).isEqualTo(json(edge.get(KEYS + "?partner_id=nobody", credential)));
      assertThat(foreign.getJsonArray("data")).isEmpty();
      assertThat(foreign.getValue("next_cursor")).isNull();
    }

    @Test
    void toListsByStatusInWhichRevokedKeysStay() {
      String partner = ControlPlaneUnderTest.partner();
      JsonObject key = edge.created(body("orgs:read").put("partner_id", partner));
      edge.delete(path(key), ADMIN);
      String list = KEYS + "?partner_id=" + partner + "&status=";
      assertThat(json(edge.get(list + "revoked", ADMIN)).getJsonArray("data")).hasSize(1);
      assertThat(json(edge.get(list + "active", ADMIN)).getJsonArray("data")).isEmpty();
    }

    @Test
    void toHeadWithTheHeadersOfGetAndNoBody() {
      JsonObject key = edge.created("orgs:read");
      HttpResponse<String> head = edge.send("HEAD", path(key), ADMIN, null);
      HttpResponse<String> whole = edge.get(path(key), ADMIN);
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
        HttpResponse<String> response = edge.delete(path(key), ADMIN);
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
      }
      refused(edge.get(KEYS, key.getString("key")), 401, "key_revoked");
      assertThat(json(edge.get(path(key), ADMIN)).getString("status")).isEqualTo("revoked");
      assertThat(json(edge.get(path(key), ADMIN)).getString("revoked_at")).isNotNull();
      assertThat(edge.audited(key)).containsExactly("key.created", "key.revoked");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void toAKeyThatRevokesItselfWithAnyScopeAndAnEmptyBucket(boolean byId) {
      JsonObject key = edge.created(body("billing:read").put("rate_limit", 1).put("burst", 1));
      String credential = key.getString("key");
      // The route needs no scope but demands admin:keys for others, and costs nothing.
      refused(edge.delete(UNKNOWN_KEY, credential), 403, "insufficient_scope");
      HttpResponse<String> response = edge.delete(byId ? path(key) : "/cp/partner-key", credential);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
      refused(edge.get(path(key), credential), 401, "key_revoked");
    }

    @Test
    void toABodyThatNobodyReads() {
      JsonObject key = edge.created("orgs:read");
      assertThat(edge.send("DELETE", path(key), ADMIN, "{not json").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void everyRequestEndsInOneCompletion() {
    int before = edge.completed.size();
    edge.get(KEYS, ADMIN);
    edge.get("/nowhere", ADMIN);
    edge.send("PUT", KEYS, ADMIN, null);
    edge.post(KEYS, null, "{}");
    await().until(() -> edge.completed.size() == before + 4);
  }
}
