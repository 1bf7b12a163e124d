package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped configurations of other gateways, run as they stand but for the ports. A gateway that
 * is not installed is skipped, visibly.
 */
final class IntegrationsIT {
  private static final Path EXAMPLES = Path.of("docs/integrations");
  private static final String ROUTES =
      """
      routes:
        - {prefix: /v1, upstream: 'http://127.0.0.1:9', scope: 'orgs:read'}
        - {prefix: /v1/admin, upstream: 'http://127.0.0.1:9', scope: 'admin:keys'}
      """;

  @TempDir Path directory;

  private EdgeNodes nodes;
  private RunningNode node;
  private RawUpstream service;
  private InstalledServer gateway;
  private int port;

  @BeforeEach
  void start() {
    nodes = EdgeNodes.onSharedStores().with(config -> config.withRoutes(RouteYaml.parse(ROUTES)));
    node = nodes.start();
    service = RawUpstream.withBody("served");
  }

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
    service.close();
    nodes.close();
  }

  @Test
  void nginxAsksByAuthRequest() throws Exception {
    Path program = installed("nginx");
    Path config = configured("nginx.conf");
    run(
        program,
        "-p",
        directory.toString(),
        "-c",
        config.toString(),
        "-g",
        "daemon off; master_process off; pid nginx.pid; error_log stderr;");
    assertGuards();
  }

  @Test
  void haproxyAsksByALuaAction() throws Exception {
    Path program = installed("haproxy");
    Path config = configured("haproxy.cfg");
    configured("haproxy-authz.lua");
    run(program, "-C", directory.toString(), "-f", config.toString(), "-db");
    assertGuards();
  }

  @Test
  void caddyAsksByForwardAuth() throws Exception {
    Path program = installed("caddy");
    Path config = configured("Caddyfile");
    run(program, "run", "--config", config.toString(), "--adapter", "caddyfile");
    assertGuards();
  }

  @Test
  void envoyAsksByExtAuthz() throws Exception {
    Path program = installed("envoy");
    Path config = configured("envoy.yaml");
    run(program, "-c", config.toString(), "--disable-hot-restart", "--concurrency", "1");
    assertGuards();
  }

  @Test
  void traefikAsksByForwardAuth() throws Exception {
    Path program = installed("traefik");
    Path config = configured("traefik.yaml");
    run(
        program,
        "--entrypoints.web.address=127.0.0.1:" + port,
        "--providers.file.filename=" + config);
    assertGuards();
  }

  private static Path installed(String name) {
    return InstalledServer.program(name, IntegrationsIT.class);
  }

  /** The example with ports of this test. */
  private Path configured(String name) throws IOException {
    if (port == 0) {
      port = InstalledServer.freePort();
    }
    String text =
        Files.readString(EXAMPLES.resolve(name))
            .replace("127.0.0.1:8080", "127.0.0.1:" + node.port())
            .replace("127.0.0.1:8081", "127.0.0.1:" + service.port())
            .replace("127.0.0.1:8000", "127.0.0.1:" + port);
    return Files.writeString(directory.resolve(name), text);
  }

  private void run(Path program, String... arguments) throws IOException {
    gateway = InstalledServer.start(program, directory, directory.resolve("said"), port, arguments);
  }

  private HttpResponse<String> send(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return RunningNode.send(request);
  }

  private void assertGuards() {
    Made key = node.create("orgs:read");
    String bearer = "Bearer " + key.secret();

    HttpResponse<String> served =
        send(
            "POST",
            "/v1/a%20b?c=d",
            "Authorization",
            bearer,
            "X-Mol-Org-Id",
            "forged",
            "X-Mol-Key-Id",
            "forged",
            "x-mol-scopes",
            "admin:keys");
    assertThat(served.statusCode()).isEqualTo(200);
    assertThat(served.body()).isEqualTo("served");
    RawUpstream.Head head = service.head();
    assertThat(head.line())
        .isEqualTo("POST /v1/a%20b?c=d HTTP/1." + head.line().charAt(head.line().length() - 1));
    assertThat(head.one("x-mol-partner-id")).isEqualTo("acme");
    assertThat(head.one("x-mol-key-id")).isEqualTo(key.id());
    assertThat(head.one("x-mol-scopes")).isEqualTo("orgs:read");
    assertThat(head.all("x-mol-org-id")).isEmpty();
    assertThat(head.all("authorization")).isEmpty();
    long seen = service.connections();

    HttpResponse<String> anonymous = send("GET", "/v1/a");
    assertThat(anonymous.statusCode()).isEqualTo(401);
    assertThat(anonymous.headers().firstValue("WWW-Authenticate"))
        .hasValueSatisfying(challenge -> assertThat(challenge).startsWith("Bearer"));
    assertThat(send("GET", "/v1/admin/x", "Authorization", bearer).statusCode()).isEqualTo(403);
    assertThat(send("GET", "/nowhere", "Authorization", bearer).statusCode()).isEqualTo(403);
    for (String path :
        List.of(
            "/v1/admin;x/y",
            "/v1/%61dmin",
            "/v1//admin",
            "/v1/admin?scope=orgs:read",
            "/v1/x/../admin")) {
      assertThat(send("GET", path, "Authorization", bearer).statusCode())
          .as(path)
          .isNotEqualTo(200);
    }
    assertThat(
            send(
                    "GET",
                    "/v1/admin/x",
                    "Authorization",
                    bearer,
                    "X-Forwarded-Uri",
                    "/v1/a",
                    "X-Original-URI",
                    "/v1/a",
                    "X-Forwarded-Method",
                    "GET")
                .statusCode())
        .isEqualTo(403);

    Made limited = node.createLimited(1, 1);
    String few = "Bearer " + limited.secret();
    assertThat(send("GET", "/v1/a", "Authorization", few).statusCode()).isEqualTo(200);
    HttpResponse<String> over = send("GET", "/v1/a", "Authorization", few);
    assertThat(over.statusCode()).isEqualTo(429);
    assertThat(over.headers().firstValue("Retry-After"))
        .hasValueSatisfying(seconds -> assertThat(seconds).matches("[1-9][0-9]*"));

    node.revoke(key);
    assertThat(send("GET", "/v1/a", "Authorization", bearer).statusCode()).isEqualTo(401);
    assertThat(service.connections()).isLessThanOrEqualTo(seen + 1);
  }
}
