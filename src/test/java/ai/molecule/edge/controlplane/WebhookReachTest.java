package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.header;
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

import ai.molecule.edge.credential.Scope;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Of whose webhooks a caller is told anything, and by which scope. */
class WebhookReachTest {
  private static final List<ControlRoute> ROUTES =
      ControlPlaneUnderTest.offline().stream()
          .filter(route -> route.spec().template().startsWith(PATH))
          .toList();

  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  static List<Arguments> routesWithAnId() {
    List<Arguments> all = new ArrayList<>();
    for (ControlRoute route : ROUTES) {
      if (route.spec().template().contains("{id}")) {
        for (boolean ofOrg : List.of(false, true)) {
          String name = route.method() + " " + route.spec().template();
          all.add(Arguments.of(name, ofOrg ? "org key" : "partner-wide key", route));
        }
      }
    }
    return all;
  }

  /** Every kind of id that is not the caller's, in every position: one and the same 404. */
  @ParameterizedTest(name = "{0} by {1}")
  @MethodSource("routesWithAnId")
  void whatIsOutOfReachIsTheSameAsWhatDoesNotExist(String name, String caller, ControlRoute route) {
    String partner = partner();
    UUID org = edge.org(partner);
    boolean ofOrg = caller.equals("org key");
    String credential = key(edge, partner, ofOrg ? org : null, "webhooks:manage");
    String own = made(edge, credential, body(URL, "*")).getString("id");
    JsonObject foreign = made(edge, ADMIN, body(URL, "*").put("partner_id", partner()));
    String ofForeign = delivery(edge, foreign, "dead");
    String ofNobody = UUID.randomUUID().toString();
    String unknown = answer(route, credential, ofNobody, ofNobody);
    assertThat(unknown).startsWith("404").contains("\"not_found\"");
    assertThat(answer(route, credential, foreign.getString("id"), ofForeign)).isEqualTo(unknown);
    assertThat(answer(route, credential, "x", "x")).isEqualTo(unknown);
    if (route.spec().template().contains("{delivery}")) {
      assertThat(answer(route, credential, own, ofForeign)).isEqualTo(unknown);
      assertThat(answer(route, credential, own, ofNobody)).isEqualTo(unknown);
      assertThat(answer(route, credential, own, "x")).isEqualTo(unknown);
    }
    if (ofOrg) {
      JsonObject wide = made(edge, key(edge, partner, null, "webhooks:manage"), body(URL, "*"));
      JsonObject sibling =
          made(edge, key(edge, partner, edge.org(partner), "webhooks:manage"), body(URL, "*"));
      for (JsonObject other : List.of(wide, sibling)) {
        String theirs = delivery(edge, other, "dead");
        assertThat(answer(route, credential, other.getString("id"), theirs)).isEqualTo(unknown);
      }
    }
    assertThat(edge.query("SELECT FROM webhooks WHERE id = $1", UUID.fromString(own))).hasSize(1);
  }

  private static String answer(ControlRoute route, String credential, String id, String delivery) {
    HttpResponse<String> response = send(route, credential, id, delivery);
    TreeMap<String, List<String>> headers = new TreeMap<>(response.headers().map());
    headers.keySet().removeIf(header -> header.toLowerCase().matches("x-request-id|ratelimit.*"));
    return response.statusCode()
        + response.body().replaceAll("\"request_id\":\"[^\"]*\"", "")
        + headers;
  }

  private static HttpResponse<String> send(
      ControlRoute route, String credential, String id, String delivery) {
    String path = route.spec().template().replace("{id}", id).replace("{delivery}", delivery);
    return edge.send(
        route.method().name(),
        path,
        credential,
        route.body().reads() ? body("https://a.example/", "*") : null);
  }

  static List<Arguments> routes() {
    return ROUTES.stream()
        .map(route -> Arguments.of(route.method() + " " + route.spec().template(), route))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("routes")
  void aRouteTakesItsOwnScopeAlone(String name, ControlRoute route) {
    String partner = partner();
    String all = UUID.randomUUID().toString();
    String[] others =
        Arrays.stream(Scope.values())
            .filter(scope -> scope != Scope.WEBHOOKS_MANAGE)
            .map(Scope::wireName)
            .toArray(String[]::new);
    HttpResponse<String> refused = send(route, key(edge, partner, null, others), all, all);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
        .contains("scope=\"webhooks:manage\"");
    HttpResponse<String> taken = send(route, key(edge, partner, null, "webhooks:manage"), all, all);
    assertThat(taken.statusCode()).as(taken.body()).isIn(200, 201, 404);
  }
}
