package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The export of an org over real sockets: the HTTP contract, section 6. */
class ExportTest {
  /** Waiting for its client for longer than between two reads of a few rows. */
  private static final String STALLED =
      """
      datname = current_database() AND state = 'idle in transaction'
      AND state_change < clock_timestamp() - interval '300 milliseconds'
      """;

  @AutoClose private static ControlPlaneUnderTest edge;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
  }

  private static String org(String slug) {
    JsonObject asked =
        new JsonObject().put("slug", slug).put("name", "An org").put("partner_id", "acme");
    HttpResponse<String> made = edge.post("/cp/orgs", ADMIN, asked);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return json(made).getString("id");
  }

  private static HttpResponse<String> export(String slug, String credential) {
    return edge.get("/cp/orgs/" + slug + "/export", credential);
  }

  @Test
  void itHoldsTheOrgItsMembersKeysAndHistoryAndNoSecret() {
    String id = org("exported");
    JsonObject member = new JsonObject().put("email", "a@x.example");
    edge.post("/cp/orgs/exported/members", ADMIN, member);
    JsonObject key = edge.created(body("orgs:export").put("org_id", id));
    HttpResponse<String> exported = export("exported", key.getString("key"));

    assertThat(exported.statusCode()).isEqualTo(200);
    assertThat(exported.headers().firstValue("Content-Type")).contains("application/x-ndjson");
    assertThat(exported.headers().firstValue("Cache-Control")).contains("no-store");
    List<JsonObject> lines = exported.body().lines().map(JsonObject::new).toList();
    assertThat(lines.getLast().getString("type")).isEqualTo("end");
    assertThat(lines.getLast().getLong("rows")).isEqualTo(lines.size() - 1);
    Set<String> types =
        lines.stream().map(line -> line.getString("type")).collect(Collectors.toSet());
    assertThat(types).contains("org", "step", "member", "key", "audit", "event");
    byte[] digest = sha256(key.getString("key"));
    assertThat(exported.body())
        .contains(id, key.getString("id"), "a@x.example", "member.added")
        .doesNotContain(key.getString("key"))
        .doesNotContain(java.util.HexFormat.of().formatHex(digest))
        .doesNotContain(java.util.Base64.getEncoder().encodeToString(digest));
  }

  private static byte[] sha256(String text) {
    try {
      return java.security.MessageDigest.getInstance("SHA-256")
          .digest(text.getBytes(StandardCharsets.US_ASCII));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itTakesTheScopeAndTheReach() {
    org("guarded");
    HttpResponse<String> scopeless = export("guarded", edge.created("orgs:read").getString("key"));
    assertThat(scopeless.statusCode()).isEqualTo(403);
    String rival = edge.created(body("orgs:export").put("partner_id", "rival")).getString("key");
    assertThat(export("guarded", rival).statusCode()).isEqualTo(404);
    assertThat(export("no-such-org", ADMIN).statusCode()).isEqualTo(404);
    HttpResponse<String> head = edge.send("HEAD", "/cp/orgs/guarded/export", ADMIN, null);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void oneThatIsCutShortDoesNotLookWhole() throws Exception {
    String id = org("cut-short");
    edge.query(
        """
        INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id,
                               partner_id, org_id, request_id)
        SELECT gen_random_uuid(), 'admin', 'admin', 'org.updated', 'org', i::text, 'acme',
               $1, repeat('x', 20000)
          FROM generate_series(1, 2000) i
        """,
        UUID.fromString(id));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> response =
          client.send(
              edge.request("GET", "/cp/orgs/cut-short/export", ADMIN).build(),
              BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        assertThat(lines.readLine()).startsWith("{\"type\":\"org\"");
        // The reader stands still now, and with it the export: Postgres waits for it.
        await().until(() -> waiting() == 1);
        edge.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + STALLED);
        assertThatThrownBy(
                () -> {
                  while (true) {
                    String line = lines.readLine();
                    assertThat(line).isNotNull().doesNotStartWith("{\"type\":\"end\"");
                  }
                })
            .isInstanceOf(IOException.class);
      }
    }
  }

  private static long waiting() {
    return edge.query("SELECT count(*) FROM pg_stat_activity WHERE " + STALLED)
        .iterator()
        .next()
        .getLong(0);
  }
}
