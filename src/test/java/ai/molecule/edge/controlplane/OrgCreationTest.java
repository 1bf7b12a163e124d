package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ids;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.OrgsUnderTest.ORGS;
import static ai.molecule.edge.controlplane.OrgsUnderTest.body;
import static ai.molecule.edge.controlplane.OrgsUnderTest.path;
import static ai.molecule.edge.controlplane.OrgsUnderTest.slug;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How an org is made over real sockets, stores and jobs: the HTTP contract, section 6. */
class OrgCreationTest {
  @AutoClose private static OrgsUnderTest orgs;
  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    orgs = new OrgsUnderTest();
    edge = orgs.edge;
  }

  @Test
  void withTheWholeOrgObjectAndItsLocation() {
    JsonObject body =
        body("whole-org")
            .put("plan", "pro")
            .put("seats", 7)
            .put(
                "branding",
                new JsonObject()
                    .put("display_name", "Whole")
                    .put("logo_url", "https://cdn.example/logo.png")
                    .put("primary_color", "#AABBCC")
                    .put("support_email", "help@whole.example")
                    .put("custom_domain", "console.whole.example"))
            .put("external_id", "ext-1")
            .put("metadata", new JsonObject().put("k", "v"));
    HttpResponse<String> response = edge.post(ORGS, orgs.partnerKey, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    assertThat(response.headers().firstValue("Location")).contains("/cp/orgs/whole-org");
    JsonObject org = json(response);
    assertThat(org.fieldNames())
        .containsExactlyInAnyOrder(
            "id",
            "partner_id",
            "slug",
            "name",
            "plan",
            "seats",
            "branding",
            "external_id",
            "ephemeral",
            "ttl_seconds",
            "metadata",
            "status",
            "console_url",
            "created_at",
            "ready_at",
            "deleted_at",
            "expires_at",
            "billing");
    assertThat(UUID.fromString(org.getString("id")).version()).isEqualTo(7);
    assertThat(org.getString("partner_id")).isEqualTo("acme");
    assertThat(org.getString("status")).isEqualTo("provisioning");
    assertThat(org.getString("plan")).isEqualTo("pro");
    assertThat(org.getInteger("seats")).isEqualTo(7);
    assertThat(org.getJsonObject("branding").getString("primary_color")).isEqualTo("#aabbcc");
    assertThat(org.getString("console_url"))
        .isEqualTo("http://127.0.0.1:" + edge.port() + "/console/whole-org");
    assertThat(org.getBoolean("ephemeral")).isFalse();
    assertThat(org.getValue("ttl_seconds")).isNull();
    assertThat(org.getJsonObject("billing"))
        .isEqualTo(
            new JsonObject().put("state", "metering").putNull("started_at").putNull("closed_at"));
    JsonObject ready = orgs.running(org);
    assertThat(ready.getString("ready_at")).isNotNull();
    assertThat(ready.getJsonObject("billing").getString("started_at")).isNotNull();
  }

  @Test
  void withDefaults() {
    JsonObject org = orgs.made(body(slug()));
    assertThat(org.getString("plan")).isEqualTo("starter");
    assertThat(org.getInteger("seats")).isEqualTo(5);
  }

  @Test
  void andEveryStepShowsThatItWasDone() {
    JsonObject org = orgs.running(orgs.made(body(slug())));
    JsonObject status = json(edge.get(path(org) + "/provision-status", orgs.partnerKey));
    assertThat(status.getString("status")).isEqualTo("running");
    assertThat(status.getString("ready_at")).isEqualTo(org.getString("ready_at"));
    List<String> steps = new ArrayList<>();
    for (Object entry : status.getJsonArray("steps")) {
      JsonObject step = (JsonObject) entry;
      steps.add(step.getString("name") + " " + step.getString("status"));
      assertThat(step.getString("started_at")).isNotNull();
      assertThat(step.getString("finished_at")).isNotNull();
      assertThat(step.getValue("error")).isNull();
    }
    assertThat(steps)
        .containsExactly(
            "record succeeded",
            "database succeeded",
            "network succeeded",
            "workspace_runtime succeeded",
            "console succeeded",
            "billing succeeded");
  }

  @Test
  void byTheAdminForThePartnerItNames() {
    refused(edge.post(ORGS, ADMIN, body(slug())), 400, "invalid_request");
    HttpResponse<String> response = edge.post(ORGS, ADMIN, body(slug()).put("partner_id", "other"));
    assertThat(json(response).getString("partner_id")).isEqualTo("other");
  }

  @Test
  void neverForAnotherPartner() {
    refused(
        edge.post(ORGS, orgs.partnerKey, body(slug()).put("partner_id", "other")),
        403,
        "escalation_refused");
  }

  @Test
  void onceForASlugUntilThatOrgIsGone() {
    JsonObject org = orgs.running(orgs.made(body(slug())));
    JsonObject again = body(org.getString("slug"));
    refused(edge.post(ORGS, orgs.partnerKey, again), 409, "slug_taken");
    refused(edge.post(ORGS, orgs.key("rival"), again), 409, "slug_taken");
    assertThat(edge.delete(path(org), orgs.partnerKey).statusCode()).isEqualTo(202);
    orgs.awaitGone(org);
    assertThat(orgs.made(again).getString("id")).isNotEqualTo(org.getString("id"));
  }

  @Test
  void onceForAnExternalIdOfAPartner() {
    JsonObject org = orgs.made(body(slug()).put("external_id", "market-1"));
    JsonObject again = body(slug()).put("external_id", "market-1");
    refused(edge.post(ORGS, orgs.partnerKey, again), 409, "external_id_taken");
    HttpResponse<String> elsewhere = edge.post(ORGS, orgs.key("elsewhere"), again);
    assertThat(elsewhere.statusCode()).isEqualTo(201);
    assertThat(ids(edge.get(ORGS + "?external_id=market-1", orgs.partnerKey)))
        .containsExactly(org.getString("id"));
  }

  @Test
  void onlySoManyTimesForAPartner() {
    String crowded = orgs.key("crowded");
    for (int i = 0; i < 20; i++) {
      assertThat(edge.post(ORGS, crowded, body(slug())).statusCode()).isEqualTo(201);
    }
    HttpResponse<String> over = edge.post(ORGS, crowded, body(slug()));
    refused(over, 409, "org_limit");
    assertThat(json(over).getString("detail")).contains("20");
  }

  @ParameterizedTest
  @ValueSource(strings = {"admin", "www", "molecule", "billing"})
  void neverUnderAReservedWord(String word) {
    refused(edge.post(ORGS, orgs.partnerKey, body(word)), 400, "slug_reserved");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"name\":\"n\"}', #/slug",
    "'{\"slug\":\"fine-one\"}', #/name",
    "'{\"slug\":\"Ab-c\",\"name\":\"n\"}', #/slug",
    "'{\"slug\":\"ab\",\"name\":\"n\"}', #/slug",
    "'{\"slug\":\"ab-\",\"name\":\"n\"}', #/slug",
    "'{\"slug\":\"a--b\",\"name\":\"n\"}', #/slug",
    "'{\"slug\":\"1ab\",\"name\":\"n\"}', #/slug",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"seats\":0}', #/seats",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"seats\":100001}', #/seats",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"plan\":\"gold\"}', #/plan",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"ttl_seconds\":100}', #/ttl_seconds",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"branding\":{\"logo_url\":\"http://x.example/\"}}',"
        + " #/branding/logo_url",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"branding\":{\"primary_color\":\"red\"}}',"
        + " #/branding/primary_color",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"branding\":{\"support_email\":\"a b@c\"}}',"
        + " #/branding/support_email",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"branding\":{\"x\":1}}', #/branding/x",
    "'{\"slug\":\"fine-one\",\"name\":\"n\",\"branding\":[]}', #/branding"
  })
  void onlyFromABodyThatIsRight(String body, String pointer) {
    HttpResponse<String> response = edge.post(ORGS, orgs.partnerKey, body);
    refused(response, 400, "invalid_request");
    JsonArray errors = json(response).getJsonArray("errors");
    assertThat(errors.getJsonObject(0).getString("pointer")).isEqualTo(pointer);
  }
}
