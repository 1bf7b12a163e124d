package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.proxy.UpstreamClient.Waiter;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A client on an event loop of its own, and the one upstream that it knows. */
final class ClientUnderTest implements AutoCloseable {
  static final String OK = RawUpstream.ok("ok");

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final UpstreamClient client;
  private final UpstreamAddress address;
  final RawUpstream upstream;

  private ClientUnderTest(UpstreamsConfig config, RawUpstream.Script script) {
    upstream = RawUpstream.start(script);
    address = new UpstreamAddress("127.0.0.1", upstream.port());
    client = onLoop(() -> UpstreamClient.create(vertx, config, 1));
  }

  /** One with so many connections, and so many who may wait for one. */
  static ClientUnderTest start(int connections, int waiting, RawUpstream.Script script) {
    return start(connections, waiting, LONG, LONG, script);
  }

  static ClientUnderTest start(
      int connections, int waiting, Duration keepAlive, Duration idle, RawUpstream.Script script) {
    UpstreamsConfig shipped = UpstreamsConfig.defaults();
    return new ClientUnderTest(
        new UpstreamsConfig(
            connections,
            waiting,
            shipped.connectTimeout(),
            keepAlive,
            idle,
            shipped.headBytesMax(),
            shipped.streamsPerKeyMax(),
            shipped.ejectionFailures(),
            shipped.ejectionTime()),
        script);
  }

  private <T> T onLoop(Supplier<T> action) {
    Promise<T> promise = Promise.promise();
    loop.runOnContext(turn -> promise.complete(action.get()));
    return Await.result(promise.future());
  }

  /** Sends a GET. */
  Asked ask(String path) {
    Asked asked = new Asked(path);
    return ask(
        asked,
        made -> {
          RequestHead head = new RequestHead();
          head.begin("GET", path);
          head.header("Host", "h");
          made.send(head.end(made), false, asked);
        });
  }

  /** Sends a request with a body of zeros. */
  Asked askWithBody(String method, int bytes) {
    Asked asked = new Asked("/" + method);
    return ask(
        asked,
        made -> {
          RequestHead head = new RequestHead();
          head.begin(method, asked.path);
          head.header("Content-Length", Integer.toString(bytes));
          made.sendHead(head.end(made), false, method.equals("HEAD"), asked);
          if (bytes > 0) {
            made.write(zeros(made, bytes));
          }
          made.end();
        });
  }

  static ByteBuf zeros(UpstreamConnection to, int bytes) {
    return to.allocate(bytes).writeZero(bytes);
  }

  private Asked ask(Asked asked, Consumer<UpstreamConnection> sending) {
    asked.sending = sending;
    return onLoop(
        () -> {
          client.open(address, asked);
          return asked;
        });
  }

  /** It does not need a connection any more. */
  void forget(Asked impatient) {
    onLoop(
        () -> {
          client.forget(address, impatient);
          return impatient;
        });
  }

  /** Does something with the connection over which it was asked. */
  void with(Asked asked, Consumer<UpstreamConnection> action) {
    onLoop(
        () -> {
          action.accept(asked.connection);
          return asked;
        });
  }

  boolean isUsable(Asked asked) {
    return onLoop(() -> asked.connection.isUsable(System.nanoTime()));
  }

  /** Waits until the connection over which it was asked is of no use any more. */
  void awaitEnd(Asked asked) {
    await().atMost(PATIENCE).until(() -> !isUsable(asked));
  }

  void awaitRequests(int count) {
    await().atMost(PATIENCE).until(() -> upstream.heads().size() == count);
  }

  void closeClient() {
    Await.result(onLoop(client::close));
  }

  @Override
  public void close() {
    closeClient();
    upstream.close();
    Await.result(vertx.close());
  }

  /** One request, and what comes of it. */
  static final class Asked implements Waiter, AnswerReader {
    final String path;
    private final CountDownLatch over = new CountDownLatch(1);
    private final StringBuffer answer = new StringBuffer();
    private Consumer<UpstreamConnection> sending = made -> {};
    private volatile String outcome = "";
    private volatile UpstreamConnection connection;

    private Asked(String path) {
      this.path = path;
    }

    @Override
    public void connected(UpstreamConnection made) {
      connection = made;
      sending.accept(made);
    }

    @Override
    public void unconnected(UpstreamOutcome why) {
      finish("unconnected " + why);
    }

    @Override
    public void head(HttpResponse head) {
      answer.append(head.status().code()).append(' ');
    }

    @Override
    public void piece(ByteBuf bytes) {
      answer.append(bytes.toString(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void end() {
      finish(answer.toString());
    }

    @Override
    public void failed(UpstreamOutcome why) {
      finish("failed " + why);
    }

    @Override
    public void writable() {}

    private void finish(String with) {
      assertThat(outcome).as("it ends once").isEmpty();
      outcome = with;
      over.countDown();
    }

    /** Status and body, or what went wrong; waits for it. */
    String outcome() {
      try {
        assertThat(over.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(path).isTrue();
        return outcome;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** What has come until now. */
    String soFar() {
      return answer.toString();
    }

    boolean isOver() {
      return !outcome.isEmpty();
    }
  }
}
