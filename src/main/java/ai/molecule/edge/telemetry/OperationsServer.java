package ai.molecule.edge.telemetry;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.problem.ProblemRenderer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The operations listener: {@code /health/live}, {@code /health/ready} and {@code /metrics}. It has
 * no authentication and belongs on the loopback address. It shares nothing with the public listener
 * and answers while that one starts or drains.
 */
public final class OperationsServer {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final int IDLE_SECONDS = 60;
  private static final String X_REQUEST_ID = "X-Request-Id";

  /** What begins like a credential is none, as on the public port. */
  private static final Pattern REQUEST_ID = Pattern.compile("(?!mol_)[A-Za-z0-9._-]{1,128}");

  private final Vertx vertx;
  private final Health health;
  private final Supplier<String> scrape;
  private final HttpServer server;

  private OperationsServer(
      Vertx vertx, ManagementConfig config, Health health, Supplier<String> scrape) {
    this.vertx = vertx;
    this.health = health;
    this.scrape = scrape;
    this.server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS));
  }

  /**
   * Listens.
   *
   * @param scrape the metrics in Prometheus' text format; called on a worker thread
   * @return the server; fails with an {@link IOException} that says so when the address is taken or
   *     not ours
   */
  public static Future<OperationsServer> start(
      Vertx vertx, ManagementConfig config, Health health, Supplier<String> scrape) {
    OperationsServer operations = new OperationsServer(vertx, config, health, scrape);
    return operations
        .server
        .requestHandler(operations::handle)
        .listen()
        .map(listening -> operations)
        .recover(
            failure ->
                Future.failedFuture(
                    new IOException(
                        "management.port: cannot listen at %s:%d: %s"
                            .formatted(config.host(), config.port(), failure.getMessage()),
                        failure)));
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Closes the listener and its connections. */
  public Future<Void> close() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    request.response().putHeader(X_REQUEST_ID, requestId(request));
    boolean read = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    if (!read) {
      problem(request, Problem.of(ProblemCode.METHOD_NOT_ALLOWED).with("Allow", "GET, HEAD"));
      return;
    }
    switch (String.valueOf(request.path())) {
      case "/health/live" -> json(request, 200, "{\"status\":\"live\"}");
      case "/health/ready" -> ready(request);
      case "/metrics" -> metrics(request);
      default -> problem(request, Problem.of(ProblemCode.NOT_FOUND));
    }
  }

  /** The caller's, if it is one. */
  private static String requestId(HttpServerRequest request) {
    String presented = request.getHeader(X_REQUEST_ID);
    return presented != null && REQUEST_ID.matcher(presented).matches()
        ? presented
        : UUID.randomUUID().toString();
  }

  private void ready(HttpServerRequest request) {
    Health.Readiness readiness = health.readiness();
    String state = readiness.state().name().toLowerCase(Locale.ROOT);
    String missing =
        readiness.missing().stream()
            .map(name -> '"' + name + '"')
            .collect(Collectors.joining(",", "[", "]"));
    json(
        request,
        readiness.isReady() ? 200 : 503,
        "{\"status\":\"" + state + "\",\"missing\":" + missing + "}");
  }

  private void metrics(HttpServerRequest request) {
    vertx
        .executeBlocking(scrape::get, false)
        .onComplete(
            text -> request.response().putHeader(HttpHeaders.CONTENT_TYPE, PROMETHEUS).end(text),
            failure -> problem(request, Problem.of(ProblemCode.INTERNAL_ERROR)));
  }

  private static void json(HttpServerRequest request, int status, String body) {
    HttpServerResponse response = request.response().setStatusCode(status);
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.end(body);
  }

  private static void problem(HttpServerRequest request, Problem problem) {
    HttpServerResponse response = request.response().setStatusCode(problem.code().status());
    problem.headers().forEach(response::putHeader);
    response.putHeader(HttpHeaders.CONTENT_TYPE, ProblemRenderer.MEDIA_TYPE);
    String requestId = Objects.requireNonNull(response.headers().get(X_REQUEST_ID));
    response.end(ProblemRenderer.body(problem, requestId));
  }
}
