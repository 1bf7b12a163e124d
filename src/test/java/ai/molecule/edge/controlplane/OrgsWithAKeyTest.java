package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.pointers;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.OrgsUnderTest.ORGS;
import static ai.molecule.edge.controlplane.OrgsUnderTest.body;
import static ai.molecule.edge.controlplane.OrgsUnderTest.slug;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Orgs that are made in one call with a key, and ephemeral orgs, which end with the keys that they
 * came with or with their time.
 */
class OrgsWithAKeyTest {
  @AutoClose private static OrgsUnderTest orgs;
  private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    orgs = new OrgsUnderTest();
    edge = orgs.edge;
  }

  private JsonObject madeWithKey(JsonObject org) {
    JsonObject asked = ControlPlaneUnderTest.body("orgs:read", "admin:keys").put("org", org);
    return edge.created(asked);
  }

  @Test
  void anEphemeralOrgComesAndGoesInTwoCalls() {
    JsonObject key = madeWithKey(body(slug()).put("ephemeral", true));
    assertThat(key.getBoolean("ephemeral_org")).isTrue();
    JsonObject org = json(edge.get(ORGS + "/" + key.getString("org_id"), key.getString("key")));
    assertThat(org.getBoolean("ephemeral")).isTrue();
    assertThat(org.getInteger("ttl_seconds")).isEqualTo(3600);
    assertThat(Instant.parse(org.getString("expires_at")))
        .isEqualTo(Instant.parse(org.getString("created_at")).plus(Duration.ofHours(1)));
    orgs.running(org);
    assertThat(edge.delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
    assertThat(orgs.status(org)).isIn("deleting", "gone");
    orgs.awaitGone(org);
    assertThat(orgs.left(org)).isZero();
    assertThat(edge.audited(org).stream().filter("org.deleted"::equals)).hasSize(1);
    assertThat(edge.delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
  }

  @Test
  void theHolderOfTheKeyCanEndItToo() {
    JsonObject key = madeWithKey(body(slug()).put("ephemeral", true));
    JsonObject org = json(edge.get(ORGS + "/" + key.getString("org_id"), key.getString("key")));
    assertThat(edge.delete("/cp/partner-key", key.getString("key")).statusCode()).isEqualTo(204);
    assertThat(orgs.status(org)).isIn("deleting", "gone");
  }

  @Test
  void anEphemeralOrgLivesAsLongAsAKeyOfItsLineage() {
    JsonObject key = madeWithKey(body(slug()).put("ephemeral", true));
    JsonObject org = json(edge.get(ORGS + "/" + key.getString("org_id"), ADMIN));
    HttpResponse<String> rotated =
        edge.post(ControlPlaneUnderTest.path(key) + "/rotate", ADMIN, "{\"grace_seconds\":600}");
    JsonObject successor = json(rotated);
    String another = orgs.orgKey(org);
    assertThat(edge.delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
    orgs.running(org);
    assertThat(edge.delete(ControlPlaneUnderTest.path(successor), ADMIN).statusCode())
        .isEqualTo(204);
    assertThat(orgs.status(org)).isIn("deleting", "gone");
    refused(edge.get(ORGS, another), 401, "key_revoked");
  }

  @Test
  void anOrgThatIsNotEphemeralOutlivesTheKey() {
    JsonObject key = madeWithKey(body(slug()));
    JsonObject org = json(edge.get(ORGS + "/" + key.getString("org_id"), ADMIN));
    assertThat(key.getBoolean("ephemeral_org")).isFalse();
    assertThat(edge.delete(ControlPlaneUnderTest.path(key), ADMIN).statusCode()).isEqualTo(204);
    orgs.running(org);
  }

  @Test
  void bothOrNeither() {
    JsonObject taken = orgs.made(body(slug()));
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
    assertThat(edge.create(orgs.partnerKey, asked).statusCode()).isEqualTo(201);
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

  @Test
  void anEphemeralOrgEndsWhenItsTimeIsUp() {
    JsonObject org = orgs.made(body(slug()).put("ephemeral", true).put("ttl_seconds", 60));
    edge.query(
        "UPDATE orgs SET expires_at = now() - interval '1 second' WHERE id = $1",
        UUID.fromString(org.getString("id")));
    orgs.awaitGone(org);
    assertThat(orgs.left(org)).isZero();
    assertThat(edge.audited(org)).contains("org.deleted");
  }
}
