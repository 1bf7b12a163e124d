package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.postgres.Await;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A partner's server, which takes down what it is sent. */
public final class Receiver implements AutoCloseable {
  public final List<Sent> sent = new CopyOnWriteArrayList<>();

  /** The most requests that it was at, at one time. */
  final AtomicInteger atOnceMax = new AtomicInteger();

  private final AtomicInteger atOnce = new AtomicInteger();
  private final HttpServer server;
  private volatile Answering answering;

  /** One request as it came. */
  public record Sent(String method, String uri, Map<String, List<String>> headers, String body) {
    public String id() {
      return header("webhook-id");
    }

    String header(String name) {
      return headers.getOrDefault(name, List.of()).getFirst();
    }

    /** Whether the library of Standard Webhooks takes it. */
    public boolean isSignedWith(String secret) {
      try {
        new Webhook(secret).verify(body, headers);
        return true;
      } catch (WebhookVerificationException e) {
        return false;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  /** How it answers. */
  interface Answering {
    void answer(HttpServerResponse response);
  }

  Receiver(Vertx vertx, Answering answering) {
    this(vertx, new HttpServerOptions(), answering);
  }

  Receiver(Vertx vertx, HttpServerOptions options, Answering answering) {
    this.answering = answering;
    this.server =
        Await.result(
            vertx
                .createHttpServer(options.setHost("127.0.0.1").setPort(0))
                .requestHandler(this::take)
                .listen());
  }

  /** One that answers that status. */
  public static Receiver of(Vertx vertx, int status) {
    return new Receiver(vertx, status(status));
  }

  static Answering status(int status) {
    return response -> response.setStatusCode(status).end("that was " + status);
  }

  void answers(Answering from) {
    answering = from;
  }

  private void take(HttpServerRequest request) {
    int now = atOnce.incrementAndGet();
    atOnceMax.accumulateAndGet(now, Math::max);
    request.response().endHandler(ended -> atOnce.decrementAndGet());
    request.response().closeHandler(closed -> {});
    request
        .body()
        .onSuccess(
            body -> {
              Map<String, List<String>> headers = new LinkedHashMap<>();
              request
                  .headers()
                  .names()
                  .forEach(name -> headers.put(name, request.headers().getAll(name)));
              sent.add(new Sent(request.method().name(), request.uri(), headers, body.toString()));
              answering.answer(request.response());
            });
  }

  int port() {
    return server.actualPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port() + "/hooks?token=1";
  }

  /** The ids it was sent, in order, repeated ones as often as they came. */
  List<String> ids() {
    return sent.stream().map(Sent::id).toList();
  }

  @Override
  public void close() {
    Await.result(server.close());
  }
}
