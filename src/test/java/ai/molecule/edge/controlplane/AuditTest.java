package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The audit log over real sockets and stores: the HTTP contract, section 6. */
class AuditTest {
  private static final String AUDIT = "/cp/admin/audit";

  /** What else a call changes, each with an entry of its own. */
  private static final Map<String, String> BESIDES =
      Map.of("workspace.created", "workspace_token.created");

  /** Heartbeats say how a workspace is; they change nothing that anybody decided. */
  private static final Set<String> NOT_AUDITED = Set.of("POST /registry/heartbeat");

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

  private static List<JsonObject> entries(String query, String credential) {
    HttpResponse<String> response = edge.send("GET", AUDIT + query, credential, null);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return objects(new JsonObject(response.body()).getJsonArray("data"));
  }

  private static List<JsonObject> objects(JsonArray array) {
    List<JsonObject> objects = new ArrayList<>();
    array.forEach(one -> objects.add((JsonObject) one));
    return objects;
  }

  private static String slug() {
    return "audited-" + NUMBERS.incrementAndGet();
  }

  private static JsonObject org(String status) {
    JsonObject asked =
        new JsonObject().put("slug", slug()).put("name", "An org").put("partner_id", "acme");
    JsonObject org = new JsonObject(edge.send("POST", "/cp/orgs", ADMIN, asked).body());
    edge.query("UPDATE orgs SET status = $1 WHERE slug = $2", status, org.getString("slug"));
    return org;
  }

  private static JsonObject member(JsonObject org) {
    JsonObject asked = new JsonObject().put("email", "a@x.example");
    return new JsonObject(edge.send("POST", path(org) + "/members", ADMIN, asked).body());
  }

  private static String path(JsonObject org) {
    return "/cp/orgs/" + org.getString("slug");
  }

  /** A call that changes something, and the action it is to be found under. */
  private record Mutation(String action, String path, String credential, Object body) {
    Mutation(String action, String path, Object body) {
      this(action, path, ADMIN, body);
    }
  }

  /** For every route that changes something one call of it. */
  private static Map<String, Supplier<Mutation>> mutations() {
    Map<String, Supplier<Mutation>> calls = new LinkedHashMap<>();
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
    addWorkspaces(calls);
    addWebhooks(calls);
    return calls;
  }

  private static void addWebhooks(Map<String, Supplier<Mutation>> calls) {
    String webhooks = "/cp/webhooks";
    calls.put(
        "POST " + webhooks,
        () ->
            new Mutation(
                "webhook.created",
                webhooks,
                WebhooksApiTest.body("https://hooks.example/a", "org.created")
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
                  + WebhooksApiTest.delivery(edge, webhook, "dead")
                  + "/replay";
          return new Mutation("webhook.delivery_replayed", path, null);
        });
  }

  private static JsonObject webhook() {
    JsonObject asked =
        WebhooksApiTest.body("https://hooks.example/a", "org.created").put("partner_id", "acme");
    return new JsonObject(edge.send("POST", "/cp/webhooks", ADMIN, asked).body());
  }

