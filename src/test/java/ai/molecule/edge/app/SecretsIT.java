package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.controlplane.webhooks.Receiver;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import ai.molecule.edge.telemetry.LoggingConfig;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Canary credentials go every way a credential can go; afterwards every log line at TRACE, the
 * metrics and both stores are searched for them. Each place is shown to be searched by something
 * that must be there.
 */
final class SecretsIT {
  private final List<String> canaries = new ArrayList<>(List.of(EdgeNodes.ADMIN));
  private final List<HttpResponse<String>> answers = new ArrayList<>();

  @Test
  void noSecretIsInAnyLogAtTraceNorInMetricsNorInPostgresNorInRedis() {
    try (PostgresServerHandle postgres = TestStores.startPostgres();
        RedisServerHandle redis = TestStores.startRedis();
        EdgeNodes nodes = EdgeNodes.on(postgres.uri(), redis.uri()).with(SecretsIT::everyRequest)) {
      RunningNode node = nodes.start();
      Made used;
      List<String> lines;
      try (TraceLines trace = TraceLines.capture()) {
        used = story(node);
        assertRedisHoldsNone(redis, used);
        redis.stop();
        outage(node);
        redis.start();
        recover(node, postgres.uri(), used);
        lines = trace.lines();
      }

      assertNowhere("logs", lines, List.of("the-request-id-of-a-use", "unmatched"));
      assertNowhere(
          "metrics", node.operations("/metrics").body().lines().toList(), List.of("edge_requests"));
      assertNowhere(
          "Postgres",
          new PostgresEye(postgres.uri()).everything(),
          List.of(used.id(), hex(used.secret()), "the-request-id-of-a-use", "audit_log"));
      assertRedisHoldsNone(redis, used);
      assertNowhere(
          "answers",
          answers.stream().map(answer -> answer.headers().map() + answer.body()).toList(),
          List.of("credential_malformed", "not_found", "invalid_request"));
    }
  }

  private static EdgeConfig everyRequest(EdgeConfig config) {
    LoggingConfig logging = config.logging();
    return config.withLogging(
        new LoggingConfig(logging.format(), logging.level(), LoggingConfig.Access.ALL));
  }

  /** Notes a secret that must not be found. */
  private Made canary(Made key) {
    canaries.add(key.secret());
    return key;
  }

  private void note(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    answers.add(answer);
  }

