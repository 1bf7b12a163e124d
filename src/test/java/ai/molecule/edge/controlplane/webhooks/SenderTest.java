package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One attempt: where it goes, where it does not, and what it puts up with. */
class SenderTest {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final String PASSWORD = "changeit";

  @TempDir static Path directory;
  private static Vertx vertx;
  private static Path keyStore;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    keyStore = directory.resolve("receiver.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "receiver",
                "-keyalg",
                "EC",
                "-dname",
                "CN=hooks.example",
                "-ext",
                "san=dns:hooks.example",
                "-storetype",
                "PKCS12",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
  }

  @AfterAll
  static void stop() {
    Await.result(vertx.close());
  }

  private static Claimed claimed(String url) {
    return new Claimed(
        UUID.randomUUID(),
        UUID.randomUUID(),
        UUID.randomUUID(),
        UUID.randomUUID(),
        url,
        SigningSecret.generate(),
        "{}",
        1);
  }

  private static Attempt send(String url, Targets targets, Sender.Resolver resolver) {
    return send(url, targets, resolver, DEADLINE, new HttpClientOptions());
  }

  private static Attempt send(
      String url,
      Targets targets,
      Sender.Resolver resolver,
      Duration deadline,
      HttpClientOptions options) {
    return Await.result(
        Future.future(
            sent ->
                vertx
                    .getOrCreateContext()
                    .runOnContext(
                        go ->
                            new Sender(
                                    vertx,
                                    options,
                                    resolver,
                                    targets,
                                    deadline,
                                    4,
                                    InstantSource.system())
                                .send(claimed(url))
                                .onComplete(sent))));
  }

  /** Answers those addresses, one look after the other, and counts the looks. */
  private static final class Names implements Sender.Resolver {
    final AtomicInteger looks = new AtomicInteger();
    private final List<List<String>> answers;

    Names(List<List<String>> answers) {
      this.answers = answers;
    }

    static Names of(String... addresses) {
      return new Names(List.of(List.of(addresses)));
    }

    @Override
    public Future<List<InetAddress>> resolve(String host) {
      List<InetAddress> addresses = new ArrayList<>();
      for (String text : answers.get(looks.getAndIncrement() % answers.size())) {
        try {
          addresses.add(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
          return Future.failedFuture(e);
        }
      }
      return Future.succeededFuture(addresses);
    }
  }

  @Test
  void aNameThatLeadsIntoTheOwnNetworkIsNotConnectedTo() {
    try (Receiver receiver = Receiver.of(vertx, 200)) {
      String url = "https://rebound.example:" + receiver.port() + "/";
      for (Targets targets : List.of(Targets.PUBLIC, Targets.LOOPBACK)) {
        Attempt attempt = send(url, targets, Names.of("127.0.0.1"));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.error()).isEqualTo("the host has an address that is not allowed here");
      }
      assertThat(receiver.sent).isEmpty();
    }
  }

  @Test
  void oneBadAddressAmongGoodOnesIsEnough() {
    String url = "https://mixed.example/";
    assertThat(send(url, Targets.PUBLIC, Names.of("8.8.8.8", "10.0.0.1")).error())
        .isEqualTo("the host has an address that is not allowed here");
  }

  /** A second resolution, after the check, could lead elsewhere: there is none. */
  @Test
  void whatWasCheckedIsWhatIsConnectedTo() {
    try (Receiver receiver = Receiver.of(vertx, 200)) {
      Names names = new Names(List.of(List.of("127.0.0.1"), List.of("192.0.2.1")));
      String url = "http://hooks.example:" + receiver.port() + "/x";
      Attempt attempt = send(url, Targets.ANY, names);
      assertThat(attempt.delivered()).isTrue();
      assertThat(names.looks.get()).isEqualTo(1);
      assertThat(receiver.sent.getFirst().header("host"))
          .isEqualTo("hooks.example:" + receiver.port());
    }
  }

  @Test
  void aUrlThatThisNodeWouldNotTakeIsNotTried() {
    try (Receiver receiver = Receiver.of(vertx, 200)) {
      Attempt attempt = send(receiver.url(), Targets.PUBLIC, Sender.Resolver.ofMachine(vertx));
      assertThat(attempt.error()).isEqualTo("the URL is not allowed here");
      assertThat(receiver.sent).isEmpty();
    }
  }

