package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What lies beyond a key's reach does not exist for it: in every position of every route the answer
 * is, byte for byte, the one for an id that nothing has.
 */
final class ForeignKeysIT {
  @AutoClose private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made partnerWide;
  private static Made ofOrg;
  private static List<String> foreign;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    node = nodes.start();
    String ownOrg = org("acme");
    String otherOrg = org("acme");
    partnerWide = node.create("admin:keys", "orgs:read");
    ofOrg = node.create(RunningNode.body("admin:keys", "orgs:read").put("org_id", ownOrg));
    Made ofOther = node.create(RunningNode.body("orgs:read").put("partner_id", "other"));
    Made revoked = node.create(RunningNode.body("orgs:read").put("partner_id", "other"));
    node.revoke(revoked);
    Made ofOtherOrg = node.create(RunningNode.body("orgs:read").put("org_id", otherOrg));
    foreign = new ArrayList<>(List.of(ofOther.id(), revoked.id()));
    foreign.add("org:" + ofOtherOrg.id());
    foreign.add("org:" + partnerWide.id());
  }

  private static String org(String partner) {
    String id = UUID.randomUUID().toString();
    new PostgresEye(nodes.postgresUri())
        .texts(
            "INSERT INTO orgs (id, partner_id, slug, status) VALUES (?::uuid, ?, ?, 'running')",
            id,
            partner,
            "org-" + id.substring(0, 8));
    return id;
  }

  private record Route(String method, String suffix, @Nullable JsonObject body) {}

  private static final List<Route> ROUTES =
      List.of(
          new Route("GET", "", null),
          new Route("HEAD", "", null),
          new Route("PATCH", "", new JsonObject().put("name", "mine")),
          new Route("PATCH", "", new JsonObject().put("scopes", JsonArray.of("orgs:create"))),
          new Route("DELETE", "", null),
          new Route("POST", "/rotate", new JsonObject()),
          new Route("POST", "/rotate", new JsonObject().put("grace_seconds", 60)));

  /** All of an answer but what differs from request to request. */
  private static String essence(HttpResponse<String> response) {
    Map<String, List<String>> headers = new TreeMap<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
    String requestId = headers.remove("x-request-id").getFirst();
    headers.remove("ratelimit");
    headers.remove("date");
    return response.statusCode()
        + " "
        + headers
        + " "
        + response.body().replace(requestId, "<request id>");
  }

  @Test
  void foreignKeysAnswerAsKeysThatDoNotExistOnEveryRoute() {
    int compared = 0;
    for (String id : foreign) {
      // What a key of one org may not reach may be within its partner's reach.
      List<Made> callers = id.startsWith("org:") ? List.of(ofOrg) : List.of(partnerWide, ofOrg);
      String bare = id.replace("org:", "");
      for (Made caller : callers) {
        for (Route route : ROUTES) {
          HttpResponse<String> there = ask(caller, route, bare);
          HttpResponse<String> nowhere = ask(caller, route, UUID.randomUUID().toString());
          assertThat(there.statusCode()).isEqualTo(404);
          assertThat(essence(there)).isEqualTo(essence(nowhere));
          assertThat(there.body()).doesNotContain(bare);
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(42);
  }

  private static HttpResponse<String> ask(Made caller, Route route, String id) {
    return node.send(
        route.method(),
        RunningNode.KEYS + "/" + id + route.suffix(),
        caller.secret(),
        route.body());
  }

  @Test
  void foreignPartnersAndOrgsListNothing() {
    String beyond = org("other");
    for (Made caller : List.of(partnerWide, ofOrg)) {
      for (String filter :
          List.of("partner_id=other", "org_id=" + beyond, "org_id=" + UUID.randomUUID())) {
        HttpResponse<String> listed =
            node.send("GET", RunningNode.KEYS + "?" + filter, caller.secret(), null);
        assertThat(listed.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(listed.body()).getJsonArray("data")).isEmpty();
      }
      HttpResponse<String> all = node.send("GET", RunningNode.KEYS, caller.secret(), null);
      assertThat(foreign.stream().filter(id -> !id.startsWith("org:")))
          .noneMatch(id -> all.body().contains(id));
    }
  }

  @Test
  void anOrgOfAnotherPartnerIsTheSameAsAnUnknownOneInABody() {
    String beyond = org("other");
    for (Made caller : List.of(partnerWide, ofOrg)) {
      HttpResponse<String> there = createFor(caller, beyond);
      HttpResponse<String> nowhere = createFor(caller, UUID.randomUUID().toString());
      assertThat(there.statusCode()).isEqualTo(400);
      assertThat(there.body()).contains("#/org_id").doesNotContain(beyond);
      assertThat(essence(there)).isEqualTo(essence(nowhere));
    }
  }

  private static HttpResponse<String> createFor(Made caller, String org) {
    return node.send(
        "POST",
        RunningNode.KEYS,
        caller.secret(),
        new JsonObject()
            .put("name", "a key")
            .put("org_id", org)
            .put("scopes", JsonArray.of("orgs:read")));
  }

  @Test
  void nothingOfWhatWasAskedChangedAForeignKey() {
    foreignKeysAnswerAsKeysThatDoNotExistOnEveryRoute();
    JsonObject first =
        new JsonObject(
            node.send("GET", RunningNode.KEYS + "/" + foreign.getFirst(), EdgeNodes.ADMIN, null)
                .body());
    assertThat(first.getString("name")).isEqualTo("a key");
    assertThat(first.getString("status")).isEqualTo("active");
    assertThat(first.getString("successor_id")).isNull();
  }
}
