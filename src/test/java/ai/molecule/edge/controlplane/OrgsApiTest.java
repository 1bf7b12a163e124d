package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Orgs over real sockets, stores and jobs: the HTTP contract, section 6. */
class OrgsApiTest {
  private static final String ORGS = "/cp/orgs";
  private static final String[] EVERYTHING = {
    "orgs:create",
    "orgs:read",
    "orgs:manage",
    "orgs:delete",
    "provision:status",
    "members:manage",
    "admin:keys"
  };
  private static final AtomicInteger SLUGS = new AtomicInteger();

  private static ControlPlaneUnderTest edge;
  private static String partnerKey;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest(20).withJobs();
    partnerKey = key("acme");
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  private static String key(String partner) {
    JsonObject body = ControlPlaneUnderTest.body(EVERYTHING).put("partner_id", partner);
    return edge.created(body.put("rate_limit", 100_000)).getString("key");
  }

  private static String orgKey(JsonObject org) {
    JsonObject body =
        ControlPlaneUnderTest.body("orgs:read", "orgs:manage", "members:manage", "admin:keys")
            .put("partner_id", org.getString("partner_id"))
            .put("org_id", org.getString("id"));
    return edge.created(body.put("rate_limit", 100_000)).getString("key");
  }

  private static String slug() {
    return "org-" + SLUGS.incrementAndGet();
  }

  private static JsonObject body(String slug) {
    return new JsonObject().put("slug", slug).put("name", "An org");
  }

  private static HttpResponse<String> post(String path, String credential, Object body) {
    return edge.send("POST", path, credential, body);
  }

  private static HttpResponse<String> get(String path, String credential) {
    return edge.send("GET", path, credential, null);
  }

  private static HttpResponse<String> delete(String path, String credential) {
    return edge.send("DELETE", path, credential, null);
  }

  private static HttpResponse<String> patch(String path, String credential, Object body) {
    return edge.send("PATCH", path, credential, body);
  }

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  private static JsonObject made(JsonObject body) {
    HttpResponse<String> response = post(ORGS, partnerKey, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    return json(response);
  }

  private static String path(JsonObject org) {
    return ORGS + "/" + org.getString("slug");
  }

  private static JsonObject running(JsonObject org) {
    await().until(() -> status(org).equals("running"));
    return json(get(path(org), ADMIN));
  }

  private static String status(JsonObject org) {
    HttpResponse<String> response = get(ORGS + "/" + org.getString("id"), ADMIN);
    return response.statusCode() == 404 ? "gone" : json(response).getString("status");
  }

  private static void gone(JsonObject org) {
    await().until(() -> status(org).equals("gone"));
  }

  private static void refused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(json(response).getString("code")).isEqualTo(code);
  }

  private static List<String> ids(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    List<String> ids = new ArrayList<>();
    json(response).getJsonArray("data").forEach(o -> ids.add(((JsonObject) o).getString("id")));
    return ids;
  }

  @Nested
  class Created {
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
      HttpResponse<String> response = post(ORGS, partnerKey, body);
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
      JsonObject ready = running(org);
      assertThat(ready.getString("ready_at")).isNotNull();
      assertThat(ready.getJsonObject("billing").getString("started_at")).isNotNull();
    }

    @Test
    void withDefaults() {
      JsonObject org = made(body(slug()));
      assertThat(org.getString("plan")).isEqualTo("starter");
      assertThat(org.getInteger("seats")).isEqualTo(5);
    }

    @Test
    void andEveryStepShowsThatItWasDone() {
      JsonObject org = running(made(body(slug())));
      JsonObject status = json(get(path(org) + "/provision-status", partnerKey));
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
      refused(post(ORGS, ADMIN, body(slug())), 400, "invalid_request");
      HttpResponse<String> response = post(ORGS, ADMIN, body(slug()).put("partner_id", "other"));
      assertThat(json(response).getString("partner_id")).isEqualTo("other");
    }

    @Test
    void neverForAnotherPartner() {
      refused(
          post(ORGS, partnerKey, body(slug()).put("partner_id", "other")),
          403,
          "escalation_refused");
    }

    @Test
    void onceForASlugUntilThatOrgIsGone() {
      JsonObject org = running(made(body(slug())));
      JsonObject again = body(org.getString("slug"));
      refused(post(ORGS, partnerKey, again), 409, "slug_taken");
      refused(post(ORGS, key("rival"), again), 409, "slug_taken");
      assertThat(delete(path(org), partnerKey).statusCode()).isEqualTo(202);
      gone(org);
      assertThat(made(again).getString("id")).isNotEqualTo(org.getString("id"));
    }

