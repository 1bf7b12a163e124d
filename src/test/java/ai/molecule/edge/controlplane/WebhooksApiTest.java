package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Scope;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The webhooks API, by what it answers: to whom, and of what is not the caller's nothing. */
class WebhooksApiTest {
  private static final String PATH = "/cp/webhooks";
  private static final String URL = "https://hooks.acme.example/x?token=t0ken";
  private static final List<ControlRoute> ROUTES =
      ControlPlaneUnderTest.offline().stream()
          .filter(route -> route.spec().template().startsWith(PATH))
          .toList();

  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  /** A partner of its own, so that tests do not share its bound. */
  private static String partner() {
    return "p-" + UUID.randomUUID().toString().substring(0, 8);
  }

  static JsonObject body(String url, String... events) {
    return new JsonObject().put("url", url).put("events", new JsonArray(List.of(events)));
  }

  private static JsonObject made(String credential, JsonObject body) {
    HttpResponse<String> answer = edge.send("POST", PATH, credential, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return new JsonObject(answer.body());
  }

  private static String key(String partner, UUID org, String... scopes) {
    JsonObject body =
        ControlPlaneUnderTest.body(scopes).put("partner_id", partner).put("rate_limit", 1_000_000);
    return edge.created(org == null ? body : body.put("org_id", org.toString())).getString("key");
  }

  private static JsonObject get(String path, String credential) {
    HttpResponse<String> answer = edge.send("GET", path, credential, null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new JsonObject(answer.body());
  }

  private static String delivery(JsonObject webhook, String status) {
    return delivery(edge, webhook, status);
  }

  /** A delivery of that webhook, put there by hand. */
  static String delivery(ControlPlaneUnderTest edge, JsonObject webhook, String status) {
    UUID event = UUID.randomUUID();
    edge.query(
        """
        INSERT INTO events (id, partner_id, type, at, body)
        VALUES ($1, $2, 'org.created', now(), '{"type":"org.created","timestamp":"t","data":{}}')
        """,
        event,
        webhook.getString("partner_id"));
    return edge.query(
            """
            INSERT INTO webhook_deliveries (webhook_id, event_id, status, ended_at)
            VALUES ($1, $2, $3, CASE WHEN $3 <> 'pending' THEN now() END) RETURNING id
            """,
            UUID.fromString(webhook.getString("id")),
            event,
            status)
        .iterator()
        .next()
        .getUUID(0)
        .toString();
  }

  @Test
  void aWebhookShowsItsSecretOnceAndIsAudited() {
    String partner = partner();
    HttpResponse<String> answer =
        edge.send(
            "POST",
            PATH,
            ADMIN,
            body(URL, "org.created", "org.deleted", "org.created").put("partner_id", partner));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonObject made = new JsonObject(answer.body());
    assertThat(made.getString("secret")).matches("whsec_[0-9A-Za-z+/]{43}=");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    String path = PATH + "/" + made.getString("id");
    assertThat(answer.headers().firstValue("Location")).contains(path);
    JsonObject shown = get(path, ADMIN);
    assertThat(shown.fieldNames())
        .containsExactly(
            "id",
            "partner_id",
            "org_id",
            "url",
            "events",
            "status",
            "created_by",
            "created_at",
            "disabled_at");
    assertThat(shown.getJsonArray("events"))
        .isEqualTo(new JsonArray(List.of("org.created", "org.deleted")));
    assertThat(shown.getString("status")).isEqualTo("enabled");
    assertThat(shown.getString("partner_id")).isEqualTo(partner);
    assertThat(edge.audited(made)).containsExactly("webhook.created");
    String row =
        edge.query("SELECT w::text FROM webhooks w WHERE partner_id = $1", partner)
            .iterator()
            .next()
            .getString(0);
    assertThat(row).doesNotContain(made.getString("secret").substring(6));
    String audit =
        edge.query("SELECT a::text FROM audit_log a WHERE target_id = $1", made.getString("id"))
            .iterator()
            .next()
            .getString(0);
    assertThat(audit).contains("https://hooks.acme.example:443").doesNotContain("t0ken");

    assertThat(edge.send("DELETE", path, ADMIN, null).statusCode()).isEqualTo(204);
    assertThat(edge.send("GET", path, ADMIN, null).statusCode()).isEqualTo(404);
    assertThat(edge.send("DELETE", path, ADMIN, null).statusCode()).isEqualTo(404);
    assertThat(edge.audited(made)).containsExactly("webhook.created", "webhook.deleted");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"events\":[\"*\"]} | #/url | required",
        "{\"url\":\"https://a.example/\"} | #/events | required",
        "{\"url\":\"https://a.example/\",\"events\":[]} | #/events | too_few",
        "{\"url\":\"https://a.example/\",\"events\":[\"org.exploded\"]} | #/events/0 |"
            + " unknown_event",
        "{\"url\":\"https://a.example/\",\"events\":\"*\"} | #/events | wrong_type",
        "{\"url\":\"/x\",\"events\":[\"*\"]} | #/url | invalid_format",
        "{\"url\":\"https://u:p@a.example/\",\"events\":[\"*\"]} | #/url | invalid_format",
        "{\"url\":\"http://a.example/\",\"events\":[\"*\"]} | #/url | not_allowed",
        "{\"url\":\"https://10.0.0.1/\",\"events\":[\"*\"]} | #/url | not_allowed",
        "{\"url\":\"https://169.254.169.254/\",\"events\":[\"*\"]} | #/url | not_allowed",
        "{\"url\":\"https://a.example/\",\"events\":[\"*\"],\"secret\":\"x\"} | #/secret |"
            + " unknown_member",
      })
  void aWrongBodyIsRefusedWithWhatIsWrong(String body, String pointer, String code) {
    String credential = key(partner(), null, "webhooks:manage");
    HttpResponse<String> answer = edge.send("POST", PATH, credential, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonObject error = new JsonObject(answer.body()).getJsonArray("errors").getJsonObject(0);
    assertThat(error.getString("pointer")).isEqualTo(pointer);
    assertThat(error.getString("code")).isEqualTo(code);
  }

  @Test
  void theAdminNamesThePartnerAndAKeyNoOther() {
    assertThat(edge.send("POST", PATH, ADMIN, body(URL, "*")).statusCode()).isEqualTo(400);
    String credential = key("acme-x", null, "webhooks:manage");
    HttpResponse<String> other =
        edge.send("POST", PATH, credential, body(URL, "*").put("partner_id", "rival-x"));
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(made(credential, body(URL, "*")).getString("partner_id")).isEqualTo("acme-x");
  }

  @Test
  void aPartnerAndEachOrgHaveSoManyAndNoMore() {
    String partner = partner();
    String wide = key(partner, null, "webhooks:manage");
    String ofOrg = key(partner, edge.org(partner), "webhooks:manage");
    for (String credential : List.of(wide, ofOrg)) {
      for (int i = 0; i < ControlPlaneParts.WEBHOOKS_MAX; i++) {
        made(credential, body(URL, "*"));
      }
      HttpResponse<String> refused = edge.send("POST", PATH, credential, body(URL, "*"));
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(new JsonObject(refused.body()).getString("code")).isEqualTo("webhook_limit");
    }
  }

  @Test
  void aListShowsWhatIsWithinReachPageByPage() {
    String partner = partner();
    UUID org = edge.org(partner);
    String wide = key(partner, null, "webhooks:manage");
    String ofOrg = key(partner, org, "webhooks:manage");
    String first = made(wide, body(URL, "*")).getString("id");
    JsonObject ofTheOrg = made(ofOrg, body(URL, "*"));
    String last = made(wide, body(URL, "*")).getString("id");
    assertThat(ofTheOrg.getString("org_id")).isEqualTo(org.toString());
    assertThat(ids(get(PATH, wide))).containsExactly(last, ofTheOrg.getString("id"), first);
    assertThat(ids(get(PATH, ofOrg))).containsExactly(ofTheOrg.getString("id"));
    JsonObject page = get(PATH + "?limit=2", wide);
    assertThat(ids(page)).containsExactly(last, ofTheOrg.getString("id"));
    JsonObject rest = get(PATH + "?limit=2&cursor=" + page.getString("next_cursor"), wide);
    assertThat(ids(rest)).containsExactly(first);
    assertThat(rest.getString("next_cursor")).isNull();
    assertThat(get(PATH, wide).encode()).doesNotContain("whsec_");
  }

  private static List<String> ids(JsonObject list) {
    return list.getJsonArray("data").stream()
        .map(item -> ((JsonObject) item).getString("id"))
        .toList();
  }

  @Test
  void deliveriesAreListedByStatusAndReplayed() {
    JsonObject webhook = made(key(partner(), null, "webhooks:manage"), body(URL, "*"));
    String dead = delivery(webhook, "dead");
    String delivered = delivery(webhook, "delivered");
    String pending = delivery(webhook, "pending");
    String path = PATH + "/" + webhook.getString("id") + "/deliveries";
    assertThat(ids(get(path, ADMIN))).containsExactly(pending, delivered, dead);
    assertThat(ids(get(path + "?status=dead", ADMIN))).containsExactly(dead);
    assertThat(ids(get(path + "?status=pending", ADMIN))).containsExactly(pending);
    JsonObject page = get(path + "?limit=1", ADMIN);
    assertThat(ids(get(path + "?limit=2&cursor=" + page.getString("next_cursor"), ADMIN)))
        .containsExactly(delivered, dead);
    assertThat(edge.send("GET", path + "?status=lost", ADMIN, null).statusCode()).isEqualTo(400);
    for (String id : List.of(dead, delivered, pending)) {
      HttpResponse<String> replayed = edge.send("POST", path + "/" + id + "/replay", ADMIN, null);
      assertThat(replayed.statusCode()).as(replayed.body()).isEqualTo(202);
      JsonObject delivery = new JsonObject(replayed.body());
      assertThat(delivery.getString("status")).isEqualTo("pending");
      assertThat(delivery.getString("next_attempt_at")).isNotNull();
      assertThat(delivery.getString("ended_at")).isNull();
      assertThat(edge.audited(new JsonObject().put("id", id)))
          .containsExactly("webhook.delivery_replayed");
    }
  }

  @Test
  void aRepeatedCreationMakesOneWebhook() {
    String partner = partner();
    String credential = key(partner, null, "webhooks:manage");
    List<JsonObject> answers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      HttpRequest.Builder request =
          edge.request("POST", PATH, credential)
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", "once")
              .POST(HttpRequest.BodyPublishers.ofString(body(URL, "*").encode()));
      answers.add(new JsonObject(edge.send(request).body()));
    }
    assertThat(answers.getFirst()).isEqualTo(answers.getLast());
    assertThat(answers.getFirst().getString("secret")).startsWith("whsec_");
    assertThat(ids(get(PATH, credential))).hasSize(1);
  }

  static List<Arguments> routesWithAnId() {
    List<Arguments> all = new ArrayList<>();
    for (ControlRoute route : ROUTES) {
      if (route.spec().template().contains("{id}")) {
        for (boolean ofOrg : List.of(false, true)) {
          String name = route.method() + " " + route.spec().template();
          all.add(Arguments.of(name, ofOrg ? "org key" : "partner-wide key", route));
        }
      }
    }
    return all;
  }

  /** Every kind of id that is not the caller's, in every position: one and the same 404. */
  @ParameterizedTest(name = "{0} by {1}")
  @MethodSource("routesWithAnId")
  void whatIsOutOfReachIsTheSameAsWhatDoesNotExist(String name, String caller, ControlRoute route) {
    String partner = partner();
    UUID org = edge.org(partner);
    boolean ofOrg = caller.equals("org key");
    String credential = key(partner, ofOrg ? org : null, "webhooks:manage");
    String own = made(credential, body(URL, "*")).getString("id");
    JsonObject foreign = made(ADMIN, body(URL, "*").put("partner_id", partner()));
    String ofForeign = delivery(foreign, "dead");
    String ofNobody = UUID.randomUUID().toString();
    String unknown = answer(route, credential, ofNobody, ofNobody);
    assertThat(unknown).startsWith("404").contains("\"not_found\"");
    assertThat(answer(route, credential, foreign.getString("id"), ofForeign)).isEqualTo(unknown);
    assertThat(answer(route, credential, "x", "x")).isEqualTo(unknown);
    if (route.spec().template().contains("{delivery}")) {
      assertThat(answer(route, credential, own, ofForeign)).isEqualTo(unknown);
      assertThat(answer(route, credential, own, ofNobody)).isEqualTo(unknown);
      assertThat(answer(route, credential, own, "x")).isEqualTo(unknown);
    }
    if (ofOrg) {
      JsonObject wide = made(key(partner, null, "webhooks:manage"), body(URL, "*"));
      JsonObject sibling = made(key(partner, edge.org(partner), "webhooks:manage"), body(URL, "*"));
      for (JsonObject other : List.of(wide, sibling)) {
        String theirs = delivery(other, "dead");
        assertThat(answer(route, credential, other.getString("id"), theirs)).isEqualTo(unknown);
      }
    }
    assertThat(edge.query("SELECT FROM webhooks WHERE id = $1", UUID.fromString(own))).hasSize(1);
  }

  private static String answer(ControlRoute route, String credential, String id, String delivery) {
    HttpResponse<String> response = send(route, credential, id, delivery);
    TreeMap<String, List<String>> headers = new TreeMap<>(response.headers().map());
    headers.keySet().removeIf(header -> header.toLowerCase().matches("x-request-id|ratelimit.*"));
    return response.statusCode()
        + response.body().replaceAll("\"request_id\":\"[^\"]*\"", "")
        + headers;
  }

  private static HttpResponse<String> send(
      ControlRoute route, String credential, String id, String delivery) {
    String path = route.spec().template().replace("{id}", id).replace("{delivery}", delivery);
    return edge.send(
        route.method().name(),
        path,
        credential,
        route.body().reads() ? body("https://a.example/", "*") : null);
  }

  static List<Arguments> routes() {
    return ROUTES.stream()
        .map(route -> Arguments.of(route.method() + " " + route.spec().template(), route))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("routes")
  void aRouteTakesItsOwnScopeAlone(String name, ControlRoute route) {
    String partner = partner();
    String all = UUID.randomUUID().toString();
    String[] others =
        Arrays.stream(Scope.values())
            .filter(scope -> scope != Scope.WEBHOOKS_MANAGE)
            .map(Scope::wireName)
            .toArray(String[]::new);
    HttpResponse<String> refused = send(route, key(partner, null, others), all, all);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
        .contains("scope=\"webhooks:manage\"");
    HttpResponse<String> taken = send(route, key(partner, null, "webhooks:manage"), all, all);
    assertThat(taken.statusCode()).as(taken.body()).isIn(200, 201, 404);
  }
}
