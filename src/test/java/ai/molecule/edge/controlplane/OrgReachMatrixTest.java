package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Scope;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every route of orgs, their members and workspaces, with every kind of id that is not the caller's
 * in every position: one and the same 404. And every route with every scope: 403 unless it is the
 * one.
 */
class OrgReachMatrixTest {
  private static final List<ControlRoute> ROUTES =
      ControlPlaneUnderTest.offline().stream()
          .filter(route -> route.spec().template().startsWith("/cp/orgs"))
          .toList();

  @AutoClose private static ControlPlaneUnderTest edge;
  private static JsonObject own;
  private static JsonObject sibling;
  private static JsonObject foreign;
  private static Things ownThings;
  private static Things siblingThings;
  private static Things foreignThings;
  private static final Map<String, String> KEYS = new TreeMap<>();

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    own = org("acme", "own-org");
    sibling = org("acme", "sibling-org");
    foreign = org("rival", "foreign-org");
    ownThings = Things.in(own);
    siblingThings = Things.in(sibling);
    foreignThings = Things.in(foreign);
    KEYS.put("partner-wide key", key(null, all()));
    KEYS.put("org key", key(own.getString("id"), all().filterOut("orgs:create")));
  }

  private record Scopes(List<String> names) {
    Scopes filterOut(String name) {
      return new Scopes(names.stream().filter(scope -> !scope.equals(name)).toList());
    }
  }

  private static Scopes all() {
    return new Scopes(Arrays.stream(Scope.values()).map(Scope::wireName).toList());
  }

  private static JsonObject org(String partner, String slug) {
    JsonObject body =
        new JsonObject().put("slug", slug).put("name", "n").put("partner_id", partner);
    return json(edge.post("/cp/orgs", ADMIN, body));
  }

  /** What an org has that a path can name below it. */
  private record Things(String member, String workspace, String token) {
    static Things in(JsonObject org) {
      String path = "/cp/orgs/" + org.getString("id");
      JsonObject workspace = made(path + "/workspaces", "{\"name\":\"w\"}");
      return new Things(
          made(path + "/members", "{\"email\":\"a@x.example\"}").getString("id"),
          workspace.getString("id"),
          workspace.getString("token_id"));
    }

    private static JsonObject made(String path, String body) {
      return json(edge.post(path, ADMIN, body));
    }

    String of(ControlRoute route) {
      return isOfWorkspaces(route) ? workspace : member;
    }
  }

  private static boolean isOfWorkspaces(ControlRoute route) {
    return route.spec().template().contains("/workspaces");
  }

  private static String key(String orgId, Scopes scopes) {
    JsonObject body =
        ControlPlaneUnderTest.body("orgs:read")
            .put("scopes", new JsonArray(scopes.names()))
            .put("rate_limit", 1_000_000);
    return edge.created(orgId == null ? body : body.put("org_id", orgId)).getString("key");
  }

  static List<Arguments> routesWithAnOrg() {
    List<Arguments> all = new ArrayList<>();
    for (ControlRoute route : ROUTES) {
      if (route.spec().template().contains("{slug}")) {
        for (String caller : List.of("partner-wide key", "org key")) {
          all.add(Arguments.of(route.method() + " " + route.spec().template(), caller, route));
        }
      }
    }
    return all;
  }

  @ParameterizedTest(name = "{0} by {1}")
  @MethodSource("routesWithAnOrg")
  void whatIsOutOfReachIsTheSameAsWhatDoesNotExist(String name, String caller, ControlRoute route) {
    String unknown = answer(route, caller, UUID.randomUUID().toString(), unknownId());
    assertThat(unknown).startsWith("404").contains("\"not_found\"");
    paths(route, caller)
        .forEach(
            (what, path) ->
                assertThat(answer(route, caller, path.getFirst(), path.getLast()))
                    .as(what)
                    .isEqualTo(unknown));
  }

  private static String unknownId() {
    return UUID.randomUUID().toString();
  }

  /** Every wrong pair of org and member or workspace, by what is wrong with it. */
  private static Map<String, List<String>> paths(ControlRoute route, String caller) {
    Map<String, List<String>> paths = new LinkedHashMap<>();
    String thing = ownThings.of(route);
    String foreignThing = foreignThings.of(route);
    paths.put("unknown slug", List.of("no-such-org", thing));
    paths.put("no slug at all", List.of("UPPER", thing));
    paths.put("foreign slug", List.of("foreign-org", foreignThing));
    paths.put("foreign id", List.of(foreign.getString("id"), foreignThing));
    paths.put("foreign id, own thing", List.of(foreign.getString("id"), thing));
    if (caller.equals("org key")) {
      paths.put("sibling slug", List.of("sibling-org", siblingThings.of(route)));
      paths.put("sibling id", List.of(sibling.getString("id"), thing));
    }
    if (route.spec().template().contains("{id}")) {
      String id = own.getString("id");
      paths.put("unknown thing", List.of(id, unknownId()));
      paths.put("no id at all", List.of(id, "x"));
      paths.put("foreign thing", List.of(id, foreignThing));
      paths.put("sibling's thing", List.of(id, siblingThings.of(route)));
    }
    return paths;
  }

  private static String answer(ControlRoute route, String caller, String slug, String id) {
    return bytes(send(route, KEYS.get(caller), slug, id));
  }

  private static HttpResponse<String> send(
      ControlRoute route, String credential, String slug, String id) {
    String path =
        route
            .spec()
            .template()
            .replace("{slug}", slug)
            .replace("{id}", id)
            .replace("{token}", ownThings.token());
    HttpRequest.Builder request = edge.request(route.method().name(), path, credential);
    if (route.body().reads()) {
      String body =
          switch (route.spec().template()) {
            case "/cp/orgs" ->
                "{\"slug\":\"made-" + unknownId().substring(0, 8) + "\",\"name\":\"n\"}";
            case "/cp/orgs/{slug}",
                "/cp/orgs/{slug}/workspaces",
                "/cp/orgs/{slug}/workspaces/{id}" ->
                "{\"name\":\"changed\"}";
            case "/cp/orgs/{slug}/workspaces/{id}/tokens" -> "{}";
            default -> "{\"email\":\"b@x.example\"}";
          };
      request.header("Content-Type", "application/json");
      request.method(route.method().name(), HttpRequest.BodyPublishers.ofString(body));
    }
    return edge.send(request);
  }

  /** An answer but for its request id and for what it says of the rate limit. */
  private static String bytes(HttpResponse<String> response) {
    TreeMap<String, List<String>> headers = new TreeMap<>(response.headers().map());
    headers.keySet().removeIf(header -> header.toLowerCase().matches("x-request-id|ratelimit.*"));
    return response.statusCode()
        + response.body().replaceAll("\"request_id\":\"[^\"]*\"", "")
        + headers;
  }

  /** Another workspace's token, in a path that is right but for it. */
  @ParameterizedTest
  @ValueSource(strings = {"partner-wide key", "org key"})
  void anotherWorkspacesTokenIsTheSameAsNone(String caller) {
    String tokens = "/cp/orgs/own-org/workspaces/" + ownThings.workspace() + "/tokens/";
    String unknown = bytes(edge.delete(tokens + unknownId(), KEYS.get(caller)));
    assertThat(unknown).startsWith("404");
    for (Things other : List.of(siblingThings, foreignThings)) {
      assertThat(bytes(edge.delete(tokens + other.token(), KEYS.get(caller)))).isEqualTo(unknown);
    }
  }

  static List<Arguments> routesWithScopes() {
    List<Arguments> all = new ArrayList<>();
    for (ControlRoute route : ROUTES) {
      all.add(Arguments.of(route.method() + " " + route.spec().template(), route));
    }
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("routesWithScopes")
  void aRouteTakesItsOwnScopeAlone(String name, ControlRoute route) {
    for (Scope scope : Scope.values()) {
      String credential =
          KEYS.computeIfAbsent(scope.wireName(), wire -> key(null, new Scopes(List.of(wire))));
      HttpResponse<String> response = send(route, credential, unknownId(), unknownId());
      if (route.spec().needed().has(scope)) {
        assertThat(response.statusCode()).as(scope + " " + response.body()).isIn(200, 201, 404);
      } else {
        assertThat(response.statusCode()).as(scope + " " + response.body()).isEqualTo(403);
        assertThat(json(response).getString("code")).isEqualTo("insufficient_scope");
        assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
            .contains("scope=\"" + String.join(" ", route.spec().needed().wireNames()) + "\"");
      }
    }
  }
}
