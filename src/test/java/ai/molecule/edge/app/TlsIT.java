package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.FrontConfig.ProxyProtocol;
import ai.molecule.edge.config.Http2Config;
import ai.molecule.edge.config.TlsConfig;
import ai.molecule.edge.config.TlsConfig.ClientCertificates;
import ai.molecule.edge.exchange.CallerAddresses;
import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * TLS on the public listener: versions, certificates on both sides, and new ones without a restart.
 */
final class TlsIT {
  @TempDir Path directory;

  @AutoClose private EdgeNodes nodes;
  private Made key;
  private Path certificate;
  private Path privateKey;

  @BeforeEach
  void start() {
    nodes = EdgeNodes.onSharedStores();
    key = nodes.start().create();
    certificate = directory.resolve("tls.crt");
    privateKey = directory.resolve("tls.key");
  }

  private RunningNode start(FrontConfig front) {
    return nodes.with(config -> config.withHttp(config.http().withFront(front))).start();
  }

  private FrontConfig tls(ClientCertificates asked, Optional<Path> ca) {
    return tls(asked, ca, Duration.ofMillis(100));
  }

  private FrontConfig tls(ClientCertificates asked, Optional<Path> ca, Duration reloadInterval) {
    TlsConfig tls =
        new TlsConfig(certificate, privateKey, asked, ca, Duration.ofSeconds(10), reloadInterval);
    return new FrontConfig(
        Optional.of(tls), Http2Config.defaults(), ProxyProtocol.NONE, CallerAddresses.DIRECT);
  }

  private static SSLSocket connect(RunningNode node, SSLContext client, String... versions)
      throws IOException {
    SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("127.0.0.1", node.port());
    socket.setSoTimeout(30_000);
    if (versions.length > 0) {
      socket.setEnabledProtocols(versions);
    }
    return socket;
  }

