package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.proxy.UpstreamClient.Waiter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool of connections to upstreams, against a server that does what a test says. */
class UpstreamClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final List<Socket> accepted = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private ServerSocket listener;
  private UpstreamClient client;
  private UpstreamAddress address;

  /** What the server does once it has read a request, whose first line is given. */
  private interface Script {
    void serve(Socket socket, String line) throws IOException, InterruptedException;
  }

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    address = new UpstreamAddress("127.0.0.1", listener.getLocalPort());
  }

  private void start(int connections, int waiting, Script script) {
    start(connections, waiting, Duration.ofSeconds(30), Duration.ofSeconds(30), script);
  }

  private void start(
      int connections, int waiting, Duration keepAlive, Duration idle, Script script) {
    Thread.ofVirtual().start(() -> accept(script));
    UpstreamsConfig shipped = UpstreamsConfig.defaults();
    UpstreamsConfig config =
        new UpstreamsConfig(
            connections,
            waiting,
            shipped.connectTimeout(),
            keepAlive,
            idle,
            shipped.headBytesMax(),
            shipped.streamsPerKeyMax(),
            shipped.ejectionFailures(),
            shipped.ejectionTime());
    client = onLoop(() -> UpstreamClient.create(vertx, config, 1));
  }

  private void accept(Script script) {
    try {
      while (true) {
        Socket socket = listener.accept();
        accepted.add(socket);
        Thread.ofVirtual().start(() -> serve(socket, script));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket socket, Script script) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String header = in.readLine();
        while (header != null && !header.isEmpty()) {
          header = in.readLine();
        }
        lines.add(line);
        script.serve(socket, line);
      }
    } catch (IOException | InterruptedException gone) {
      // Either side closed it.
    }
  }

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private <T> T onLoop(Supplier<T> action) {
    Promise<T> promise = Promise.promise();
    loop.runOnContext(turn -> promise.complete(action.get()));
    return Await.result(promise.future());
  }

  @AfterEach
  void stop() throws IOException {
    if (client != null) {
      Await.result(onLoop(client::close));
    }
    listener.close();
    Await.result(vertx.close());
  }

  /** One request, and what comes of it. */
  private final class Asked implements Waiter, AnswerReader {
    private final String path;
    private final CountDownLatch over = new CountDownLatch(1);
    private final StringBuilder body = new StringBuilder();
    private volatile String outcome = "";
    private volatile UpstreamConnection connection;

    private Asked(String path) {
      this.path = path;
    }

    @Override
    public void connected(UpstreamConnection made) {
      connection = made;
      RequestHead head = new RequestHead();
      head.begin("GET", path);
      head.header("Host", "h");
      made.send(head.end(made), false, this);
    }

    @Override
    public void unconnected(UpstreamOutcome why) {
      finish("unconnected " + why);
    }

    @Override
    public void head(HttpResponse answer) {
      body.append(answer.status().code()).append(' ');
    }

    @Override
    public void piece(ByteBuf bytes) {
      body.append(bytes.toString(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void end() {
      finish(body.toString());
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

    private String outcome() {
      try {
        assertThat(over.await(20, TimeUnit.SECONDS)).as(path).isTrue();
        return outcome;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Asked ask(String path) {
    Asked asked = new Asked(path);
    onLoop(
        () -> {
          client.open(address, asked);
          return true;
        });
    return asked;
  }

  @Test
  void oneConnectionServesOneRequestAfterTheOther() {
    start(10, 10, (socket, line) -> write(socket, OK));
    for (int i = 0; i < 20; i++) {
      assertThat(ask("/" + i).outcome()).isEqualTo("200 ok");
    }
    assertThat(accepted).hasSize(1);
  }

  @Test
  void noMoreAreMadeThanMayBeAndWhoeverWaitsIsServedInTurn() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    start(
        2,
        3,
        (socket, line) -> {
          go.await();
          write(socket, OK);
        });
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(ask("/" + i));
    }
    assertThat(all.get(5).outcome()).isEqualTo("unconnected SATURATED");
    assertThat(all.get(6).outcome()).isEqualTo("unconnected SATURATED");
    await().atMost(PATIENCE).until(() -> lines.size() == 2);
    go.countDown();
    for (Asked one : all.subList(0, 5)) {
      assertThat(one.outcome()).isEqualTo("200 ok");
    }
    assertThat(accepted).hasSize(2);
    assertThat(lines.subList(0, 2)).allMatch(line -> line.matches("GET /[01] HTTP/1.1"));
    assertThat(lines.get(2)).isEqualTo("GET /2 HTTP/1.1");
  }

  @Test
  void whoeverDoesNotNeedOneAnyMoreLeavesItsPlaceInTheQueue() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    start(
        1,
        1,
        (socket, line) -> {
          go.await();
          write(socket, OK);
        });
    Asked first = ask("/first");
    Asked impatient = ask("/impatient");
    onLoop(
        () -> {
          client.forget(address, impatient);
          return true;
        });
    Asked next = ask("/next");
    go.countDown();
    assertThat(first.outcome()).isEqualTo("200 ok");
    assertThat(next.outcome()).isEqualTo("200 ok");
    assertThat(impatient.outcome).isEmpty();
    assertThat(lines).doesNotContain("GET /impatient HTTP/1.1");
  }

  @Test
  void oneThatTheUpstreamHasClosedIsNotHandedOut() {
    start(
        1,
        0,
        (socket, line) -> {
          write(socket, OK);
          socket.close();
        });
    for (int i = 0; i < 20; i++) {
      Asked asked = ask("/" + i);
      assertThat(asked.outcome()).isEqualTo("200 ok");
      // With room for one, the next is refused until the end of this one has been seen.
      await()
          .atMost(PATIENCE)
          .until(() -> onLoop(() -> !asked.connection.isUsable(System.nanoTime())));
    }
    assertThat(accepted).hasSize(20);
  }

  @Test
  void bytesThatNobodyAskedForEndTheConnection() throws Exception {
    CountDownLatch more = new CountDownLatch(1);
    start(
        1,
        0,
        (socket, line) -> {
          write(socket, OK);
          if (line.contains("liar")) {
            more.await();
            write(socket, OK);
          }
        });
    Asked lied = ask("/liar");
    assertThat(lied.outcome()).isEqualTo("200 ok");
    more.countDown();
    await()
        .atMost(PATIENCE)
        .until(() -> onLoop(() -> !lied.connection.isUsable(System.nanoTime())));
    assertThat(ask("/next").outcome()).isEqualTo("200 ok");
    assertThat(accepted).hasSize(2);
  }

  /** Those who wait get the connection in the very turn in which the answer has come. */
  @Test
  void whatIsBehindAnAnswerReachesNobody() {
    start(1, 10, (socket, line) -> write(socket, ok(line.split(" ")[1]) + ok("/of another")));
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(ask("/" + i));
    }
    for (Asked one : all) {
      assertThat(one.outcome()).isEqualTo("200 " + one.path);
    }
    assertThat(accepted).hasSize(10);
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  @Test
  void interimAnswersAreDropped() {
    String interim =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n"
            + "HTTP/1.1 199 Any\r\n\r\n";
    start(1, 0, (socket, line) -> write(socket, interim + OK));
    for (int i = 0; i < 5; i++) {
      assertThat(ask("/" + i).outcome()).isEqualTo("200 ok");
    }
    assertThat(accepted).hasSize(1);
  }

  @Test
  void oneThatIsNotToBeKeptIsNotUsedAgain() {
    start(
        1,
        0,
        (socket, line) ->
            write(
                socket,
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                    + (line.contains("close") ? "Connection: close" : "Keep-Alive: timeout=0")
                    + "\r\n\r\nok"));
    for (String path : List.of("/close", "/timeout", "/close", "/timeout")) {
      Asked asked = ask(path);
      assertThat(asked.outcome()).isEqualTo("200 ok");
      await()
          .atMost(PATIENCE)
          .until(() -> onLoop(() -> !asked.connection.isUsable(System.nanoTime())));
    }
    assertThat(accepted).hasSize(4);
  }

  @Test
  void anUnusedOneIsClosedAfterItsTime() throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    start(
        1,
        0,
        Duration.ofSeconds(1),
        Duration.ofSeconds(30),
        (socket, line) -> {
          write(socket, OK);
          socket.getInputStream().read();
          ended.countDown();
        });
    assertThat(ask("/").outcome()).isEqualTo("200 ok");
    await().atMost(PATIENCE).until(() -> ended.getCount() == 0);
  }

  @Test
  void anAnswerOfWhichNothingComesIsGivenUp() {
    start(
        1,
        0,
        Duration.ofSeconds(30),
        Duration.ofMillis(100),
        (socket, line) -> {
          if (line.contains("half")) {
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
          }
        });
    assertThat(ask("/half").outcome()).isEqualTo("failed RESET");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(ask("/nothing").outcome()).isEqualTo("failed RESET"));
  }

  /** What has been asked is over, but its bytes are still to go, and whatever comes next waits. */
  @Test
  void oneWhoseUpstreamAnsweredWithoutTakingTheRequestIsNotUsedAgain() {
    start(
        2,
        0,
        (socket, line) -> {
          write(socket, OK);
          if (line.contains("large")) {
            Thread.sleep(Duration.ofHours(1));
          }
        });
    Asked large = new Asked("/large");
    int bytes = 64 << 20;
    onLoop(
        () -> {
          client.open(
              address,
              new Waiter() {
                @Override
                public void connected(UpstreamConnection made) {
                  RequestHead head = new RequestHead();
                  head.begin("POST", "/large");
                  head.header("Content-Length", Integer.toString(bytes));
                  made.sendHead(head.end(made), false, false, large);
                  made.write(Unpooled.buffer(bytes).writeZero(bytes));
                  made.end();
                }

                @Override
                public void unconnected(UpstreamOutcome why) {
                  large.unconnected(why);
                }
              });
          return true;
        });
    assertThat(large.outcome()).isEqualTo("200 ok");
    assertThat(ask("/next").outcome()).isEqualTo("200 ok");
    assertThat(accepted).hasSize(2);
  }

  @Test
  void theAnswerToAHeadWithABodyHasNone() {
    start(1, 0, (socket, line) -> write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
    for (String path : List.of("/one", "/two")) {
      Asked asked = new Asked(path);
      onLoop(
          () -> {
            client.open(
                address,
                new Waiter() {
                  @Override
                  public void connected(UpstreamConnection made) {
                    RequestHead head = new RequestHead();
                    head.begin("HEAD", path);
                    head.header("Content-Length", "0");
                    made.sendHead(head.end(made), false, true, asked);
                    made.end();
                  }

                  @Override
                  public void unconnected(UpstreamOutcome why) {
                    asked.unconnected(why);
                  }
                });
            return true;
          });
      assertThat(asked.outcome()).isEqualTo("200 ");
    }
    assertThat(accepted).hasSize(1);
  }

  @Test
  void oneThatIsToBeClosedBehindWhatNobodyReadsIsClosedAfterAWhile() {
    start(
        1,
        0,
        Duration.ofSeconds(30),
        Duration.ofMillis(400),
        (socket, line) -> {
          if (line.contains("tunnel")) {
            write(
                socket,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: x\r\nConnection: Upgrade\r\n\r\n.");
            Thread.sleep(Duration.ofHours(1));
          }
          write(socket, OK);
        });
    Asked tunnel = ask("/tunnel");
    await().atMost(PATIENCE).until(() -> tunnel.body.toString().startsWith("101"));
    onLoop(
        () -> {
          UpstreamConnection joined = tunnel.connection;
          joined.write(Unpooled.buffer(64 << 20).writeZero(64 << 20));
          joined.closeAfterWrites();
          return true;
        });
    await().atMost(PATIENCE).until(() -> ask("/next").outcome().equals("200 ok"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip, chunked", "gzip", "chunked, gzip", "chunked, chunked"})
  void anAnswerInACodingThatNobodyAskedForIsNone(String coding) {
    start(
        1,
        0,
        (socket, line) -> {
          write(
              socket,
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n2\r\nok\r\n0\r\n\r\n");
          socket.close();
        });
    assertThat(ask("/").outcome()).isEqualTo("failed INVALID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"000", "42", "099", "1000", "2000"})
  void aStatusThatIsNoneIsNoAnswer(String status) {
    start(
        1,
        0,
        (socket, line) -> {
          write(socket, "HTTP/1.1 " + status + " What\r\nContent-Length: 2\r\n\r\nok" + OK);
          socket.close();
        });
    assertThat(ask("/").outcome()).isEqualTo("failed INVALID");
  }

  @Test
  void oneThatCannotBeMadeIsToldToWhoWaitedForIt() throws IOException {
    start(1, 5, (socket, line) -> {});
    listener.close();
    for (int i = 0; i < 5; i++) {
      assertThat(ask("/" + i).outcome()).isEqualTo("unconnected REFUSED");
    }
  }

  @Test
  void aClosedClientHasClosedThemAllAndServesNobody() {
    start(1, 5, (socket, line) -> Thread.sleep(Duration.ofHours(1)));
    Asked served = ask("/served");
    await().atMost(PATIENCE).until(() -> lines.size() == 1);
    Asked waits = ask("/waits");
    Await.result(onLoop(client::close));
    assertThat(waits.outcome()).isEqualTo("unconnected REFUSED");
    assertThat(onLoop(() -> served.connection.isUsable(System.nanoTime()))).isFalse();
    assertThat(ask("/late").outcome()).isEqualTo("unconnected REFUSED");
  }
}