  @Test
  void aRedirectIsAFailureAndNotFollowed() {
    try (Receiver other = Receiver.of(vertx, 200);
        Receiver receiver =
            new Receiver(
                vertx,
                response -> response.setStatusCode(307).putHeader("Location", other.url()).end())) {
      Attempt attempt = send(receiver.url(), Targets.LOOPBACK, Sender.Resolver.ofMachine(vertx));
      assertThat(attempt.responseStatus()).isEqualTo(307);
      assertThat(attempt.delivered()).isFalse();
      assertThat(other.sent).isEmpty();
    }
  }

  @Test
  void ofAnEndlessAnswerOnlyTheBeginningIsRead() {
    try (Receiver receiver =
        new Receiver(
            vertx,
            response -> {
              response.setStatusCode(200).setChunked(true);
              long[] timer = {0};
              timer[0] =
                  vertx.setPeriodic(
                      1,
                      tick -> {
                        if (response.closed()) {
                          vertx.cancelTimer(timer[0]);
                        } else if (!response.writeQueueFull()) {
                          response.write("x".repeat(8_000) + "\u0000");
                        }
                      });
            })) {
      Attempt attempt = send(receiver.url(), Targets.LOOPBACK, Sender.Resolver.ofMachine(vertx));
      assertThat(attempt.delivered()).isTrue();
      assertThat(attempt.responseBody()).isEqualTo("x".repeat(512));
    }
  }

  @Test
  void whatPostgresCannotKeepIsNotKept() {
    try (Receiver receiver =
        new Receiver(
            vertx, response -> response.setStatusCode(500).end("a\u0000b\r\nc\u001b[31m"))) {
      assertThat(
              send(receiver.url(), Targets.LOOPBACK, Sender.Resolver.ofMachine(vertx))
                  .responseBody())
          .isEqualTo("a b c [31m");
    }
  }

  @Test
  void aReceiverThatDoesNotAnswerInTimeIsCutOff() {
    AtomicInteger closed = new AtomicInteger();
    try (Receiver receiver =
        new Receiver(vertx, response -> response.closeHandler(gone -> closed.incrementAndGet()))) {
      Attempt attempt =
          send(
              receiver.url(),
              Targets.LOOPBACK,
              Sender.Resolver.ofMachine(vertx),
              Duration.ofMillis(200),
              new HttpClientOptions());
      assertThat(attempt.error()).isEqualTo("no answer in time");
      await().until(() -> closed.get() == 1 || receiver.sent.isEmpty());
    }
  }

  @Test
  void aReceiverThatIsNotThereIsAFailureInWordsThatTellNothing() throws IOException {
    int port;
    try (Receiver receiver = Receiver.of(vertx, 200)) {
      port = receiver.port();
    }
    Attempt refused =
        send("http://127.0.0.1:" + port + "/", Targets.LOOPBACK, Sender.Resolver.ofMachine(vertx));
    assertThat(refused.error()).isEqualTo("the connection failed");
    Attempt unknown =
        send(
            "https://hooks.example/",
            Targets.PUBLIC,
            host -> Future.failedFuture(new UnknownHostException(host)));
    assertThat(unknown.error()).isEqualTo("the host is not known");
  }

  @Test
  void theCertificateHasToBeTrustedAndOfTheNameThatWasGiven() {
    PfxOptions store = new PfxOptions().setPath(keyStore.toString()).setPassword(PASSWORD);
    HttpServerOptions tls = new HttpServerOptions().setSsl(true).setKeyCertOptions(store);
    try (Receiver receiver = new Receiver(vertx, tls, Receiver.status(200))) {
      Names here = Names.of("127.0.0.1");
      String right = "https://hooks.example:" + receiver.port() + "/";
      String wrong = "https://other.example:" + receiver.port() + "/";
      HttpClientOptions trusting = new HttpClientOptions().setTrustOptions(store);
      assertThat(send(right, Targets.ANY, here, DEADLINE, trusting).delivered()).isTrue();
      assertThat(send(wrong, Targets.ANY, here, DEADLINE, trusting).error())
          .isEqualTo("TLS could not be agreed on");
      assertThat(send(right, Targets.ANY, here).error()).isEqualTo("TLS could not be agreed on");
      assertThat(receiver.sent).hasSize(1);
    }
  }
}