    @Test
    void onceForAnExternalIdOfAPartner() {
      JsonObject org = made(body(slug()).put("external_id", "market-1"));
      JsonObject again = body(slug()).put("external_id", "market-1");
      refused(post(ORGS, partnerKey, again), 409, "external_id_taken");
      HttpResponse<String> elsewhere = post(ORGS, key("elsewhere"), again);
      assertThat(elsewhere.statusCode()).isEqualTo(201);
      assertThat(ids(get(ORGS + "?external_id=market-1", partnerKey)))
          .containsExactly(org.getString("id"));
    }

    @Test
    void onlySoManyTimesForAPartner() {
      String crowded = key("crowded");
      for (int i = 0; i < 20; i++) {
        assertThat(post(ORGS, crowded, body(slug())).statusCode()).isEqualTo(201);
      }
      HttpResponse<String> over = post(ORGS, crowded, body(slug()));
      refused(over, 409, "org_limit");
      assertThat(json(over).getString("detail")).contains("20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin", "www", "molecule", "billing"})
    void neverUnderAReservedWord(String word) {
      refused(post(ORGS, partnerKey, body(word)), 400, "slug_reserved");
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
      HttpResponse<String> response = post(ORGS, partnerKey, body);
      refused(response, 400, "invalid_request");
      JsonArray errors = json(response).getJsonArray("errors");
      assertThat(errors.getJsonObject(0).getString("pointer")).isEqualTo(pointer);
    }
  }

  @Nested
  class Changed {
    @Test
    void asAMergePatchSays() {
      JsonObject branding =
          new JsonObject().put("display_name", "D").put("support_email", "a@b.example");
      JsonObject org =
          made(
              body(slug())
                  .put("branding", branding)
                  .put("metadata", new JsonObject().put("a", "1").put("b", "2")));
      JsonObject patch =
          new JsonObject()
              .put("name", "New")
              .put("seats", 9)
              .put("branding", new JsonObject().putNull("display_name"))
              .put("metadata", new JsonObject().putNull("a").put("c", "3"));
      HttpResponse<String> response = patch(path(org), partnerKey, patch);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      JsonObject changed = json(response);
      assertThat(changed.getString("name")).isEqualTo("New");
      assertThat(changed.getInteger("seats")).isEqualTo(9);
      assertThat(changed.getJsonObject("branding").getValue("display_name")).isNull();
      assertThat(changed.getJsonObject("branding").getString("support_email"))
          .isEqualTo("a@b.example");
      assertThat(changed.getJsonObject("metadata"))
          .isEqualTo(new JsonObject().put("b", "2").put("c", "3"));
      assertThat(edge.audited(org)).contains("org.created", "org.updated");
      refused(
          patch(path(org), partnerKey, new JsonObject().put("slug", "other-slug")),
          400,
          "invalid_request");
    }
  }

  @Nested
  class Suspended {
    @Test
    void itsKeysAreRefusedEverywhereUntilItRunsAgain() {
      JsonObject org = running(made(body(slug())));
      String orgKey = orgKey(org);
      assertThat(get(path(org), orgKey).statusCode()).isEqualTo(200);

      HttpResponse<String> response = post(path(org) + "/suspend", partnerKey, null);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(json(response).getString("status")).isEqualTo("suspended");
      refused(get(path(org), orgKey), 403, "org_suspended");
      assertThat(get(path(org), partnerKey).statusCode()).isEqualTo(200);
      assertThat(post(path(org) + "/suspend", partnerKey, null).statusCode()).isEqualTo(200);

      assertThat(post(path(org) + "/resume", partnerKey, null).statusCode()).isEqualTo(200);
      assertThat(get(path(org), orgKey).statusCode()).isEqualTo(200);
      refused(post(path(org) + "/resume", partnerKey, null), 409, "wrong_state");
      assertThat(edge.audited(org)).contains("org.suspended", "org.resumed");
      // A change leaves the outbox a moment after its answer.
      await().until(() -> edge.query("SELECT id FROM change_outbox").size() == 0);
    }
  }

  @Nested
  class Deleted {
    @Test
    void itsKeysAreDeadAndItsBillingClosedWhenItAnswers() {
      JsonObject org = running(made(body(slug())));
      String orgKey = orgKey(org);
      HttpResponse<String> response = delete(path(org), partnerKey);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
      JsonObject going = json(response);
      assertThat(going.getString("status")).isEqualTo("deleting");
      assertThat(going.getJsonObject("billing").getString("state")).isEqualTo("closed");
      assertThat(going.getJsonObject("billing").getString("closed_at")).isNotNull();
      refused(get(path(org), orgKey), 401, "key_revoked");
      gone(org);
      refused(get(path(org), partnerKey), 404, "not_found");
      refused(delete(path(org), partnerKey), 404, "not_found");
      HttpResponse<String> listed = get(ORGS + "?status=deleted&limit=200", partnerKey);
      assertThat(ids(listed)).contains(org.getString("id"));
      assertThat(ids(get(ORGS + "?limit=200", partnerKey))).doesNotContain(org.getString("id"));
      assertThat(edge.audited(org).stream().filter("org.deleted"::equals)).hasSize(1);
      assertThat(left(org)).isZero();
    }
  }

  /** What is left of an org besides its row, its steps and its audit rows. */
  private static long left(JsonObject org) {
    return edge.query(
            """
            SELECT (SELECT count(*) FROM org_resources WHERE org_id = $1)
                 + (SELECT count(*) FROM workspaces WHERE org_id = $1 AND deleted_at IS NULL)
                 + (SELECT count(*) FROM org_members WHERE org_id = $1)
            """,
            UUID.fromString(org.getString("id")))
        .iterator()
        .next()
        .getLong(0);
  }

  @Nested
  class WithAKey {
    private JsonObject madeWithKey(JsonObject org) {
      JsonObject asked = ControlPlaneUnderTest.body("orgs:read", "admin:keys").put("org", org);
      return edge.created(asked);
    }

    @Test
    void anEphemeralOrgComesAndGoesInTwoCalls() {
      JsonObject key = madeWithKey(body(slug()).put("ephemeral", true));
      assertThat(key.getBoolean("ephemeral_org")).isTrue();
      JsonObject org = json(get(ORGS + "/" + key.getString("org_id"), key.getString("key")));
      assertThat(org.getBoolean("ephemeral")).isTrue();
      assertThat(org.getInteger("ttl_seconds")).isEqualTo(3600);
      assertThat(Instant.parse(org.getString("expires_at")))
          .isEqualTo(Instant.parse(org.getString("created_at")).plus(Duration.ofHours(1)));
      running(org);
      assertThat(delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
      assertThat(status(org)).isIn("deleting", "gone");
      gone(org);
      assertThat(left(org)).isZero();
      assertThat(edge.audited(org).stream().filter("org.deleted"::equals)).hasSize(1);
      assertThat(delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
    }

    @Test
    void theHolderOfTheKeyCanEndItToo() {
      JsonObject key = madeWithKey(body(slug()).put("ephemeral", true));
      JsonObject org = json(get(ORGS + "/" + key.getString("org_id"), key.getString("key")));
      assertThat(delete("/cp/partner-key", key.getString("key")).statusCode()).isEqualTo(204);
      assertThat(status(org)).isIn("deleting", "gone");
    }

    @Test
    void anEphemeralOrgLivesAsLongAsAKeyOfItsLineage() {
      JsonObject key = madeWithKey(body(slug()).put("ephemeral", true));
      JsonObject org = json(get(ORGS + "/" + key.getString("org_id"), ADMIN));
      HttpResponse<String> rotated =
          post(ControlPlaneUnderTest.path(key) + "/rotate", ADMIN, "{\"grace_seconds\":600}");
      JsonObject successor = json(rotated);
      String another = orgKey(org);
      assertThat(delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
      running(org);
      assertThat(delete(ControlPlaneUnderTest.path(successor), ADMIN).statusCode()).isEqualTo(204);
      assertThat(status(org)).isIn("deleting", "gone");
      refused(get(ORGS, another), 401, "key_revoked");
    }

    @Test
    void anOrgThatIsNotEphemeralOutlivesTheKey() {
      JsonObject key = madeWithKey(body(slug()));
      JsonObject org = json(get(ORGS + "/" + key.getString("org_id"), ADMIN));
      assertThat(key.getBoolean("ephemeral_org")).isFalse();
      assertThat(delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
      running(org);
    }

    @Test
    void bothOrNeither() {
      JsonObject taken = made(body(slug()));
      long before = edge.query("SELECT count(*) FROM partner_keys").iterator().next().getLong(0);
      JsonObject asked =
          ControlPlaneUnderTest.body("orgs:read").put("org", body(taken.getString("slug")));
      refused(edge.create(ADMIN, asked), 409, "slug_taken");
      assertThat(edge.query("SELECT count(*) FROM partner_keys").iterator().next().getLong(0))
          .isEqualTo(before);
    }

    @Test
    void aKeyNeedsTheScopeForOrgsAsWell() {
      JsonObject manager = edge.created(ControlPlaneUnderTest.body("admin:keys", "orgs:read"));
      JsonObject asked = ControlPlaneUnderTest.body("orgs:read").put("org", body(slug()));
      refused(edge.create(manager.getString("key"), asked), 403, "insufficient_scope");
      assertThat(edge.create(partnerKey, asked).statusCode()).isEqualTo(201);
    }

    @Test
    void pointersGoIntoTheOrg() {
      JsonObject asked =
          ControlPlaneUnderTest.body("orgs:create").put("org", body("UP").put("seats", "x"));
      List<String> pointers = new ArrayList<>();
      for (Object error : json(edge.create(ADMIN, asked)).getJsonArray("errors")) {
        pointers.add(((JsonObject) error).getString("pointer"));
      }
      assertThat(pointers).containsExactly("#/org/slug", "#/org/seats");
      asked.put("org", body(slug()));
      JsonObject error = json(edge.create(ADMIN, asked)).getJsonArray("errors").getJsonObject(0);
      assertThat(error.getString("code")).isEqualTo("not_for_org_keys");
    }
  }

  @Test
  void anEphemeralOrgEndsWhenItsTimeIsUp() {
    JsonObject org = made(body(slug()).put("ephemeral", true).put("ttl_seconds", 60));
    edge.query(
        "UPDATE orgs SET expires_at = now() - interval '1 second' WHERE id = $1",
        UUID.fromString(org.getString("id")));
    gone(org);
    assertThat(left(org)).isZero();
    assertThat(edge.audited(org)).contains("org.deleted");
  }

  @Nested
  class Members {
    @Test
    void haveSeatsUntilNoneIsLeft() {
      JsonObject org = made(body(slug()).put("seats", 2));
      String members = path(org) + "/members";
      HttpResponse<String> first =
          post(members, partnerKey, "{\"email\":\"Ann@x.example\",\"role\":\"owner\"}");
      assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
      JsonObject ann = json(first);
      assertThat(first.headers().firstValue("Location"))
          .contains(members + "/" + ann.getString("id"));
      assertThat(ann.fieldNames()).containsExactlyInAnyOrder("id", "email", "role", "created_at");
      refused(post(members, partnerKey, "{\"email\":\"ann@X.example\"}"), 409, "member_exists");
      HttpResponse<String> second = post(members, partnerKey, "{\"email\":\"bob@x.example\"}");
      assertThat(json(second).getString("role")).isEqualTo("member");
      refused(post(members, partnerKey, "{\"email\":\"c@x.example\"}"), 409, "seats_exhausted");
      refused(patch(path(org), partnerKey, "{\"seats\":1}"), 409, "seats_exhausted");
      assertThat(ids(get(members, partnerKey)))
          .containsExactlyInAnyOrder(ann.getString("id"), json(second).getString("id"));

      String one = members + "/" + ann.getString("id");
      assertThat(json(get(one, partnerKey))).isEqualTo(ann);
      assertThat(delete(one, partnerKey).statusCode()).isEqualTo(204);
      refused(delete(one, partnerKey), 404, "not_found");
      assertThat(post(members, partnerKey, "{\"email\":\"c@x.example\"}").statusCode())
          .isEqualTo(201);
      refused(post(members, partnerKey, "{\"email\":\"c\"}"), 400, "invalid_request");
      refused(
          post(members, partnerKey, "{\"email\":\"d@x.example\",\"role\":\"king\"}"),
          400,
          "invalid_request");
    }
  }

  @Test
  void listsArePagedNewestFirst() {
    String lister = key("lister");
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(json(post(ORGS, lister, body(slug()))).getString("id"));
    }
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      HttpResponse<String> page = get(ORGS + "?limit=2" + cursor, lister);
      seen.addAll(ids(page));
      String next = json(page).getString("next_cursor");
      cursor = next == null ? "" : "&cursor=" + next;
    } while (!cursor.isEmpty());
    assertThat(seen).containsExactlyInAnyOrderElementsOf(made);
    refused(get(ORGS + "?status=odd", lister), 400, "invalid_request");
    refused(get(ORGS + "?limit=0", lister), 400, "invalid_request");
  }

  @Test
  void anOrgKeyReachesItsOrgAlone() {
    JsonObject own = made(body(slug()));
    JsonObject other = made(body(slug()));
    String key = orgKey(own);
    assertThat(ids(get(ORGS, key))).containsExactly(own.getString("id"));
    refused(get(path(other), key), 404, "not_found");
    refused(post(path(other) + "/members", key, "{\"email\":\"a@x.example\"}"), 404, "not_found");
  }
}
