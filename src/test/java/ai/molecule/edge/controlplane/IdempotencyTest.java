package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Idempotency-Key} over real sockets and stores: the HTTP contract, section 3. */
class IdempotencyTest {
  private static final String KEYS = "/cp/admin/partner-keys";
  private static final String ORGS = "/cp/orgs";
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  private static String fresh() {
    return "key-" + NUMBERS.incrementAndGet();
  }

  private static HttpResponse<String> post(
      String path, String credential, String idempotencyKey, Object body) {
    return edge.send(
        edge.request("POST", path, credential)
            .header("Idempotency-Key", idempotencyKey)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString(body.toString())));
  }

  private static JsonObject org(String slug) {
    return new JsonObject().put("slug", slug).put("name", "An org").put("partner_id", "acme");
  }

  private static HttpResponse<String> refused(
      HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(new JsonObject(response.body()).getString("code")).isEqualTo(code);
    return response;
  }

  private static void replayed(HttpResponse<String> first, HttpResponse<String> again) {
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
    assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
    assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    for (String header : List.of("Location", "Cache-Control", "Content-Type")) {
      assertThat(again.headers().allValues(header)).isEqualTo(first.headers().allValues(header));
    }
  }

  private static void age(String minutes) {
    edge.query("UPDATE idempotency_keys SET created_at = created_at - $1::text::interval", minutes);
  }

  @Nested
  class TheSameCallAgain {
    @Test
    void isToldOfTheKeyThatTheFirstMadeWithItsSecret() {
      String key = fresh();
      HttpResponse<String> first = post(KEYS, ADMIN, key, body("orgs:read"));
      HttpResponse<String> again = post(KEYS, ADMIN, key, body("orgs:read"));
      replayed(first, again);
      assertThat(first.headers().firstValue("Cache-Control")).contains("no-store");
      String secret = new JsonObject(again.body()).getString("key");
      assertThat(edge.send("GET", ORGS, secret, null).statusCode()).isEqualTo(200);
      assertThat(edge.audited(new JsonObject(first.body()))).containsExactly("key.created");
    }

    @Test
    void isToldOfTheOrgAndOfTheKeyMadeWithAnOrg() {
      String key = fresh();
      replayed(post(ORGS, ADMIN, key, org("once-a")), post(ORGS, ADMIN, key, org("once-a")));
      JsonObject both =
          body("orgs:read").put("org", new JsonObject().put("slug", "once-b").put("name", "B"));
      replayed(post(KEYS, ADMIN, key, both), post(KEYS, ADMIN, key, both));
    }

    @Test
    void isToldOfTheMember() {
      String slug =
          new JsonObject(post(ORGS, ADMIN, fresh(), org("once-c")).body()).getString("slug");
      JsonObject member = new JsonObject().put("email", "a@x.example");
      String path = ORGS + "/" + slug + "/members";
      String key = fresh();
      replayed(post(path, ADMIN, key, member), post(path, ADMIN, key, member));
      refused(post(path, ADMIN, fresh(), member), 409, "member_exists");
    }

    @Test
    void isToldOfTheSuccessorOfARotation() {
      JsonObject old = edge.created("orgs:read");
      String path = ControlPlaneUnderTest.path(old) + "/rotate";
      String key = fresh();
      JsonObject grace = new JsonObject().put("grace_seconds", 60);
      HttpResponse<String> first = post(path, ADMIN, key, grace);
      replayed(first, post(path, ADMIN, key, grace));
      refused(post(path, ADMIN, fresh(), grace), 409, "already_rotated");
      assertThat(edge.audited(old)).containsExactly("key.created", "key.rotated");
    }

    @Test
    void hasTheSameBodyHoweverItIsWritten() {
      String key = fresh();
      HttpResponse<String> first =
          post(
              KEYS,
              ADMIN,
              key,
              "{\"name\":\"é\",\"partner_id\":\"acme\",\"scopes\":[\"orgs:read\"],\"burst\":10}");
      HttpResponse<String> again =
          post(
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
      HttpResponse<String> first = post(KEYS, ADMIN, key, expiring);
      edge.query("UPDATE partner_keys SET disabled = true");
      replayed(first, post(KEYS, ADMIN, key, expiring));
      edge.query("UPDATE partner_keys SET disabled = false");
    }

    @Test
    void isDoneAgainAfterADay() {
      String key = fresh();
      HttpResponse<String> first = post(KEYS, ADMIN, key, body("orgs:read"));
      age("23 hours 59 minutes");
      HttpResponse<String> late = post(KEYS, ADMIN, key, body("orgs:read"));
      assertThat(late.headers().firstValue("Idempotent-Replayed")).contains("true");
      age("2 minutes");
      HttpResponse<String> another = post(KEYS, ADMIN, key, body("orgs:manage"));
      assertThat(another.statusCode()).isEqualTo(201);
      assertThat(another.headers().firstValue("Idempotent-Replayed")).isEmpty();
      assertThat(id(another)).isNotEqualTo(id(first));
      replayed(another, post(KEYS, ADMIN, key, body("orgs:manage")));
    }

    @Test
    void showsNoSecretAfterTenMinutesButElseTheSame() {
      String key = fresh();
      HttpResponse<String> first = post(KEYS, ADMIN, key, body("orgs:read"));
      age("10 minutes");
      HttpResponse<String> again = post(KEYS, ADMIN, key, body("orgs:read"));
      assertThat(again.statusCode()).isEqualTo(201);
      assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
      JsonObject shown = new JsonObject(first.body());
      String secret = shown.getString("key");
      assertThat(again.body()).isEqualTo(first.body().replace('"' + secret + '"', "null"));
    }
  }

  private static String id(HttpResponse<String> response) {
    return new JsonObject(response.body()).getString("id");
  }

  @Nested
  class AnotherCall {
    @Test
    void isOneWithAnotherBodyAndRefused() {
      String key = fresh();
      post(ORGS, ADMIN, key, org("once-d"));
      refused(post(ORGS, ADMIN, key, org("once-e")), 422, "idempotency_mismatch");
      refused(post(ORGS, ADMIN, key, org("once-d").put("seats", 5)), 422, "idempotency_mismatch");
      assertThat(edge.send("GET", ORGS + "/once-e", ADMIN, null).statusCode()).isEqualTo(404);
    }

    @Test
    void isOneFromAnotherCaller() {
      String key = fresh();
      JsonObject manager = edge.created("admin:keys", "orgs:read");
      JsonObject asked = body("orgs:read");
      asked.remove("partner_id");
      HttpResponse<String> admins = post(KEYS, ADMIN, key, body("orgs:read"));
      HttpResponse<String> keys = post(KEYS, manager.getString("key"), key, asked);
      assertThat(keys.statusCode()).as(keys.body()).isEqualTo(201);
      assertThat(id(keys)).isNotEqualTo(id(admins));
      String stranger =
          edge.created(body("admin:keys", "orgs:read").put("partner_id", "other")).getString("key");
      HttpResponse<String> others = post(KEYS, stranger, key, asked);
      assertThat(others.headers().firstValue("Idempotent-Replayed")).isEmpty();
      assertThat(new JsonObject(others.body()).getString("partner_id")).isEqualTo("other");
    }

    @Test
    void isOneOnAnotherRouteOrForAnotherOrg() {
      String key = fresh();
      post(ORGS, ADMIN, fresh(), org("once-f"));
      post(ORGS, ADMIN, fresh(), org("once-g"));
      JsonObject member = new JsonObject().put("email", "a@x.example");
      HttpResponse<String> f = post(ORGS + "/once-f/members", ADMIN, key, member);
      HttpResponse<String> g = post(ORGS + "/once-g/members", ADMIN, key, member);
      assertThat(List.of(f.statusCode(), g.statusCode())).containsExactly(201, 201);
      assertThat(id(g)).isNotEqualTo(id(f));
      assertThat(post(KEYS, ADMIN, key, body("orgs:read")).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void aKeysSuccessorIsTheSameCaller() {
    JsonObject manager = edge.created("admin:keys", "orgs:read");
    JsonObject asked = body("orgs:read");
    asked.remove("partner_id");
    String key = fresh();
    HttpResponse<String> first = post(KEYS, manager.getString("key"), key, asked);
    String successor =
        new JsonObject(
                edge.send("POST", ControlPlaneUnderTest.path(manager) + "/rotate", ADMIN, null)
                    .body())
            .getString("key");
    replayed(first, post(KEYS, successor, key, asked));
  }

  @Test
  void whoLostAScopeIsNotToldTheSecretOfAKeyThatHasIt() {
    JsonObject manager = edge.created("admin:keys", "orgs:read");
    String key = fresh();
    JsonObject asked = body("orgs:read");
    asked.remove("partner_id");
    post(KEYS, manager.getString("key"), key, asked);
    JsonObject narrowed = new JsonObject().put("scopes", new JsonArray().add("admin:keys"));
    edge.send("PATCH", ControlPlaneUnderTest.path(manager), ADMIN, narrowed);
    refused(post(KEYS, manager.getString("key"), key, asked), 403, "insufficient_scope");
    JsonObject none = new JsonObject().put("scopes", new JsonArray().add("orgs:read"));
    edge.send("PATCH", ControlPlaneUnderTest.path(manager), ADMIN, none);
    refused(post(KEYS, manager.getString("key"), key, asked), 403, "insufficient_scope");
  }

  @Test
  void onlyWhatWasMadeIsRemembered() {
    String key = fresh();
    post(ORGS, ADMIN, fresh(), org("once-h"));
    refused(post(ORGS, ADMIN, key, org("once-h")), 409, "slug_taken");
    refused(post(ORGS, ADMIN, key, org("NOT A SLUG")), 400, "invalid_request");
    HttpResponse<String> done = post(ORGS, ADMIN, key, org("once-i"));
    assertThat(done.statusCode()).isEqualTo(201);
    replayed(done, post(ORGS, ADMIN, key, org("once-i")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "tab\there", "é"})
  void aKeyIsOneToManyVisibleCharacters(String key) throws Exception {
    HttpResponse<String> response = raw(key);
    refused(response, 400, "invalid_request");
    assertThat(response.body()).contains("\"pointer\":\"Idempotency-Key\"");
  }

  /** What the JDK's client would not send. */
  private static HttpResponse<String> raw(String key) throws Exception {
    return RawPost.send(edge.port(), KEYS, ADMIN, List.of(key), body("orgs:read").toString());
  }

  @Test
  void aKeyHas255CharactersAtMostAndIsGivenOnce() throws Exception {
    assertThat(post(KEYS, ADMIN, "k".repeat(255), body("orgs:read")).statusCode()).isEqualTo(201);
    refused(post(KEYS, ADMIN, "k".repeat(256), body("orgs:read")), 400, "invalid_request");
    HttpResponse<String> two =
        RawPost.send(edge.port(), KEYS, ADMIN, List.of("one", "two"), body("orgs:read").toString());
    refused(two, 400, "invalid_request");
  }

  @Test
  void aBodyWithDuplicateMembersIsRefusedAlsoUnderAKeyThatIsKnown() {
    String key = fresh();
    String member = "{\"name\":\"n\",\"partner_id\":\"acme\",\"scopes\":[\"orgs:read\"]}";
    post(KEYS, ADMIN, key, member);
    refused(
        post(KEYS, ADMIN, key, member.replace("}", ",\"name\":\"n\"}")), 400, "invalid_request");
  }

  @Test
  void whatMakesNothingKnowsNoKeys() {
    JsonObject made = edge.created("orgs:read");
    for (String name : List.of("one", "two")) {
      HttpResponse<String> patched =
          edge.send(
              edge.request("PATCH", ControlPlaneUnderTest.path(made), ADMIN)
                  .header("Idempotency-Key", "same")
                  .header("Content-Type", "application/json")
                  .method("PATCH", BodyPublishers.ofString("{\"name\":\"" + name + "\"}")));
      assertThat(new JsonObject(patched.body()).getString("name")).isEqualTo(name);
    }
  }

  @Nested
  class WhileTheFirstIsRunning {
    @Test
    void aRepetitionIsToldSoAtOnceAndAfterwardsWhatWasMade() {
      UUID org = edge.org("acme");
      JsonObject asked = body("orgs:read").put("org_id", org.toString());
      String key = fresh();
      SqlConnection holder = Await.result(edge.pools.auth().getConnection());
      Await.result(holder.begin());
      Await.result(
          holder
              .preparedQuery("SELECT id FROM orgs WHERE id = $1 FOR UPDATE")
              .execute(Tuple.of(org)));
      CompletableFuture<HttpResponse<String>> first =
          CompletableFuture.supplyAsync(() -> post(KEYS, ADMIN, key, asked));
      await().until(() -> locksWaitedFor() == 1);

      HttpResponse<String> second = post(KEYS, ADMIN, key, asked);
      refused(second, 409, "idempotency_in_flight");
      assertThat(second.headers().firstValue("Retry-After")).contains("1");
      assertThat(first).isNotDone();

      Await.result(holder.query("ROLLBACK").execute());
      Await.result(holder.close());
      replayed(first.join(), post(KEYS, ADMIN, key, asked));
    }

    private static long locksWaitedFor() {
      Row row =
          edge.query(
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                      + " AND wait_event_type = 'Lock'")
              .iterator()
              .next();
      return row.getLong(0);
    }

    @Test
    void fiftyAtOnceMakeOneOrgAndAreToldOfThatOne() {
      String key = fresh();
      List<HttpResponse<String>> answers = new ArrayList<>();
      try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          sent.add(CompletableFuture.supplyAsync(() -> untilDone(ORGS, key, org("once-j")), pool));
        }
        sent.forEach(one -> answers.add(one.join()));
      }
      assertThat(answers).allMatch(answer -> answer.statusCode() == 201);
      assertThat(answers.stream().map(HttpResponse::body).distinct()).hasSize(1);
      assertThat(answers.stream().filter(IdempotencyTest::isReplay)).hasSize(49);
      assertThat(edge.query("SELECT id FROM orgs WHERE slug LIKE 'once-j%'").size()).isEqualTo(1);
    }

    private static HttpResponse<String> untilDone(String path, String key, JsonObject asked) {
      while (true) {
        HttpResponse<String> answer = post(path, ADMIN, key, asked);
        String code = new JsonObject(answer.body()).getString("code", "");
        if (!code.equals("idempotency_in_flight") && !code.equals("store_unavailable")) {
          return answer;
        }
      }
    }
  }

  private static boolean isReplay(HttpResponse<String> answer) {
    return answer.headers().firstValue("Idempotent-Replayed").isPresent();
  }

  @Test
  void aReplayPublishesWhatANodeLeftUnpublished() {
    JsonObject old = edge.created("orgs:read");
    String path = ControlPlaneUnderTest.path(old) + "/rotate";
    String key = fresh();
    HttpResponse<String> first = post(path, ADMIN, key, "{}");
    await().until(IdempotencyTest::everythingIsPublished);
    // As if the node had died between its commit and the publication.
    edge.query(
        "INSERT INTO change_outbox (id, key_ids) OVERRIDING SYSTEM VALUE"
            + " SELECT outbox_id, ARRAY[$1::text::uuid] FROM idempotency_keys"
            + " ORDER BY created_at DESC LIMIT 1",
        id(first));
    replayed(first, post(path, ADMIN, key, "{}"));
    await().until(IdempotencyTest::everythingIsPublished);
  }

  private static boolean everythingIsPublished() {
    return edge.query("SELECT id FROM change_outbox").size() == 0;
  }
}
