package ai.molecule.edge.app;

import static ai.molecule.edge.app.EdgeNodes.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Routes that name an org: a key gets no further than its own reach. */
final class RouteOrgsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static RawUpstream upstream;
  private static EdgeNodes nodes;
  private static RunningNode node;
  private static JsonObject mine;
  private static JsonObject sibling;
  private static JsonObject foreign;
  private static Made orgKey;
  private static Made partnerKey;

  @BeforeAll
  static void start() {
    upstream = RawUpstream.withBody("hello");
    String to = ", upstream: '" + upstream.url() + "', scope: 'orgs:read'";
    nodes =
        EdgeNodes.onSharedStores()
            .with(
                config ->
                    config.withRoutes(
                        RouteYaml.parse(
                            "routes: [{template: '/o/{org}/x', org: path"
                                + to
                                + "}, {prefix: /h, org: host, host: '{org}.example.com'"
                                + to
                                + "}, {prefix: /p, plans: [pro]"
                                + to
                                + "}, {template: '/pp/{org}', org: path, plans: [pro]"
                                + to
                                + "}]")));
    node = nodes.start();
    mine = org("mine", "acme");
    sibling = org("sibling", "acme");
    foreign = org("foreign", "other");
    orgKey =
        node.create(
            RunningNode.body("orgs:read")
                .put("org_id", mine.getString("id"))
                .put("rate_limit", 60_000));
    partnerKey = node.create("orgs:read");
  }

  @AfterAll
  static void stop() {
    nodes.close();
    upstream.close();
  }

  private static JsonObject org(String slug, String partner) {
    JsonObject body =
        new JsonObject().put("slug", slug).put("name", "An org").put("partner_id", partner);
    HttpResponse<String> made = node.send("POST", "/cp/orgs", ADMIN, body);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                new JsonObject(node.send("GET", "/cp/orgs/" + slug, ADMIN, null).body())
                    .getString("status")
                    .equals("running"));
    return new JsonObject(made.body());
  }

  private static HttpResponse<String> get(Made key, String path) {
    return node.send("GET", path, key.secret(), null);
  }

  private static String target() {
    return upstream.heads().getLast().one("x-mol-target-org-id");
  }

  @Test
  void anOrgKeyReachesItsOwnOrgByIdAndBySlug() {
    assertThat(get(orgKey, "/o/mine/x").statusCode()).isEqualTo(200);
    assertThat(target()).isEqualTo(mine.getString("id"));
    assertThat(get(orgKey, "/o/" + mine.getString("id") + "/x/y").statusCode()).isEqualTo(200);
    assertThat(upstream.heads().getLast().one("x-mol-org-id")).isEqualTo(mine.getString("id"));
  }

  @Test
  void aPartnerWideKeyReachesEveryOrgOfItsPartner() {
    assertThat(get(partnerKey, "/o/sibling/x").statusCode()).isEqualTo(200);
    assertThat(target()).isEqualTo(sibling.getString("id"));
    assertThat(upstream.heads().getLast().all("x-mol-org-id")).isEmpty();
    assertThat(get(partnerKey, "/o/" + mine.getString("id") + "/x").statusCode()).isEqualTo(200);
  }

  @Test
  void beyondTheReachThereIsNothing() {
    String unknown = withoutRequestId(get(orgKey, "/o/" + UUID.randomUUID() + "/x"));
    for (String ref :
        new String[] {
          "sibling", sibling.getString("id"), "foreign", foreign.getString("id"), "a%20b", "Mine"
        }) {
      HttpResponse<String> answer = get(orgKey, "/o/" + ref + "/x");
      assertThat(answer.statusCode()).as(ref).isEqualTo(404);
      assertThat(withoutRequestId(answer)).isEqualTo(unknown);
    }
    assertThat(get(partnerKey, "/o/foreign/x").statusCode()).isEqualTo(404);
    assertThat(get(partnerKey, "/o/" + foreign.getString("id") + "/x").statusCode()).isEqualTo(404);
    assertThat(upstream.heads()).noneMatch(head -> head.line().contains("foreign"));
  }

  private static String withoutRequestId(HttpResponse<String> answer) {
    JsonObject body = new JsonObject(answer.body());
    body.remove("request_id");
    return body.encode();
  }

  @Test
  void theOrgCanBeInTheHost() throws IOException {
    assertThat(ofHost("mine.example.com")).startsWith("HTTP/1.1 200 ");
    assertThat(target()).isEqualTo(mine.getString("id"));
    assertThat(ofHost("MINE.Example.com:8080")).startsWith("HTTP/1.1 200 ");
    assertThat(ofHost("sibling.example.com")).startsWith("HTTP/1.1 404 ");
    assertThat(ofHost("example.com")).startsWith("HTTP/1.1 404 ");
    assertThat(ofHost("mine.example.org")).startsWith("HTTP/1.1 404 ");
    assertThat(ofHost("mine.evil.example.com")).startsWith("HTTP/1.1 404 ");
  }

  private static String ofHost(String host) throws IOException {
    try (RawConnection client = new RawConnection(node)) {
      client.send(
          "GET /h HTTP/1.1\r\nHost: "
              + host
              + "\r\nAuthorization: Bearer "
              + orgKey.secret()
              + "\r\n\r\n");
      return client.answer();
    }
  }

  @Test
  void thePlanOfTheOrgDecidesWhereTheRouteSaysSo() {
    assertPlanRequired(get(orgKey, "/p"));
    assertPlanRequired(get(partnerKey, "/p"));
    assertPlanRequired(get(partnerKey, "/pp/sibling"));
    JsonObject plan = new JsonObject().put("plan", "pro");
    assertThat(node.send("PATCH", "/cp/orgs/sibling", ADMIN, plan).statusCode()).isEqualTo(200);
    assertThat(get(partnerKey, "/pp/sibling").statusCode()).isEqualTo(200);
  }

  private static void assertPlanRequired(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("plan_required");
  }

  @Test
  void aSuspendedOrgIsRefusedToThePartnerAtOnce() {
    org("paused", "acme");
    assertThat(get(partnerKey, "/o/paused/x").statusCode()).isEqualTo(200);
    assertThat(node.send("POST", "/cp/orgs/paused/suspend", ADMIN, null).statusCode())
        .isEqualTo(200);
    HttpResponse<String> answer = get(partnerKey, "/o/paused/x");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("org_suspended");
    assertThat(node.send("DELETE", "/cp/orgs/paused", ADMIN, null).statusCode()).isEqualTo(202);
    assertThat(get(partnerKey, "/o/paused/x").statusCode()).isEqualTo(404);
  }
}