  /** Asks for the key's own object; the first bytes of the answer. */
  private String ask(SSLSocket socket) throws IOException {
    String request =
        "GET /cp/partner-key HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
            + key.secret()
            + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf(key.id()) < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed after " + answer);
      }
      answer.append((char) next);
    }
    while (socket.getInputStream().available() > 0) {
      answer.append((char) socket.getInputStream().read());
    }
    return answer.toString();
  }

  @Test
  void tls12And13AreSpokenAndNothingOlder() throws Exception {
    TestCertificates.make(directory, "one", "RSA").write(certificate, privateKey);
    RunningNode node = start(tls(ClientCertificates.NONE, Optional.empty()));
    SSLContext client = TestCertificates.client();
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (SSLSocket socket = connect(node, client, version)) {
        assertThat(ask(socket)).startsWith("HTTP/1.1 200");
        assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      }
    }
    // Our own JDK no longer speaks TLS 1.1, so its hello is written by hand: version 3.2.
    try (java.net.Socket socket = new java.net.Socket("127.0.0.1", node.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(helloOfTls11());
      byte[] alert = socket.getInputStream().readNBytes(7);
      assertThat(alert[0]).as("an alert").isEqualTo((byte) 21);
      assertThat(alert[6]).as("protocol_version or handshake_failure").isIn((byte) 70, (byte) 40);
    }
    try (RawHttp2 http2 = RawHttp2.open(node.port(), client)) {
      assertThat(http2.ask(RawHttp2.get("/cp/partner-key", "edge", key.secret())).status())
          .isEqualTo(200);
    }
  }

  private static byte[] helloOfTls11() {
    byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 2 + 2 + 2];
    byte[] head = {
      22, 3, 1, 0, (byte) (hello.length - 5), 1, 0, 0, (byte) (hello.length - 9), 3, 2
    };
    System.arraycopy(head, 0, hello, 0, head.length);
    int at = head.length + 32;
    hello[at] = 0;
    hello[at + 2] = 2;
    hello[at + 3] = (byte) 0xc0;
    hello[at + 4] = 0x13;
    hello[at + 5] = 1;
    return hello;
  }

  @Test
  void aNewCertificateIsUsedAndNoConnectionIsLost() throws Exception {
    TestCertificates.Made first = TestCertificates.make(directory, "first", "EC");
    TestCertificates.Made second = TestCertificates.make(directory, "second", "RSA");
    first.write(certificate, privateKey);
    RunningNode node = start(tls(ClientCertificates.NONE, Optional.empty()));
    SSLContext client = TestCertificates.client();
    try (SSLSocket old = connect(node, client)) {
      assertThat(ask(old)).startsWith("HTTP/1.1 200");
      assertThat(TestCertificates.shown(old)).isEqualTo(first.certificate());

      second.write(certificate, privateKey);
      await().until(() -> shown(node).equals(second.certificate()));

      assertThat(ask(old)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aReloadUsesNewFilesThatNobodyWouldHaveLookedAtFor() throws Exception {
    TestCertificates.Made first = TestCertificates.make(directory, "first", "EC");
    TestCertificates.Made second = TestCertificates.make(directory, "second", "EC");
    first.write(certificate, privateKey);
    RunningNode node = start(tls(ClientCertificates.NONE, Optional.empty(), Duration.ofHours(1)));
    assertThat(shown(node)).isEqualTo(first.certificate());

    Files.writeString(certificate, "nothing");
    Await.result(node.node().reload());
    assertThat(shown(node)).as("a pair with a fault").isEqualTo(first.certificate());

    second.write(certificate, privateKey);
    Await.result(node.node().reload());
    assertThat(shown(node)).isEqualTo(second.certificate());
  }

  /** The files change again while what they held is being put to use. */
  @Test
  void ofTwoReloadsAtOnceTheLastOneHasItsWay() throws Exception {
    TestCertificates.Made first = TestCertificates.make(directory, "first", "EC");
    TestCertificates.Made second = TestCertificates.make(directory, "second", "EC");
    first.write(certificate, privateKey);
    RunningNode node = start(tls(ClientCertificates.NONE, Optional.empty(), Duration.ofHours(1)));
    for (int turn = 0; turn < 30; turn++) {
      second.write(certificate, privateKey);
      Future<Void> earlier = node.node().reload();
      spin(turn % 10 * 200_000L);
      first.write(certificate, privateKey);
      Await.result(node.node().reload());
      Await.result(earlier);
      assertThat(shown(node)).as("turn %s", turn).isEqualTo(first.certificate());
    }
  }

  private static void spin(long nanos) {
    long from = System.nanoTime();
    while (System.nanoTime() - from < nanos) {
      Thread.onSpinWait();
    }
  }

  @Test
  void filesThatDoNotFitTogetherChangeNothing() throws Exception {
    TestCertificates.Made first = TestCertificates.make(directory, "first", "EC");
    TestCertificates.Made second = TestCertificates.make(directory, "second", "EC");
    TestCertificates.Made third = TestCertificates.make(directory, "third", "EC");
    first.write(certificate, privateKey);
    RunningNode node = start(tls(ClientCertificates.NONE, Optional.empty()));

    second.write(certificate, directory.resolve("not-yet.key"));
    for (int i = 0; i < 20; i++) {
      assertThat(shown(node)).isEqualTo(first.certificate());
    }
    Files.writeString(certificate, "nothing");
    assertThat(shown(node)).isEqualTo(first.certificate());
    third.write(certificate, privateKey);
    await().until(() -> shown(node).equals(third.certificate()));
  }

  private Object shown(RunningNode node) throws IOException, GeneralSecurityException {
    try (SSLSocket socket = connect(node, TestCertificates.client())) {
      ask(socket);
      return TestCertificates.shown(socket);
    }
  }

  @Test
  void aRequiredClientCertificateMustBeThereAndSignedByOurs() throws Exception {
    TestCertificates.make(directory, "edge", "EC").write(certificate, privateKey);
    TestCertificates.Made partner = TestCertificates.make(directory, "partner", "EC");
    TestCertificates.Made stranger = TestCertificates.make(directory, "stranger", "EC");
    Path ca = directory.resolve("ca.crt");
    partner.write(ca, directory.resolve("unused.key"));

    RunningNode required = start(tls(ClientCertificates.REQUIRED, Optional.of(ca)));
    assertServed(required, TestCertificates.client(partner));
    assertTurnedAway(required, TestCertificates.client());
    assertTurnedAway(required, TestCertificates.client(stranger));

    RunningNode requested = start(tls(ClientCertificates.REQUESTED, Optional.of(ca)));
    assertServed(requested, TestCertificates.client(partner));
    assertServed(requested, TestCertificates.client());
  }

  private void assertServed(RunningNode node, SSLContext client) throws IOException {
    try (SSLSocket socket = connect(node, client)) {
      assertThat(ask(socket)).startsWith("HTTP/1.1 200");
    }
  }

  private void assertTurnedAway(RunningNode node, SSLContext client) {
    assertThatThrownBy(() -> assertServed(node, client)).isInstanceOf(IOException.class);
  }

  @Test
  void theStartFailsWithFilesThatAreNone() throws Exception {
    Files.writeString(certificate, "nothing");
    Files.writeString(privateKey, "nothing");
    assertThatThrownBy(() -> start(tls(ClientCertificates.NONE, Optional.empty())))
        .hasMessageContaining("tls.crt");
  }
}
