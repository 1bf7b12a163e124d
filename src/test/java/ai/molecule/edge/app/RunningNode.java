package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.node.EdgeVertx;
import ai.molecule.edge.app.node.Node;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.postgres.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A node that listens, and a client of it. Every call blocks. */
record RunningNode(EdgeVertx edge, Node node, EdgeConfig config) {
  static final String KEYS = "/cp/admin/partner-keys";
  static final String OWN_KEY = "/cp/partner-key";

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A key just made: its id, its secret and the object that was answered. */
  record Made(String id, String secret, JsonObject object) {
    String path() {
      return KEYS + "/" + id;
    }
  }

  /** The body of a creation by the admin for acme: a key that does not meet its limit by chance. */
  static JsonObject body(String... scopes) {
    return new JsonObject()
        .put("name", "a key")
        .put("partner_id", "acme")
        .put("rate_limit", 600_000)
        .put("burst", 100_000)
        .put("scopes", new JsonArray(List.of(scopes.length == 0 ? only("orgs:read") : scopes)));
  }

  private static String[] only(String scope) {
    return new String[] {scope};
  }

  /** A key with those scopes and room enough. */
  Made create(String... scopes) {
    return create(body(scopes));
  }

  /** A key with that limit. */
  Made createLimited(int ratePerMinute, int burst) {
    return create(body().put("rate_limit", ratePerMinute).put("burst", burst));
  }

  /** The key of that body, made by the admin. */
  Made create(JsonObject body) {
    return made(send("POST", KEYS, EdgeNodes.ADMIN, body));
  }

  /** Asks, as the admin, for the key of that body under that Idempotency-Key. */
  HttpResponse<String> createOnce(String idempotencyKey, JsonObject body) {
    return send(
        request("POST", KEYS, EdgeNodes.ADMIN)
            .header("Idempotency-Key", idempotencyKey)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString(body.toString())));
  }

  /** Rotates, with that grace. */
  Made rotate(Made key, int graceSeconds) {
    JsonObject body = new JsonObject().put("grace_seconds", graceSeconds);
    return made(send("POST", key.path() + "/rotate", EdgeNodes.ADMIN, body));
  }

  private static Made made(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    JsonObject object = new JsonObject(response.body());
    return new Made(object.getString("id"), object.getString("key"), object);
  }

  /** Changes a key as the admin; must be answered 200. */
  JsonObject patch(Made key, JsonObject change) {
    HttpResponse<String> response = send("PATCH", key.path(), EdgeNodes.ADMIN, change);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  /** Revokes as the admin; must be answered 204. */
  void revoke(Made key) {
    assertThat(tryRevoke(key).statusCode()).isEqualTo(204);
  }

  HttpResponse<String> tryRevoke(Made key) {
    return send("DELETE", key.path(), EdgeNodes.ADMIN, null);
  }

  /** The key object as the admin sees it. */
  JsonObject shown(Made key) {
    HttpResponse<String> response = send("GET", key.path(), EdgeNodes.ADMIN, null);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  /** Uses a key once: asks for its own object. */
  HttpResponse<String> use(Made key) {
    return use(key.secret());
  }

  HttpResponse<String> use(String secret) {
    return send("GET", OWN_KEY, secret, null);
  }

  /** The status of one use. */
  int status(Made key) {
    return use(key).statusCode();
  }

  /** Uses a key that many times at once, so on several connections and event loops. */
  List<HttpResponse<String>> useAtOnce(Made key, int times) {
    return getAtOnce(OWN_KEY, key.secret(), times);
  }

  /** Sends a GET that many times at once, so on several connections and event loops. */
  List<HttpResponse<String>> getAtOnce(String path, String credential, int times) {
    List<CompletableFuture<HttpResponse<String>>> sent =
        Stream.generate(() -> request("GET", path, credential).build())
            .limit(times)
            .map(request -> CLIENT.sendAsync(request, BodyHandlers.ofString()))
            .toList();
    return sent.stream().map(CompletableFuture::join).toList();
  }

  /** Sends a request; a null credential or body is left out. */
  HttpResponse<String> send(
      String method, String path, @Nullable String credential, @Nullable Object body) {
    HttpRequest.Builder request = request(method, path, credential);
    if (body != null) {
      request.header("Content-Type", "application/json");
      request.method(method, BodyPublishers.ofString(body.toString()));
    }
    return send(request);
  }

  HttpRequest.Builder request(String method, String path, @Nullable String credential) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(PATIENCE)
            .method(method, BodyPublishers.noBody());
    return credential == null ? request : request.header("Authorization", "Bearer " + credential);
  }

  static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Asks the operations port. */
  HttpResponse<String> operations(String path) {
    return operations(node.managementPort(), path);
  }

  static HttpResponse<String> operations(int port, String path) {
    return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)));
  }

  /** The {@code X-Request-Id} of the answer of the operations port, having sent that one. */
  String operationsRequestId(String path, String presented) {
    URI uri = URI.create("http://127.0.0.1:" + node.managementPort() + path);
    return send(HttpRequest.newBuilder(uri).header("X-Request-Id", presented))
        .headers()
        .firstValue("X-Request-Id")
        .orElse("");
  }

  int port() {
    return node.port();
  }

  /** Leaves as on SIGTERM, its event loops included. */
  void close() {
    Await.result(node.drain());
    Await.result(node.close());
    Await.result(edge.vertx().close());
  }
}
