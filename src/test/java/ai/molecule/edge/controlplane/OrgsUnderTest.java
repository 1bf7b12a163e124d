package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** A control plane with jobs, and a partner, acme, that makes orgs there. */
final class OrgsUnderTest implements AutoCloseable {
  static final String ORGS = "/cp/orgs";
  static final int PER_PARTNER_MAX = 20;
  private static final AtomicInteger SLUGS = new AtomicInteger();

  final ControlPlaneUnderTest edge = new ControlPlaneUnderTest(PER_PARTNER_MAX).withJobs();
  final String partnerKey = key("acme");

  /** A key of that partner with every scope that orgs and their members take. */
  String key(String partner) {
    JsonObject body =
        ControlPlaneUnderTest.body(
            "orgs:create",
            "orgs:read",
            "orgs:manage",
            "orgs:delete",
            "provision:status",
            "members:manage",
            "admin:keys");
    return keyOf(body.put("partner_id", partner));
  }

  /** A key of that org. */
  String orgKey(JsonObject org) {
    JsonObject body =
        ControlPlaneUnderTest.body("orgs:read", "orgs:manage", "members:manage", "admin:keys")
            .put("partner_id", org.getString("partner_id"))
            .put("org_id", org.getString("id"));
    return keyOf(body);
  }

  private String keyOf(JsonObject body) {
    return edge.created(body.put("rate_limit", 100_000)).getString("key");
  }

  /** A slug that no org has had. */
  static String slug() {
    return "org-" + SLUGS.incrementAndGet();
  }

  static JsonObject body(String slug) {
    return new JsonObject().put("slug", slug).put("name", "An org");
  }

  /** The org that acme makes of that body. */
  JsonObject made(JsonObject body) {
    return ok(edge.post(ORGS, partnerKey, body), 201);
  }

  static String path(JsonObject org) {
    return ORGS + "/" + org.getString("slug");
  }

  /** The org once it runs. */
  JsonObject running(JsonObject org) {
    await().until(() -> status(org).equals("running"));
    return json(edge.get(path(org), ADMIN));
  }

  /** Its status; {@code gone} once nobody is shown it any more. */
  String status(JsonObject org) {
    HttpResponse<String> response = edge.get(ORGS + "/" + org.getString("id"), ADMIN);
    return response.statusCode() == 404 ? "gone" : json(response).getString("status");
  }

  void awaitGone(JsonObject org) {
    await().until(() -> status(org).equals("gone"));
  }

  /** What is left of an org besides its row, its steps and its audit rows. */
  long left(JsonObject org) {
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

  @Override
  public void close() {
    edge.close();
  }
}
