package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.KEYS;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.RepeatableCalls.ORGS;
import static ai.molecule.edge.controlplane.RepeatableCalls.fresh;
import static ai.molecule.edge.controlplane.RepeatableCalls.id;
import static ai.molecule.edge.controlplane.RepeatableCalls.org;
import static ai.molecule.edge.controlplane.RepeatableCalls.replayed;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** {@code Idempotency-Key} over real sockets and stores: the HTTP contract, section 3. */
class IdempotencyTest {
  @AutoClose private static ControlPlaneUnderTest edge;
  private static RepeatableCalls calls;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    calls = new RepeatableCalls(edge);
  }

  private static void age(String minutes) {
    edge.query("UPDATE idempotency_keys SET created_at = created_at - $1::text::interval", minutes);
  }

  @Nested
  class TheSameCallAgain {
    @Test
    void isToldOfTheKeyThatTheFirstMadeWithItsSecret() {
      String key = fresh();
      HttpResponse<String> first = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      HttpResponse<String> again = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      replayed(first, again);
      assertThat(first.headers().firstValue("Cache-Control")).contains("no-store");
      String secret = json(again).getString("key");
      assertThat(edge.get(ORGS, secret).statusCode()).isEqualTo(200);
      assertThat(edge.audited(json(first))).containsExactly("key.created");
    }

    @Test
    void isToldOfTheOrgAndOfTheKeyMadeWithAnOrg() {
      String key = fresh();
      replayed(
          calls.post(ORGS, ADMIN, key, org("once-a")), calls.post(ORGS, ADMIN, key, org("once-a")));
      JsonObject both =
          body("orgs:read").put("org", new JsonObject().put("slug", "once-b").put("name", "B"));
      replayed(calls.post(KEYS, ADMIN, key, both), calls.post(KEYS, ADMIN, key, both));
    }

    @Test
    void isToldOfTheMember() {
      String slug =
          new JsonObject(calls.post(ORGS, ADMIN, fresh(), org("once-c")).body()).getString("slug");
      JsonObject member = new JsonObject().put("email", "a@x.example");
      String path = ORGS + "/" + slug + "/members";
      String key = fresh();
      replayed(calls.post(path, ADMIN, key, member), calls.post(path, ADMIN, key, member));
      refused(calls.post(path, ADMIN, fresh(), member), 409, "member_exists");
    }

    @Test
    void isToldOfTheSuccessorOfARotation() {
      JsonObject old = edge.created("orgs:read");
      String path = ControlPlaneUnderTest.path(old) + "/rotate";
      String key = fresh();
      JsonObject grace = new JsonObject().put("grace_seconds", 60);
      HttpResponse<String> first = calls.post(path, ADMIN, key, grace);
      replayed(first, calls.post(path, ADMIN, key, grace));
      refused(calls.post(path, ADMIN, fresh(), grace), 409, "already_rotated");
      assertThat(edge.audited(old)).containsExactly("key.created", "key.rotated");
    }

    @Test
    void hasTheSameBodyHoweverItIsWritten() {
      String key = fresh();
      HttpResponse<String> first =
          calls.post(
              KEYS,
              ADMIN,
              key,
              "{\"name\":\"é\",\"partner_id\":\"acme\",\"scopes\":[\"orgs:read\"],\"burst\":10}");
      HttpResponse<String> again =
          calls.post(
              KEYS,
              ADMIN,
              key,
              "{ \"burst\": 1.0e1,\n\"scopes\" : [\"orgs:read\"],"
                  + " \"partner_id\":\"acme\", \"name\":\"\\u00e9\"}");
      replayed(first, again);
    }

    @Test
    void isToldTheSameEvenIfItCouldNotBeDoneAnyMore() {
      String key = fresh();
      String soon = java.time.Instant.now().plusSeconds(3600).toString();
      JsonObject expiring = body("orgs:read").put("expires_at", soon);
      HttpResponse<String> first = calls.post(KEYS, ADMIN, key, expiring);
      edge.query("UPDATE partner_keys SET disabled = true");
      replayed(first, calls.post(KEYS, ADMIN, key, expiring));
      edge.query("UPDATE partner_keys SET disabled = false");
    }

    @Test
    void isDoneAgainAfterADay() {
      String key = fresh();
      HttpResponse<String> first = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      age("23 hours 59 minutes");
      HttpResponse<String> late = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      assertThat(late.headers().firstValue("Idempotent-Replayed")).contains("true");
      age("2 minutes");
      HttpResponse<String> another = calls.post(KEYS, ADMIN, key, body("orgs:manage"));
      assertThat(another.statusCode()).isEqualTo(201);
      assertThat(another.headers().firstValue("Idempotent-Replayed")).isEmpty();
      assertThat(id(another)).isNotEqualTo(id(first));
      replayed(another, calls.post(KEYS, ADMIN, key, body("orgs:manage")));
    }

    @Test
    void showsNoSecretAfterTenMinutesButElseTheSame() {
      String key = fresh();
      HttpResponse<String> first = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      age("10 minutes");
      HttpResponse<String> again = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      assertThat(again.statusCode()).isEqualTo(201);
      assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
      JsonObject shown = json(first);
      String secret = shown.getString("key");
      assertThat(again.body()).isEqualTo(first.body().replace('"' + secret + '"', "null"));
    }
  }

  @Nested
  class AnotherCall {
    @Test
    void isOneWithAnotherBodyAndRefused() {
      String key = fresh();
      calls.post(ORGS, ADMIN, key, org("once-d"));
      refused(calls.post(ORGS, ADMIN, key, org("once-e")), 422, "idempotency_mismatch");
      refused(
          calls.post(ORGS, ADMIN, key, org("once-d").put("seats", 5)), 422, "idempotency_mismatch");
      assertThat(edge.get(ORGS + "/once-e", ADMIN).statusCode()).isEqualTo(404);
    }

    @Test
    void isOneFromAnotherCaller() {
      String key = fresh();
      JsonObject manager = edge.created("admin:keys", "orgs:read");
      JsonObject asked = body("orgs:read");
      asked.remove("partner_id");
      HttpResponse<String> admins = calls.post(KEYS, ADMIN, key, body("orgs:read"));
      HttpResponse<String> keys = calls.post(KEYS, manager.getString("key"), key, asked);
      assertThat(keys.statusCode()).as(keys.body()).isEqualTo(201);
      assertThat(id(keys)).isNotEqualTo(id(admins));
      String stranger =
          edge.created(body("admin:keys", "orgs:read").put("partner_id", "other")).getString("key");
      HttpResponse<String> others = calls.post(KEYS, stranger, key, asked);
      assertThat(others.headers().firstValue("Idempotent-Replayed")).isEmpty();
      assertThat(json(others).getString("partner_id")).isEqualTo("other");
    }

    @Test
    void isOneOnAnotherRouteOrForAnotherOrg() {
      String key = fresh();
      calls.post(ORGS, ADMIN, fresh(), org("once-f"));
      calls.post(ORGS, ADMIN, fresh(), org("once-g"));
      JsonObject member = new JsonObject().put("email", "a@x.example");
      HttpResponse<String> f = calls.post(ORGS + "/once-f/members", ADMIN, key, member);
      HttpResponse<String> g = calls.post(ORGS + "/once-g/members", ADMIN, key, member);
      assertThat(List.of(f.statusCode(), g.statusCode())).containsExactly(201, 201);
      assertThat(id(g)).isNotEqualTo(id(f));
      assertThat(calls.post(KEYS, ADMIN, key, body("orgs:read")).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void aKeysSuccessorIsTheSameCaller() {
    JsonObject manager = edge.created("admin:keys", "orgs:read");
    JsonObject asked = body("orgs:read");
    asked.remove("partner_id");
    String key = fresh();
    HttpResponse<String> first = calls.post(KEYS, manager.getString("key"), key, asked);
    String successor =
        json(edge.post(ControlPlaneUnderTest.path(manager) + "/rotate", ADMIN, null))
            .getString("key");
    replayed(first, calls.post(KEYS, successor, key, asked));
  }

  @Test
  void whoLostAScopeIsNotToldTheSecretOfAKeyThatHasIt() {
    JsonObject manager = edge.created("admin:keys", "orgs:read");
    String key = fresh();
    JsonObject asked = body("orgs:read");
    asked.remove("partner_id");
    calls.post(KEYS, manager.getString("key"), key, asked);
    JsonObject narrowed = new JsonObject().put("scopes", new JsonArray().add("admin:keys"));
    edge.patch(ControlPlaneUnderTest.path(manager), ADMIN, narrowed);
    refused(calls.post(KEYS, manager.getString("key"), key, asked), 403, "insufficient_scope");
    JsonObject none = new JsonObject().put("scopes", new JsonArray().add("orgs:read"));
    edge.patch(ControlPlaneUnderTest.path(manager), ADMIN, none);
    refused(calls.post(KEYS, manager.getString("key"), key, asked), 403, "insufficient_scope");
  }

  @Test
  void onlyWhatWasMadeIsRemembered() {
    String key = fresh();
    calls.post(ORGS, ADMIN, fresh(), org("once-h"));
    refused(calls.post(ORGS, ADMIN, key, org("once-h")), 409, "slug_taken");
    refused(calls.post(ORGS, ADMIN, key, org("NOT A SLUG")), 400, "invalid_request");
    HttpResponse<String> done = calls.post(ORGS, ADMIN, key, org("once-i"));
    assertThat(done.statusCode()).isEqualTo(201);
    replayed(done, calls.post(ORGS, ADMIN, key, org("once-i")));
  }
}
