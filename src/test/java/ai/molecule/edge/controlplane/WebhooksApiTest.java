package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ids;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.partner;
import static ai.molecule.edge.controlplane.WebhookCalls.PATH;
import static ai.molecule.edge.controlplane.WebhookCalls.URL;
import static ai.molecule.edge.controlplane.WebhookCalls.body;
import static ai.molecule.edge.controlplane.WebhookCalls.delivery;
import static ai.molecule.edge.controlplane.WebhookCalls.key;
import static ai.molecule.edge.controlplane.WebhookCalls.made;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The webhooks API, by what it answers. */
class WebhooksApiTest {
  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  private static JsonObject get(String path, String credential) {
    HttpResponse<String> answer = edge.get(path, credential);
    return ok(answer, 200);
  }

  @Test
  void aWebhookShowsItsSecretOnceAndIsAudited() {
    String partner = partner();
    HttpResponse<String> answer =
        edge.post(
            PATH,
            ADMIN,
            body(URL, "org.created", "org.deleted", "org.created").put("partner_id", partner));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonObject made = json(answer);
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

    assertThat(edge.delete(path, ADMIN).statusCode()).isEqualTo(204);
    assertThat(edge.get(path, ADMIN).statusCode()).isEqualTo(404);
    assertThat(edge.delete(path, ADMIN).statusCode()).isEqualTo(404);
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
    String credential = key(edge, partner(), null, "webhooks:manage");
    HttpResponse<String> answer = edge.post(PATH, credential, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonObject error = json(answer).getJsonArray("errors").getJsonObject(0);
    assertThat(error.getString("pointer")).isEqualTo(pointer);
    assertThat(error.getString("code")).isEqualTo(code);
  }

  @Test
  void theAdminNamesThePartnerAndAKeyNoOther() {
    assertThat(edge.post(PATH, ADMIN, body(URL, "*")).statusCode()).isEqualTo(400);
    String credential = key(edge, "acme-x", null, "webhooks:manage");
    HttpResponse<String> other =
        edge.post(PATH, credential, body(URL, "*").put("partner_id", "rival-x"));
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(made(edge, credential, body(URL, "*")).getString("partner_id")).isEqualTo("acme-x");
  }

  @Test
  void aPartnerAndEachOrgHaveSoManyAndNoMore() {
    String partner = partner();
    String wide = key(edge, partner, null, "webhooks:manage");
    String ofOrg = key(edge, partner, edge.org(partner), "webhooks:manage");
    for (String credential : List.of(wide, ofOrg)) {
      for (int i = 0; i < ControlPlaneParts.WEBHOOKS_MAX; i++) {
        made(edge, credential, body(URL, "*"));
      }
      HttpResponse<String> refused = edge.post(PATH, credential, body(URL, "*"));
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(json(refused).getString("code")).isEqualTo("webhook_limit");
    }
  }

  @Test
  void aListShowsWhatIsWithinReachPageByPage() {
    String partner = partner();
    UUID org = edge.org(partner);
    String wide = key(edge, partner, null, "webhooks:manage");
    String ofOrg = key(edge, partner, org, "webhooks:manage");
    String first = made(edge, wide, body(URL, "*")).getString("id");
    JsonObject ofTheOrg = made(edge, ofOrg, body(URL, "*"));
    String last = made(edge, wide, body(URL, "*")).getString("id");
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
    JsonObject webhook = made(edge, key(edge, partner(), null, "webhooks:manage"), body(URL, "*"));
    String dead = delivery(edge, webhook, "dead");
    String delivered = delivery(edge, webhook, "delivered");
    String pending = delivery(edge, webhook, "pending");
    String path = PATH + "/" + webhook.getString("id") + "/deliveries";
    assertThat(ids(get(path, ADMIN))).containsExactly(pending, delivered, dead);
    assertThat(ids(get(path + "?status=dead", ADMIN))).containsExactly(dead);
    assertThat(ids(get(path + "?status=pending", ADMIN))).containsExactly(pending);
    JsonObject page = get(path + "?limit=1", ADMIN);
    assertThat(ids(get(path + "?limit=2&cursor=" + page.getString("next_cursor"), ADMIN)))
        .containsExactly(delivered, dead);
    assertThat(edge.get(path + "?status=lost", ADMIN).statusCode()).isEqualTo(400);
    for (String id : List.of(dead, delivered, pending)) {
      HttpResponse<String> replayed = edge.post(path + "/" + id + "/replay", ADMIN, null);
      assertThat(replayed.statusCode()).as(replayed.body()).isEqualTo(202);
      JsonObject delivery = json(replayed);
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
    String credential = key(edge, partner, null, "webhooks:manage");
    List<JsonObject> answers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      HttpRequest.Builder request =
          edge.request("POST", PATH, credential)
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", "once")
              .POST(HttpRequest.BodyPublishers.ofString(body(URL, "*").encode()));
      answers.add(json(edge.send(request)));
    }
    assertThat(answers.getFirst()).isEqualTo(answers.getLast());
    assertThat(answers.getFirst().getString("secret")).startsWith("whsec_");
    assertThat(ids(get(PATH, credential))).hasSize(1);
  }
}
