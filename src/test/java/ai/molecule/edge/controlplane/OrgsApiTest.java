package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ids;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.OrgsUnderTest.ORGS;
import static ai.molecule.edge.controlplane.OrgsUnderTest.body;
import static ai.molecule.edge.controlplane.OrgsUnderTest.path;
import static ai.molecule.edge.controlplane.OrgsUnderTest.slug;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What can be done with an org that is there, over real sockets, stores and jobs: the HTTP
 * contract, section 6.
 */
class OrgsApiTest {
  @AutoClose private static OrgsUnderTest orgs;
  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    orgs = new OrgsUnderTest();
    edge = orgs.edge;
  }

  @Nested
  class Changed {
    @Test
    void asAMergePatchSays() {
      JsonObject branding =
          new JsonObject().put("display_name", "D").put("support_email", "a@b.example");
      JsonObject org =
          orgs.made(
              body(slug())
                  .put("branding", branding)
                  .put("metadata", new JsonObject().put("a", "1").put("b", "2")));
      JsonObject patch =
          new JsonObject()
              .put("name", "New")
              .put("seats", 9)
              .put("branding", new JsonObject().putNull("display_name"))
              .put("metadata", new JsonObject().putNull("a").put("c", "3"));
      HttpResponse<String> response = edge.patch(path(org), orgs.partnerKey, patch);
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
          edge.patch(path(org), orgs.partnerKey, new JsonObject().put("slug", "other-slug")),
          400,
          "invalid_request");
    }
  }

  @Nested
  class Suspended {
    @Test
    void itsKeysAreRefusedEverywhereUntilItRunsAgain() {
      JsonObject org = orgs.running(orgs.made(body(slug())));
      String orgKey = orgs.orgKey(org);
      assertThat(edge.get(path(org), orgKey).statusCode()).isEqualTo(200);

      HttpResponse<String> response = edge.post(path(org) + "/suspend", orgs.partnerKey, null);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(json(response).getString("status")).isEqualTo("suspended");
      refused(edge.get(path(org), orgKey), 403, "org_suspended");
      assertThat(edge.get(path(org), orgs.partnerKey).statusCode()).isEqualTo(200);
      assertThat(edge.post(path(org) + "/suspend", orgs.partnerKey, null).statusCode())
          .isEqualTo(200);

      assertThat(edge.post(path(org) + "/resume", orgs.partnerKey, null).statusCode())
          .isEqualTo(200);
      assertThat(edge.get(path(org), orgKey).statusCode()).isEqualTo(200);
      refused(edge.post(path(org) + "/resume", orgs.partnerKey, null), 409, "wrong_state");
      assertThat(edge.audited(org)).contains("org.suspended", "org.resumed");
      // A change leaves the outbox a moment after its answer.
      await().until(() -> edge.query("SELECT id FROM change_outbox").size() == 0);
    }
  }

  @Nested
  class Deleted {
    @Test
    void itsKeysAreDeadAndItsBillingClosedWhenItAnswers() {
      JsonObject org = orgs.running(orgs.made(body(slug())));
      String orgKey = orgs.orgKey(org);
      HttpResponse<String> response = edge.delete(path(org), orgs.partnerKey);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
      JsonObject going = json(response);
      assertThat(going.getString("status")).isEqualTo("deleting");
      assertThat(going.getJsonObject("billing").getString("state")).isEqualTo("closed");
      assertThat(going.getJsonObject("billing").getString("closed_at")).isNotNull();
      refused(edge.get(path(org), orgKey), 401, "key_revoked");
      orgs.awaitGone(org);
      refused(edge.get(path(org), orgs.partnerKey), 404, "not_found");
      refused(edge.delete(path(org), orgs.partnerKey), 404, "not_found");
      HttpResponse<String> listed = edge.get(ORGS + "?status=deleted&limit=200", orgs.partnerKey);
      assertThat(ids(listed)).contains(org.getString("id"));
      assertThat(ids(edge.get(ORGS + "?limit=200", orgs.partnerKey)))
          .doesNotContain(org.getString("id"));
      assertThat(edge.audited(org).stream().filter("org.deleted"::equals)).hasSize(1);
      assertThat(orgs.left(org)).isZero();
    }
  }

  @Nested
  class Members {
    @Test
    void haveSeatsUntilNoneIsLeft() {
      JsonObject org = orgs.made(body(slug()).put("seats", 2));
      String members = path(org) + "/members";
      HttpResponse<String> first =
          edge.post(members, orgs.partnerKey, "{\"email\":\"Ann@x.example\",\"role\":\"owner\"}");
      assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
      JsonObject ann = json(first);
      assertThat(first.headers().firstValue("Location"))
          .contains(members + "/" + ann.getString("id"));
      assertThat(ann.fieldNames()).containsExactlyInAnyOrder("id", "email", "role", "created_at");
      refused(
          edge.post(members, orgs.partnerKey, "{\"email\":\"ann@X.example\"}"),
          409,
          "member_exists");
      HttpResponse<String> second =
          edge.post(members, orgs.partnerKey, "{\"email\":\"bob@x.example\"}");
      assertThat(json(second).getString("role")).isEqualTo("member");
      refused(
          edge.post(members, orgs.partnerKey, "{\"email\":\"c@x.example\"}"),
          409,
          "seats_exhausted");
      refused(edge.patch(path(org), orgs.partnerKey, "{\"seats\":1}"), 409, "seats_exhausted");
      assertThat(ids(edge.get(members, orgs.partnerKey)))
          .containsExactlyInAnyOrder(ann.getString("id"), json(second).getString("id"));

      String one = members + "/" + ann.getString("id");
      assertThat(json(edge.get(one, orgs.partnerKey))).isEqualTo(ann);
      assertThat(edge.delete(one, orgs.partnerKey).statusCode()).isEqualTo(204);
      refused(edge.delete(one, orgs.partnerKey), 404, "not_found");
      assertThat(edge.post(members, orgs.partnerKey, "{\"email\":\"c@x.example\"}").statusCode())
          .isEqualTo(201);
      refused(edge.post(members, orgs.partnerKey, "{\"email\":\"c\"}"), 400, "invalid_request");
      refused(
          edge.post(members, orgs.partnerKey, "{\"email\":\"d@x.example\",\"role\":\"king\"}"),
          400,
          "invalid_request");
    }
  }

  @Test
  void listsArePagedNewestFirst() {
    String lister = orgs.key("lister");
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(json(edge.post(ORGS, lister, body(slug()))).getString("id"));
    }
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      HttpResponse<String> page = edge.get(ORGS + "?limit=2" + cursor, lister);
      seen.addAll(ids(page));
      String next = json(page).getString("next_cursor");
      cursor = next == null ? "" : "&cursor=" + next;
    } while (!cursor.isEmpty());
    assertThat(seen).containsExactlyInAnyOrderElementsOf(made);
    refused(edge.get(ORGS + "?status=odd", lister), 400, "invalid_request");
    refused(edge.get(ORGS + "?limit=0", lister), 400, "invalid_request");
  }

  @Test
  void anOrgKeyReachesItsOrgAlone() {
    JsonObject own = orgs.made(body(slug()));
    JsonObject other = orgs.made(body(slug()));
    String key = orgs.orgKey(own);
    assertThat(ids(edge.get(ORGS, key))).containsExactly(own.getString("id"));
    refused(edge.get(path(other), key), 404, "not_found");
    refused(
        edge.post(path(other) + "/members", key, "{\"email\":\"a@x.example\"}"), 404, "not_found");
  }
}
