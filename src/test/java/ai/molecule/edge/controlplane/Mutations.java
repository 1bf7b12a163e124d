package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Calls that change something, one for every route that does. */
final class Mutations {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final ControlPlaneUnderTest edge;

  Mutations(ControlPlaneUnderTest edge) {
    this.edge = edge;
  }

  /** A call that changes something, and the action it is to be found under. */
  record Mutation(String action, String path, String credential, Object body) {
    Mutation(String action, String path, Object body) {
      this(action, path, ADMIN, body);
    }
  }

  /** For every route that changes something one call of it. */
  Map<String, Supplier<Mutation>> all() {
    Map<String, Supplier<Mutation>> calls = new LinkedHashMap<>();
    addKeys(calls);
    addOrgs(calls);
    addWorkspaces(calls);
    addWebhooks(calls);
    return calls;
  }

  private void addKeys(Map<String, Supplier<Mutation>> calls) {
    calls.put(
        "POST /cp/admin/partner-keys",
        () -> new Mutation("key.created", "/cp/admin/partner-keys", body("orgs:read")));
    calls.put(
        "PATCH /cp/admin/partner-keys/{id}",
        () -> new Mutation("key.updated", made(), new JsonObject().put("name", "other")));
    calls.put(
        "DELETE /cp/admin/partner-keys/{id}", () -> new Mutation("key.revoked", made(), null));
    calls.put(
        "POST /cp/admin/partner-keys/{id}/rotate",
        () -> new Mutation("key.rotated", made() + "/rotate", null));
    calls.put(
        "DELETE /cp/partner-key",
        () ->
            new Mutation(
                "key.revoked",
                "/cp/partner-key",
                edge.created("orgs:read").getString("key"),
                null));
  }

  private void addOrgs(Map<String, Supplier<Mutation>> calls) {
    calls.put(
        "POST /cp/orgs",
        () ->
            new Mutation(
                "org.created",
                "/cp/orgs",
                new JsonObject().put("slug", slug()).put("name", "n").put("partner_id", "acme")));
    calls.put(
        "PATCH /cp/orgs/{slug}",
        () -> new Mutation("org.updated", path(org("running")), new JsonObject().put("name", "o")));
    calls.put(
        "POST /cp/orgs/{slug}/suspend",
        () -> new Mutation("org.suspended", path(org("running")) + "/suspend", null));
    calls.put(
        "POST /cp/orgs/{slug}/resume",
        () -> new Mutation("org.resumed", path(org("suspended")) + "/resume", null));
    calls.put(
        "DELETE /cp/orgs/{slug}", () -> new Mutation("org.deleted", path(org("running")), null));
    calls.put(
        "POST /cp/orgs/{slug}/members",
        () ->
            new Mutation(
                "member.added",
                path(org("running")) + "/members",
                new JsonObject().put("email", "b@x.example")));
    calls.put(
        "DELETE /cp/orgs/{slug}/members/{id}",
        () -> {
          JsonObject org = org("running");
          String id = member(org).getString("id");
          return new Mutation("member.removed", path(org) + "/members/" + id, null);
        });
  }

  private void addWebhooks(Map<String, Supplier<Mutation>> calls) {
    String webhooks = "/cp/webhooks";
    calls.put(
        "POST " + webhooks,
        () ->
            new Mutation(
                "webhook.created",
                webhooks,
                WebhookCalls.body("https://hooks.example/a", "org.created")
                    .put("partner_id", "acme")));
    calls.put(
        "DELETE " + webhooks + "/{id}",
        () -> new Mutation("webhook.deleted", webhooks + "/" + webhook().getString("id"), null));
    calls.put(
        "POST " + webhooks + "/{id}/deliveries/{delivery}/replay",
        () -> {
          JsonObject webhook = webhook();
          String path =
              webhooks
                  + "/"
                  + webhook.getString("id")
                  + "/deliveries/"
                  + WebhookCalls.delivery(edge, webhook, "dead")
                  + "/replay";
          return new Mutation("webhook.delivery_replayed", path, null);
        });
  }

  private JsonObject webhook() {
    JsonObject asked =
        WebhookCalls.body("https://hooks.example/a", "org.created").put("partner_id", "acme");
    return ok(edge.post("/cp/webhooks", ADMIN, asked), 201);
  }

  /** Those of workspaces, for the callers of partners and for the workspace itself. */
  private void addWorkspaces(Map<String, Supplier<Mutation>> calls) {
    String workspaces = "/cp/orgs/{slug}/workspaces";
    calls.put(
        "POST " + workspaces,
        () ->
            new Mutation(
                "workspace.created",
                path(org("running")) + "/workspaces",
                new JsonObject().put("name", "w").put("runtime", "external")));
    calls.put(
        "PATCH " + workspaces + "/{id}",
        () ->
            new Mutation(
                "workspace.updated", workspace().path(), new JsonObject().put("name", "v")));
    calls.put(
        "DELETE " + workspaces + "/{id}",
        () -> new Mutation("workspace.deleted", workspace().path(), null));
    calls.put(
        "POST " + workspaces + "/{id}/tokens",
        () -> new Mutation("workspace_token.created", workspace().path() + "/tokens", null));
    calls.put(
        "DELETE " + workspaces + "/{id}/tokens/{token}",
        () -> {
          Workspace made = workspace();
          String id = issued(made);
          return new Mutation("workspace_token.revoked", made.path() + "/tokens/" + id, null);
        });
    calls.put(
        "POST /workspaces/{id}/tokens",
        () -> {
          Workspace made = workspace();
          String path = "/workspaces/" + made.id() + "/tokens";
          return new Mutation("workspace_token.created", path, made.token(), null);
        });
    calls.put(
        "DELETE /workspaces/{id}/tokens/{token}",
        () -> {
          Workspace made = workspace();
          String token = issued(made);
          String path = "/workspaces/" + made.id() + "/tokens/" + token;
          return new Mutation("workspace_token.revoked", path, made.token(), null);
        });
  }

  /** A workspace with its first token. */
  private record Workspace(String path, String id, String token) {}

  /** The id of one more token of it. */
  private String issued(Workspace workspace) {
    return ok(edge.post(workspace.path() + "/tokens", ADMIN, null), 201).getString("id");
  }

  private Workspace workspace() {
    String path = path(org("running")) + "/workspaces";
    JsonObject asked = new JsonObject().put("name", "w").put("runtime", "external");
    JsonObject made = ok(edge.post(path, ADMIN, asked), 201);
    return new Workspace(
        path + "/" + made.getString("id"), made.getString("id"), made.getString("token"));
  }

  JsonObject org(String status) {
    JsonObject asked =
        new JsonObject().put("slug", slug()).put("name", "An org").put("partner_id", "acme");
    JsonObject org = ok(edge.post("/cp/orgs", ADMIN, asked), 201);
    edge.query("UPDATE orgs SET status = $1 WHERE slug = $2", status, org.getString("slug"));
    return org;
  }

  JsonObject member(JsonObject org) {
    JsonObject asked = new JsonObject().put("email", "a@x.example");
    return ok(edge.post(path(org) + "/members", ADMIN, asked), 201);
  }

  static String path(JsonObject org) {
    return "/cp/orgs/" + org.getString("slug");
  }

  private static String slug() {
    return "audited-" + NUMBERS.incrementAndGet();
  }

  private String made() {
    return ControlPlaneUnderTest.path(edge.created("orgs:read"));
  }
}
