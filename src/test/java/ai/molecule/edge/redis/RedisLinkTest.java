package ai.molecule.edge.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.redis.RedisUnavailable.Reason;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisLinkTest {
  private static final RedisScript COUNT = RedisScript.of("return redis.call('INCR', KEYS[1])");

  private final LoopBound loop = new LoopBound();

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void answersComeInTheOrderOfSending() {
    RedisLink link = loop.connectedLink(patient(TestStores.redisUri()));
    List<String> answers =
        loop.await(
            () -> {
              List<Future<Response>> sent = new ArrayList<>();
              for (int i = 0; i < 500; i++) {
                sent.add(link.send(Request.cmd(Command.ECHO, "n" + i)));
              }
              return Future.all(sent)
                  .map(all -> sent.stream().map(one -> one.result().toString()).toList());
            });
    assertThat(answers).hasSize(500).element(499).isEqualTo("n499");
    assertThat(answers).startsWith("n0", "n1", "n2");
  }

  @Test
  void whatIsInFlightIsBounded() {
    RedisConfig config = withInFlightMax(patient(TestStores.redisUri()), 3);
    RedisLink link = loop.connectedLink(config);
    int refused =
        loop.await(
            () -> {
              int saturated = 0;
              for (int i = 0; i < 10; i++) {
                Future<Response> sent = link.send(Request.cmd(Command.PING));
                if (sent.failed() && reasonOf(sent.cause()) == Reason.SATURATED) {
                  saturated++;
                }
              }
              return Future.succeededFuture(saturated);
            });
    assertThat(refused).isEqualTo(7);
  }

  @Test
  void anErrorAmongTheCommandsOfATurnIsToldApartAndTheOthersMayHaveRun() {
    RedisLink link = loop.connectedLink(patient(TestStores.redisUri()));
    List<Throwable> failures =
        loop.await(
            () -> {
              List<Future<Response>> turn =
                  List.of(
                      link.send(Request.cmd(Command.SET, "turn", "1")),
                      link.send(Request.cmd(Command.INCRBY, "turn", "no number")),
                      link.send(Request.cmd(Command.EVALSHA, "0".repeat(40), "0")),
                      link.send(Request.cmd(Command.INCR, "turn")));
              return Future.join(turn)
                  .otherwiseEmpty()
                  .map(all -> turn.stream().map(Future::cause).toList());
            });
    assertThat(failures.get(1)).isInstanceOf(RedisErrorReply.class);
    assertThat(failures.get(2))
        .isInstanceOfSatisfying(
            RedisErrorReply.class, reply -> assertThat(reply.code()).isEqualTo("NOSCRIPT"));
    for (int lost : new int[] {0, 3}) {
      assertThat(reasonOf(failures.get(lost)).mayHaveRun()).isTrue();
    }
    assertThat(loop.await(() -> link.send(Request.cmd(Command.GET, "turn"))).toString())
        .isEqualTo("2");
  }

  @Test
  void anErrorAnswerFailsItsCommandAlone() {
    RedisLink link = loop.connectedLink(patient(TestStores.redisUri()));
    assertThatThrownBy(() -> loop.await(() -> link.send(Request.cmd(Command.INCRBY, "x", "y"))))
        .isInstanceOf(RedisErrorReply.class);
    assertThat(ping(link)).isEqualTo("PONG");
    assertThat(link.breaker().state()).isEqualTo(CircuitBreaker.State.CLOSED);
  }

  @Test
  void aScriptThatTheServerForgotRunsOnceMore() {
    try (RedisServerHandle server = TestStores.startRedis()) {
      RedisLink link = loop.connectedLink(RedisConfig.defaults(server.uri()));
      ScriptCall count = counting();
      assertThat(loop.await(() -> link.run(count)).toLong()).isEqualTo(1);
      assertThat(loop.await(() -> link.run(count)).toLong()).isEqualTo(2);
      loop.await(() -> link.send(Request.cmd(Command.SCRIPT, "FLUSH")));
      assertThat(loop.await(() -> link.run(count)).toLong()).isEqualTo(3);
      loop.await(() -> link.send(Request.cmd(Command.SCRIPT, "FLUSH")));
      Incarnation noted = loop.await(link::incarnation);
      assertThat(loop.await(() -> link.runUnder(noted, count)).toLong()).isEqualTo(4);
    }
  }

  @Test
  void aRestartedServerIsAnotherIncarnation() {
    try (RedisServerHandle server = TestStores.startRedis()) {
      RedisLink link = loop.connectedLink(RedisConfig.defaults(server.uri()));
      Incarnation before = loop.await(link::incarnation);
      assertThat(loop.await(() -> link.runUnder(before, counting())).toLong()).isEqualTo(1);

      server.stop();
      await().until(() -> !link.isAvailable());
      assertThatThrownBy(() -> loop.await(() -> link.run(counting())))
          .isInstanceOf(RedisUnavailable.class);
      server.start();
      await().until(link::isAvailable);

      Incarnation after = loop.await(link::incarnation);
      assertThat(after.number()).isNotEqualTo(before.number());
      assertThat(after.startMicros()).isGreaterThan(before.startMicros());
      assertThatThrownBy(() -> loop.await(() -> link.runUnder(before, counting())))
          .isInstanceOf(IncarnationChanged.class);
      assertThat(loop.await(() -> link.runUnder(after, counting())).toLong()).isEqualTo(1);
    }
  }

  @Test
  void twoLinksOfOneServerAgreeOnItsIncarnation() {
    RedisLink one = loop.connectedLink(patient(TestStores.redisUri()));
    RedisLink other = loop.connectedLink(patient(TestStores.redisUri()));
    assertThat(loop.await(one::incarnation)).isEqualTo(loop.await(other::incarnation));
  }

  @Test
  void afterFlushallAndScriptFlushTheEpochIsNew() {
    try (RedisServerHandle server = TestStores.startRedis()) {
      RedisLink link = loop.connectedLink(patient(server.uri()));
      Incarnation before = loop.await(link::incarnation);
      loop.await(() -> link.run(counting()));
      loop.await(() -> link.send(Request.cmd(Command.FLUSHALL)));
      loop.await(() -> link.send(Request.cmd(Command.SCRIPT, "FLUSH")));
      assertThatThrownBy(() -> loop.await(() -> link.runUnder(before, counting())))
          .isInstanceOf(IncarnationChanged.class);
      assertThat(loop.await(() -> link.run(counting())).toLong()).isEqualTo(1);
      assertThat(loop.await(link::incarnation)).isNotEqualTo(before);
    }
  }

  @Test
  void aHungServerFailsCallsByTheirDeadlineAndIsFoundAgain() {
    try (RedisServerHandle server = TestStores.startRedis()) {
      RedisLink link = loop.connectedLink(patient(server.uri()));
      Incarnation before = loop.await(link::incarnation);
      server.pause();
      try {
        assertThatThrownBy(() -> ping(link))
            .isInstanceOfSatisfying(
                RedisUnavailable.class,
                failure -> {
                  assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
                  assertThat(failure.reason().mayHaveRun()).isTrue();
                });
        pingsInARow(link, 5);
        assertThat(failureOf(link)).isEqualTo(Reason.BREAKER_OPEN);
        await("the hung connection is given up")
            .until(() -> failureOf(link) == Reason.NOT_CONNECTED);
      } finally {
        server.resume();
      }
      await().until(link::isAvailable);
      assertThat(ping(link)).isEqualTo("PONG");
      // It was only slow: nothing that it knew is forgotten.
      assertThat(loop.await(link::incarnation)).isEqualTo(before);
    }
  }

  @Test
  void besideOthersALateAnswerIsWaitedFor() {
    try (RedisServerHandle server = TestStores.startRedis()) {
      RedisConfig config = timed(server.uri(), Duration.ofMillis(5), Duration.ofSeconds(1));
      RedisLink alone = loop.connectedLink(config);
      RedisLink besideOthers = loop.linkBesideOthers(config);
      loop.await(besideOthers::connected);
      server.pause();
      CompletableFuture<Response> late;
      try {
        late = loop.start(() -> besideOthers.send(Request.cmd(Command.PING)));
        assertThat(failureOf(alone)).isEqualTo(Reason.TIMED_OUT);
      } finally {
        server.resume();
      }
      assertThat(late).succeedsWithin(Duration.ofSeconds(10)).hasToString("PONG");
    }
  }

  @Test
  void aServerThatNeverAnswersNeverCounts() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RedisLink link =
          loop.link(RedisConfig.defaults("redis://127.0.0.1:" + silent.getLocalPort()));
      assertThat(failureOf(link)).isEqualTo(Reason.NOT_CONNECTED);
      await().until(() -> link.breaker().state() == CircuitBreaker.State.OPEN);
      assertThat(link.isAvailable()).isFalse();
      assertThatThrownBy(() -> loop.await(link::incarnation)).isInstanceOf(RedisUnavailable.class);
    }
  }

  private static ScriptCall counting() {
    return new ScriptCall(COUNT, List.of("test:counter"), List.of());
  }

  private String ping(RedisLink link) {
    return loop.await(() -> link.send(Request.cmd(Command.PING))).toString();
  }

  private void pingsInARow(RedisLink link, int count) {
    loop.await(
        () -> {
          List<Future<Response>> sent = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            sent.add(link.send(Request.cmd(Command.PING)));
          }
          return Future.join(sent).otherwiseEmpty();
        });
  }

  private Reason failureOf(RedisLink link) {
    try {
      ping(link);
      throw new AssertionError("answered");
    } catch (RedisUnavailable failure) {
      return failure.reason();
    }
  }

  private static Reason reasonOf(Throwable failure) {
    return ((RedisUnavailable) failure).reason();
  }

  /** For tests that are not about deadlines: the machine may be busy. */
  private static RedisConfig patient(String uri) {
    return timed(uri, Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  private static RedisConfig withInFlightMax(RedisConfig config, int inFlightMax) {
    return new RedisConfig(
        config.uris(),
        config.mode(),
        config.masterName(),
        config.commandTimeout(),
        config.sharedCommandTimeout(),
        config.connectTimeout(),
        config.reconnectDelayMin(),
        config.reconnectDelayMax(),
        inFlightMax,
        config.breakerFailures(),
        config.breakerOpen());
  }

  /** A breaker that opens stays open for as long as a test looks at it. */
  private static RedisConfig timed(String uri, Duration alone, Duration besideOthers) {
    RedisConfig defaults = RedisConfig.defaults(uri);
    return new RedisConfig(
        defaults.uris(),
        defaults.mode(),
        defaults.masterName(),
        alone,
        besideOthers,
        defaults.connectTimeout(),
        defaults.reconnectDelayMin(),
        defaults.reconnectDelayMax(),
        defaults.inFlightMax(),
        defaults.breakerFailures(),
        Duration.ofSeconds(30));
  }
}
