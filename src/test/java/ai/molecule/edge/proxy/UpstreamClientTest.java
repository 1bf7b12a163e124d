package ai.molecule.edge.proxy;

import static ai.molecule.edge.proxy.ClientUnderTest.OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.proxy.ClientUnderTest.Asked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Which connections are made, kept and handed out, against an upstream that does what it is told.
 */
class UpstreamClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofSeconds(30);

  private ClientUnderTest client;

  private void start(int connections, int waiting, RawUpstream.Script script) {
    client = ClientUnderTest.start(connections, waiting, script);
  }

  private void start(Duration keepAlive, Duration idle, RawUpstream.Script script) {
    client = ClientUnderTest.start(1, 0, keepAlive, idle, script);
  }

  @AfterEach
  void stop() {
    client.close();
  }

  private List<String> lines() {
    return client.upstream.heads().stream().map(RawUpstream.Head::line).toList();
  }

  @Test
  void oneConnectionServesOneRequestAfterTheOther() {
    start(10, 10, (head, connection) -> connection.write(OK));
    for (int i = 0; i < 20; i++) {
      assertThat(client.ask("/" + i).outcome()).isEqualTo("200 ok");
    }
    assertThat(client.upstream.connections()).isEqualTo(1);
  }

  @Test
  void noMoreAreMadeThanMayBeAndWhoeverWaitsIsServedInTurn() {
    CountDownLatch go = new CountDownLatch(1);
    start(
        2,
        3,
        (head, connection) -> {
          go.await();
          connection.write(OK);
        });
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(client.ask("/" + i));
    }
    assertThat(all.get(5).outcome()).isEqualTo("unconnected SATURATED");
    assertThat(all.get(6).outcome()).isEqualTo("unconnected SATURATED");
    client.awaitRequests(2);
    go.countDown();
    for (Asked one : all.subList(0, 5)) {
      assertThat(one.outcome()).isEqualTo("200 ok");
    }
    assertThat(client.upstream.connections()).isEqualTo(2);
    assertThat(lines().subList(0, 2)).allMatch(line -> line.matches("GET /[01] HTTP/1.1"));
    assertThat(lines().get(2)).isEqualTo("GET /2 HTTP/1.1");
  }

  @Test
  void whoeverDoesNotNeedOneAnyMoreLeavesItsPlaceInTheQueue() {
    CountDownLatch go = new CountDownLatch(1);
    start(
        1,
        1,
        (head, connection) -> {
          go.await();
          connection.write(OK);
        });
    Asked first = client.ask("/first");
    Asked impatient = client.ask("/impatient");
    client.forget(impatient);
    Asked next = client.ask("/next");
    go.countDown();
    assertThat(first.outcome()).isEqualTo("200 ok");
    assertThat(next.outcome()).isEqualTo("200 ok");
    assertThat(impatient.isOver()).isFalse();
    assertThat(lines()).doesNotContain("GET /impatient HTTP/1.1");
  }

  @Test
  void oneThatTheUpstreamHasClosedIsNotHandedOut() {
    start(
        1,
        0,
        (head, connection) -> {
          connection.write(OK);
          connection.close();
        });
    for (int i = 0; i < 20; i++) {
      Asked asked = client.ask("/" + i);
      assertThat(asked.outcome()).isEqualTo("200 ok");
      // With room for one, the next is refused until the end of this one has been seen.
      client.awaitEnd(asked);
    }
    assertThat(client.upstream.connections()).isEqualTo(20);
  }

  @Test
  void bytesThatNobodyAskedForEndTheConnection() {
    CountDownLatch more = new CountDownLatch(1);
    start(
        1,
        0,
        (head, connection) -> {
          connection.write(OK);
          if (head.line().contains("liar")) {
            more.await();
            connection.write(OK);
          }
        });
    Asked lied = client.ask("/liar");
    assertThat(lied.outcome()).isEqualTo("200 ok");
    more.countDown();
    client.awaitEnd(lied);
    assertThat(client.ask("/next").outcome()).isEqualTo("200 ok");
    assertThat(client.upstream.connections()).isEqualTo(2);
  }

  @Test
  void oneThatIsNotToBeKeptIsNotUsedAgain() {
    start(
        1,
        0,
        (head, connection) ->
            connection.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                    + (head.line().contains("close")
                        ? "Connection: close"
                        : "Keep-Alive: timeout=0")
                    + "\r\n\r\nok"));
    for (String path : List.of("/close", "/timeout", "/close", "/timeout")) {
      Asked asked = client.ask(path);
      assertThat(asked.outcome()).isEqualTo("200 ok");
      client.awaitEnd(asked);
    }
    assertThat(client.upstream.connections()).isEqualTo(4);
  }

  @Test
  void anUnusedOneIsClosedAfterItsTime() {
    start(Duration.ofSeconds(1), LONG, (head, connection) -> connection.write(OK));
    assertThat(client.ask("/").outcome()).isEqualTo("200 ok");
    await().atMost(PATIENCE).until(() -> client.upstream.openConnections() == 0);
  }

  @Test
  void anAnswerOfWhichNothingComesIsGivenUp() {
    start(
        LONG,
        Duration.ofMillis(100),
        (head, connection) -> connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"));
    assertThat(client.ask("/half").outcome()).isEqualTo("failed RESET");
  }

  /** What has been asked is over, but its bytes are still to go, and whatever comes next waits. */
  @Test
  void oneWhoseUpstreamAnsweredWithoutTakingTheRequestIsNotUsedAgain() {
    start(
        2,
        0,
        (head, connection) -> {
          connection.write(OK);
          if (head.line().startsWith("POST")) {
            Thread.sleep(Duration.ofHours(1));
          }
        });
    assertThat(client.askWithBody("POST", 64 << 20).outcome()).isEqualTo("200 ok");
    assertThat(client.ask("/next").outcome()).isEqualTo("200 ok");
    assertThat(client.upstream.connections()).isEqualTo(2);
  }

  @Test
  void oneThatIsToBeClosedBehindWhatNobodyReadsIsClosedAfterAWhile() {
    start(
        LONG,
        Duration.ofMillis(400),
        (head, connection) -> {
          if (head.line().contains("tunnel")) {
            connection.write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: x\r\nConnection: Upgrade\r\n\r\n.");
            Thread.sleep(Duration.ofHours(1));
          }
          connection.write(OK);
        });
    Asked tunnel = client.ask("/tunnel");
    await().atMost(PATIENCE).until(() -> tunnel.soFar().startsWith("101"));
    client.with(
        tunnel,
        joined -> {
          joined.write(ClientUnderTest.zeros(joined, 64 << 20));
          joined.closeAfterWrites();
        });
    await().atMost(PATIENCE).until(() -> client.ask("/next").outcome().equals("200 ok"));
  }

  @Test
  void oneThatCannotBeMadeIsToldToWhoWaitedForIt() {
    start(1, 5, (head, connection) -> {});
    client.upstream.close();
    for (int i = 0; i < 5; i++) {
      assertThat(client.ask("/" + i).outcome()).isEqualTo("unconnected REFUSED");
    }
  }

  @Test
  void aClosedClientHasClosedThemAllAndServesNobody() {
    start(1, 5, (head, connection) -> Thread.sleep(Duration.ofHours(1)));
    Asked served = client.ask("/served");
    client.awaitRequests(1);
    Asked waits = client.ask("/waits");
    client.closeClient();
    assertThat(waits.outcome()).isEqualTo("unconnected REFUSED");
    assertThat(client.isUsable(served)).isFalse();
    assertThat(client.ask("/late").outcome()).isEqualTo("unconnected REFUSED");
  }
}