  /** Every way through the edge; returns a key that is still in use. */
  private Made story(RunningNode node) {
    Made key = canary(node.create("admin:keys", "orgs:read"));
    note(
        RunningNode.send(
            node.request("GET", RunningNode.OWN_KEY, key.secret())
                .header("X-Request-Id", "the-request-id-of-a-use")),
        200);
    note(
        RunningNode.send(
            node.request("PATCH", key.path(), key.secret())
                .header("X-Request-Id", "the-request-id-of-a-use")
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"name\":\"renamed\"}"))),
        200);
    Made made =
        canary(
            madeBy(
                node.send(
                    "POST",
                    RunningNode.KEYS,
                    key.secret(),
                    new JsonObject().put("name", "child").put("scopes", List.of("orgs:read")))));
    note(node.send("GET", RunningNode.KEYS, made.secret(), null), 403);
    Made successor = canary(node.rotate(made, 3600));
    node.useAtOnce(made, 4);
    node.useAtOnce(successor, 4);
    Made limited = canary(node.createLimited(1, 1));
    node.useAtOnce(limited, 4);
    note(node.use(limited), 429);
    node.revoke(successor);
    note(node.use(successor), 401);
    Made leaked = canary(node.create());
    note(node.send("DELETE", RunningNode.OWN_KEY, leaked.secret(), null), 204);
    note(node.use(leaked), 401);
    workspace(node);
    webhook(node);
    misuseInTarget(node, key.secret());
    misuseInHeaders(node, key.secret());
    misuseInBodies(node, key.secret());
    return key;
  }

  /** The signing secret is shown once, and after that only used. */
  private void webhook(RunningNode node) {
    try (Receiver receiver = Receiver.of(node.edge().vertx(), 200)) {
      JsonObject asked =
          new JsonObject()
              .put("url", receiver.url())
              .put("events", List.of("*"))
              .put("partner_id", "acme");
      HttpResponse<String> made = node.send("POST", "/cp/webhooks", EdgeNodes.ADMIN, asked);
      assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
      String secret = new JsonObject(made.body()).getString("secret");
      String key = secret.substring("whsec_".length());
      canaries.add(secret);
      canaries.add(HexFormat.of().formatHex(Base64.getDecoder().decode(key)));
      JsonObject org =
          new JsonObject().put("slug", "told-of").put("name", "n").put("partner_id", "acme");
      note(node.send("POST", "/cp/orgs", EdgeNodes.ADMIN, org), 201);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> receiver.sent.stream().anyMatch(sent -> sent.isSignedWith(secret)));
      note(node.send("GET", "/cp/webhooks", EdgeNodes.ADMIN, null), 200);
    }
  }

  /** The tokens of a workspace, as long as it lives and afterwards. */
  private void workspace(RunningNode node) {
    JsonObject org = new JsonObject().put("slug", "canaries").put("name", "n");
    note(node.send("POST", "/cp/orgs", EdgeNodes.ADMIN, org.put("partner_id", "acme")), 201);
    String workspaces = "/cp/orgs/canaries/workspaces";
    JsonObject made =
        new JsonObject(node.send("POST", workspaces, EdgeNodes.ADMIN, "{\"name\":\"w\"}").body());
    String first = made.getString("token");
    canaries.add(first);
    String id = made.getString("id");
    String own = "/workspaces/" + id;
    JsonObject more = new JsonObject(node.send("POST", own + "/tokens", first, "{}").body());
    String second = more.getString("token");
    canaries.add(second);
    note(node.send("POST", "/registry/heartbeat", first, "{\"current_task\":\"t\"}"), 200);
    note(node.send("GET", own + "/tokens", second, null), 200);
    note(node.send("GET", "/workspaces/" + second + "/state", first, null), 404);
    note(node.send("POST", "/registry/heartbeat", first, "{\"" + first + "\":1}"), 400);
    note(node.send("GET", RunningNode.KEYS, second, null), 403);
    note(node.send("DELETE", own + "/tokens/" + more.getString("id"), first, null), 204);
    note(node.send("GET", own + "/state", second, null), 401);
    note(node.send("DELETE", workspaces + "/" + id, EdgeNodes.ADMIN, null), 204);
    note(node.send("POST", "/registry/heartbeat", first, "{}"), 401);
  }

  private static Made madeBy(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    JsonObject object = new JsonObject(response.body());
    return new Made(object.getString("id"), object.getString("key"), object);
  }

  /** Secrets in addresses. */
  private void misuseInTarget(RunningNode node, String secret) {
    note(node.send("GET", RunningNode.OWN_KEY + "?key=" + secret, null, null), 401);
    note(node.send("GET", RunningNode.KEYS + "?cursor=" + secret, secret, null), 400);
    note(node.send("GET", RunningNode.KEYS + "?" + secret + "=1", secret, null), 400);
    note(node.send("GET", RunningNode.KEYS + "/" + secret, EdgeNodes.ADMIN, null), 404);
    note(node.send("GET", "/" + secret, secret, null), 404);
    note(node.send("PUT", RunningNode.KEYS + "/" + secret, secret, null), 405);
  }

  /** Secrets in headers that are not for them, or not alone. */
  private void misuseInHeaders(RunningNode node, String secret) {
    for (String header :
        List.of(
            secret,
            "Basic " + secret,
            "Bearer " + secret + "x",
            "Bearer " + secret + " " + secret,
            "Bearer x" + secret + EdgeNodes.ADMIN,
            "Bearer " + EdgeNodes.ADMIN + "x",
            "Bearer=" + secret)) {
      note(
          RunningNode.send(
              node.request("GET", RunningNode.OWN_KEY, null).header("Authorization", header)),
          401);
    }
    note(
        RunningNode.send(
            node.request("GET", RunningNode.OWN_KEY, secret)
                .header("Authorization", "Bearer " + EdgeNodes.ADMIN)),
        401);
    note(
        RunningNode.send(
            node.request("GET", RunningNode.OWN_KEY, null).header("Cookie", "key=" + secret)),
        401);
    note(
        RunningNode.send(
            node.request("POST", RunningNode.KEYS, EdgeNodes.ADMIN)
                .header("Content-Type", secret)
                .POST(BodyPublishers.ofString("{}"))),
        415);
  }

  /** Secrets in bodies, as values and as names. */
  private void misuseInBodies(RunningNode node, String secret) {
    for (String body :
        List.of(
            secret,
            "{\"" + secret + "\":1}",
            "{\"name\":\"x\",\"partner_id\":\"" + secret + "\",\"scopes\":[\"" + secret + "\"]}",
            "{\"name\":\"x\",\"ip_allow\":[\"" + secret + "\"],\"org_id\":\"" + secret + "\"}")) {
      HttpResponse<String> refused =
          RunningNode.send(
              node.request("POST", RunningNode.KEYS, EdgeNodes.ADMIN)
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body)));
      note(refused, 400);
    }
  }

  /** The ways that are taken only while Redis is away. */
  private void outage(RunningNode node) {
    Made made = canary(node.create());
    node.useAtOnce(made, 8);
    note(node.tryRevoke(made), 503);
  }

  private static void recover(RunningNode node, String postgresUri, Made used) {
    PostgresEye eye = new PostgresEye(postgresUri);
    await().atMost(Duration.ofSeconds(20)).until(() -> eye.pendingChanges() == 0);
    await().atMost(Duration.ofSeconds(20)).until(() -> node.status(used) == 200);
  }

  private void assertRedisHoldsNone(RedisServerHandle redis, Made used) {
    try (RedisEye eye = new RedisEye(redis.uri())) {
      // The name of its record, and a text from inside one.
      assertNowhere("Redis", eye.everything(), List.of(base64Url(used.secret()), "a key"));
    }
  }

  private void assertNowhere(String place, List<String> texts, List<String> controls) {
    for (String control : controls) {
      assertThat(texts)
          .as("%s are searched: %s must be found", place, control)
          .anyMatch(text -> text.contains(control));
    }
    assertThat(canaries).hasSizeGreaterThan(5);
    for (String canary : canaries) {
      // Without its prefix, which may be shown, and without its end, of which four may be.
      String core = canary.substring(14, canary.length() - 6);
      assertThat(texts.stream().filter(text -> text.contains(core)))
          .as("%s with a secret in them", place)
          .isEmpty();
    }
  }

  private static byte[] sha256(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(secret.getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String hex(String secret) {
    return HexFormat.of().formatHex(sha256(secret));
  }

  private static String base64Url(String secret) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(secret));
  }
}
