package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
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

  @AutoClose private static ControlPlaneUnderTest edge;
  private static Mutations mutations;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    mutations = new Mutations(edge);
  }

  private static List<JsonObject> entries(String query, String credential) {
    HttpResponse<String> response = edge.get(AUDIT + query, credential);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return objects(json(response).getJsonArray("data"));
  }

  private static List<JsonObject> objects(JsonArray array) {
    List<JsonObject> objects = new ArrayList<>();
    array.forEach(one -> objects.add((JsonObject) one));
    return objects;
  }

  private static HttpResponse<String> run(
      String method, Mutations.Mutation call, String requestId) {
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
    Map<String, Supplier<Mutations.Mutation>> calls = mutations.all();
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
          Mutations.Mutation mutation = call.get();
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
    edge.delete(path, ADMIN);
    run("DELETE", new Mutations.Mutation("", path, null), "again-nothing");
    JsonObject org = mutations.org("suspended");
    run(
        "POST",
        new Mutations.Mutation("", Mutations.path(org) + "/suspend", null),
        "again-nothing");
    run(
        "PATCH",
        new Mutations.Mutation("", Mutations.path(org), new JsonObject()),
        "again-nothing");
    run("POST", new Mutations.Mutation("", "/cp/orgs", org), "again-nothing");
    assertThat(entries("?limit=200", ADMIN))
        .noneMatch(entry -> entry.getString("request_id").equals("again-nothing"));
  }

  @Test
  void anEntrySaysWhoDidWhatToWhat() {
    JsonObject manager = edge.created("admin:keys", "orgs:read");
    JsonObject asked = body("orgs:read");
    asked.remove("partner_id");
    Mutations.Mutation mutation =
        new Mutations.Mutation(
            "key.created", "/cp/admin/partner-keys", manager.getString("key"), asked);
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
      HttpResponse<String> page = edge.get(AUDIT + "?partner_id=paged&limit=3" + next, ADMIN);
      JsonObject json = json(page);
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
      JsonObject own = mutations.org("running");
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
      HttpResponse<String> refused = edge.get(AUDIT, edge.created("orgs:read").getString("key"));
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("insufficient_scope");
    }
  }

  @Test
  void filtersAreAppliedTogether() {
    JsonObject org = mutations.org("running");
    mutations.member(org);
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
    assertThat(edge.get(AUDIT + query, ADMIN).statusCode()).isEqualTo(400);
  }
}