  /** Those of workspaces, for the callers of partners and for the workspace itself. */
  private static void addWorkspaces(Map<String, Supplier<Mutation>> calls) {
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
          String id = made.issueToken(ADMIN).getString("id");
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
          String token = made.issueToken(ADMIN).getString("id");
          String path = "/workspaces/" + made.id() + "/tokens/" + token;
          return new Mutation("workspace_token.revoked", path, made.token(), null);
        });
  }

  /** A workspace with its first token. */
  private record Workspace(String path, String id, String token) {
    JsonObject issueToken(String credential) {
      return new JsonObject(edge.send("POST", path + "/tokens", credential, null).body());
    }
  }

  private static Workspace workspace() {
    String path = path(org("running")) + "/workspaces";
    JsonObject asked = new JsonObject().put("name", "w").put("runtime", "external");
    JsonObject made = new JsonObject(edge.send("POST", path, ADMIN, asked).body());
    return new Workspace(
        path + "/" + made.getString("id"), made.getString("id"), made.getString("token"));
  }

  private static String made() {
    return ControlPlaneUnderTest.path(edge.created("orgs:read"));
  }

  private static HttpResponse<String> run(String method, Mutation call, String requestId) {
    HttpRequest.Builder request =
        edge.request(method, call.path(), call.credential()).header("X-Request-Id", requestId);
    if (call.body() != null) {
      request
          .header("Content-Type", "application/json")
          .method(method, BodyPublishers.ofString(call.body().toString()));
    }
    return edge.send(request);
  }

  @Test
  void everyRouteThatChangesSomethingWritesOneEntryWithItsRequestId() {
    Map<String, Supplier<Mutation>> calls = mutations();
    assertThat(
            ControlPlaneUnderTest.offline().stream()
                .filter(route -> !route.method().name().equals("GET"))
                .map(route -> route.method() + " " + route.spec().template())
                .filter(route -> !NOT_AUDITED.contains(route)))
        .as("routes that change something, each with a call of it here")
        .containsExactlyInAnyOrderElementsOf(calls.keySet());
    calls.forEach(
        (route, call) -> {
          String requestId = "audit-" + NUMBERS.incrementAndGet();
          Mutation mutation = call.get();
          HttpResponse<String> done =
              run(route.substring(0, route.indexOf(' ')), mutation, requestId);
          assertThat(done.statusCode()).as("%s %s", route, done.body()).isBetween(200, 299);
          List<JsonObject> written =
              entries("?limit=200", ADMIN).stream()
                  .filter(entry -> entry.getString("request_id").equals(requestId))
                  .toList();
          List<String> expected = new ArrayList<>(List.of(mutation.action()));
          if (BESIDES.containsKey(mutation.action())) {
            expected.add(BESIDES.get(mutation.action()));
          }
          assertThat(written.stream().map(entry -> entry.getString("action")))
              .as(route)
              .containsExactlyInAnyOrderElementsOf(expected);
          assertThat(written)
              .as(route)
              .allMatch(entry -> entry.getString("partner_id").equals("acme"))
              .noneMatch(entry -> entry.getJsonObject("changes").isEmpty());
        });
  }

  @Test
  void aCallThatChangesNothingWritesNone() {
    JsonObject key = edge.created("orgs:read");
    String path = ControlPlaneUnderTest.path(key);
    edge.send("DELETE", path, ADMIN, null);
    run("DELETE", new Mutation("", path, null), "again-nothing");
    JsonObject org = org("suspended");
    run("POST", new Mutation("", path(org) + "/suspend", null), "again-nothing");
    run("PATCH", new Mutation("", path(org), new JsonObject()), "again-nothing");
    run("POST", new Mutation("", "/cp/orgs", org), "again-nothing");
    assertThat(entries("?limit=200", ADMIN))
        .noneMatch(entry -> entry.getString("request_id").equals("again-nothing"));
  }

  @Test
  void anEntrySaysWhoDidWhatToWhat() {
    JsonObject manager = edge.created("admin:keys", "orgs:read");
    JsonObject asked = body("orgs:read");
    asked.remove("partner_id");
    Mutation mutation =
        new Mutation("key.created", "/cp/admin/partner-keys", manager.getString("key"), asked);
    JsonObject made = new JsonObject(run("POST", mutation, "who-what").body());
    JsonObject entry = entries("?action=key.created&limit=1", manager.getString("key")).getFirst();
    assertThat(entry.fieldNames())
        .containsExactly(
            "id",
            "at",
            "actor",
            "action",
            "target",
            "partner_id",
            "org_id",
            "request_id",
            "changes");
    assertThat(UUID.fromString(entry.getString("id")).version()).isEqualTo(7);
    assertThat(entry.getString("at"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(entry.getJsonObject("actor"))
        .isEqualTo(new JsonObject().put("type", "partner_key").put("id", manager.getString("id")));
    assertThat(entry.getJsonObject("target"))
        .isEqualTo(new JsonObject().put("type", "partner_key").put("id", made.getString("id")));
    assertThat(entry.getString("request_id")).isEqualTo("who-what");
    assertThat(entry.getJsonObject("changes").getJsonObject("name"))
        .isEqualTo(new JsonObject().putNull("from").put("to", "a key"));
    assertThat(entry.encode()).doesNotContain(made.getString("key"));
  }

  @Test
  void pagesGoOnWhereTheLastEndedWhileEntriesAreAdded() {
    JsonObject asked = body("orgs:read").put("partner_id", "paged");
    for (int i = 0; i < 7; i++) {
      edge.created(asked);
    }
    List<String> whole =
        entries("?partner_id=paged", ADMIN).stream().map(one -> one.getString("id")).toList();
    assertThat(whole).hasSize(7);
    List<String> paged = new ArrayList<>();
    String next = "";
    while (next != null) {
      HttpResponse<String> page =
          edge.send("GET", AUDIT + "?partner_id=paged&limit=3" + next, ADMIN, null);
      JsonObject json = new JsonObject(page.body());
      objects(json.getJsonArray("data")).forEach(one -> paged.add(one.getString("id")));
      String cursor = json.getString("next_cursor");
      next = cursor == null ? null : "&cursor=" + cursor;
      edge.created(asked);
    }
    assertThat(paged).isEqualTo(whole);
  }

  @Nested
  class Reach {
    @Test
    void aKeySeesItsPartnersEntriesAndAnOrgKeyItsOrgs() {
      JsonObject own = org("running");
      String partner = edge.created("admin:keys").getString("key");
      String stranger =
          edge.created(body("admin:keys").put("partner_id", "stranger")).getString("key");
      String orgKey =
          edge.created(body("admin:keys").put("org_id", own.getString("id"))).getString("key");
      assertThat(entries("?limit=200", partner))
          .isNotEmpty()
          .allMatch(entry -> entry.getString("partner_id").equals("acme"));
      assertThat(entries("?limit=200", stranger))
          .hasSize(1)
          .allMatch(entry -> entry.getString("partner_id").equals("stranger"));
      assertThat(entries("?partner_id=acme", stranger)).isEmpty();
      assertThat(entries("?org_id=" + own.getString("id"), stranger)).isEmpty();
      assertThat(entries("?limit=200", orgKey))
          .hasSize(2)
          .allMatch(entry -> own.getString("id").equals(entry.getString("org_id")));
    }

    @Test
    void withoutTheScopeItIsForbidden() {
      HttpResponse<String> refused =
          edge.send("GET", AUDIT, edge.created("orgs:read").getString("key"), null);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("insufficient_scope");
    }
  }

  @Test
  void filtersAreAppliedTogether() {
    JsonObject org = org("running");
    member(org);
    String id = org.getString("id");
    assertThat(entries("?org_id=" + id, ADMIN)).hasSize(2);
    assertThat(entries("?partner_id=acme&org_id=" + id + "&action=member.added", ADMIN)).hasSize(1);
    assertThat(entries("?action=never.happened", ADMIN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?partner_id=UP",
        "?org_id=x",
        "?action=x",
        "?action=",
        "?limit=201",
        "?cursor=x",
        "?x=1"
      })
  void aFilterThatCanMatchNothingIsRefused(String query) {
    assertThat(edge.send("GET", AUDIT + query, ADMIN, null).statusCode()).isEqualTo(400);
  }
}
