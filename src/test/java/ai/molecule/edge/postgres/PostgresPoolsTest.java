package ai.molecule.edge.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PostgresPoolsTest {
  /** How long a condition may take to come true on a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static Vertx vertx;
  private static String uri;
  private static PostgresPools pools;

  @BeforeAll
  static void start(Vertx ofThisClass) {
    vertx = ofThisClass;
    uri = TestStores.freshDatabase();
    pools = PostgresPools.create(vertx, config(uri, 4, 256));
    Await.result(
        pools.control().query("CREATE TABLE accounts (id int PRIMARY KEY, n int)").execute());
    Await.result(pools.control().query("INSERT INTO accounts VALUES (1, 0), (2, 0)").execute());
  }

  @AfterAll
  static void stop() {
    Await.result(pools.close());
  }

  @Test
  void aPostgresThatIsNotThereIsStoreUnavailableWithRetryAfter() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    PostgresPools away =
        PostgresPools.create(vertx, config("postgresql://u:p@127.0.0.1:" + port + "/d", 2, 8));
    unavailable(away.query(away.auth(), "SELECT 1", Tuple.tuple()));
    unavailable(away.transaction(away.control(), connection -> Future.succeededFuture()));
    Await.result(away.close());
  }

  @Test
  void aWrongPasswordIsStoreUnavailable() {
    String other = uri.replaceFirst("//[^@]*@", "//nobody-of-that-name:wrong@");
    PostgresPools stranger = PostgresPools.create(vertx, config(other, 1, 8));
    unavailable(stranger.query(stranger.auth(), "SELECT 1", Tuple.tuple()));
    Await.result(stranger.close());
  }

  @Test
  void thePoolsFindAPostgresThatWentAwayAndCameBack() {
    try (PostgresServerHandle server = TestStores.startPostgres()) {
      PostgresPools own = PostgresPools.create(vertx, config(server.uri(), 2, 8));
      Await.result(own.query(own.auth(), "SELECT 1", Tuple.tuple()));
      server.stop();
      unavailable(own.query(own.auth(), "SELECT 1", Tuple.tuple()));
      server.start();
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsMatching(AssertionError.class::isInstance)
          .untilAsserted(() -> Await.result(own.query(own.auth(), "SELECT 1", Tuple.tuple())));
      Await.result(own.close());
    }
  }

  @Test
  void aPostgresThatFreezesEndsEveryWaitAndIsFoundAgain() {
    try (PostgresServerHandle server = TestStores.startPostgres()) {
      PostgresPools own = PostgresPools.create(vertx, config(server.uri(), 2, 4));
      Await.result(own.query(own.auth(), "SELECT 1", Tuple.tuple()));
      server.pause();
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        calls.add(own.query(own.auth(), "SELECT 1", Tuple.tuple()));
        calls.add(own.transaction(own.control(), c -> c.query("SELECT 1").execute()));
      }
      calls.forEach(PostgresPoolsTest::unavailable);
      server.resume();
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsMatching(AssertionError.class::isInstance)
          .untilAsserted(
              () -> {
                Await.result(own.query(own.auth(), "SELECT 1", Tuple.tuple()));
                Await.result(own.transaction(own.control(), c -> c.query("SELECT 1").execute()));
              });
      Await.result(own.close());
    }
  }

  @Test
  void aFullQueueRefusesAtOnce() {
    PostgresPools small = PostgresPools.create(vertx, config(uri, 1, 1));
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(small.query(small.auth(), "SELECT pg_sleep(0.2)", Tuple.tuple()));
    }
    unavailable(calls.get(3));
    Await.result(calls.get(0));
    Await.result(small.close());
  }

  @Test
  void aStatementThatTakesTooLongIsCancelledByTheServer() {
    Future<?> slow = pools.query(pools.auth(), "SELECT pg_sleep(30)", Tuple.tuple());
    unavailable(slow);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Await.result(
                        pools.query(
                            pools.control(),
                            "SELECT count(*) FROM pg_stat_activity"
                                + " WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'",
                            Tuple.tuple()))
                    .iterator()
                    .next()
                    .getLong(0),
            running -> running == 0);
  }

  @Test
  void aViolatedConstraintStaysWhatItIs() {
    Throwable failure =
        Await.failure(
            pools.query(pools.control(), "INSERT INTO accounts VALUES (1, 1)", Tuple.tuple()));
    assertThat(failure).isInstanceOf(PgException.class);
    assertThat(StoreFailures.isViolation(failure, "accounts_pkey")).isTrue();
    assertThat(StoreFailures.isViolation(failure, "another")).isFalse();
  }

  @Test
  void aTransactionThatFailsLeavesNothingAndGivesItsConnectionBack() {
    PostgresPools single = PostgresPools.create(vertx, config(uri, 1, 8));
    for (int i = 0; i < 3; i++) {
      Throwable failure =
          Await.failure(
              single.transaction(
                  single.control(),
                  connection ->
                      connection
                          .query("INSERT INTO accounts VALUES (77, 1)")
                          .execute()
                          .map(
                              rows -> {
                                throw Problem.of(ProblemCode.WRONG_STATE);
                              })));
      assertThat(Problem.from(failure).code()).isEqualTo(ProblemCode.WRONG_STATE);
    }
    assertThat(
            Await.result(
                    single.query(
                        single.control(), "SELECT 1 FROM accounts WHERE id = 77", Tuple.tuple()))
                .size())
        .isZero();
    Await.result(single.close());
  }

  @Test
  void aTransactionThatThrowsBeforeItsFirstStatementGivesItsConnectionBack() {
    PostgresPools single = PostgresPools.create(vertx, config(uri, 1, 8));
    for (int i = 0; i < 3; i++) {
      Throwable failure =
          Await.failure(
              single.transaction(
                  single.control(),
                  connection -> {
                    throw new IllegalStateException("before");
                  }));
      assertThat(failure).isInstanceOf(IllegalStateException.class);
    }
    Await.result(single.transaction(single.control(), c -> c.query("SELECT 1").execute()));
    Await.result(single.close());
  }

  @Test
  void twoTransactionsThatDeadlockBothCommitInTheEnd() {
    Promise<Void> firstHolds = Promise.promise();
    Promise<Void> secondHolds = Promise.promise();
    AtomicInteger runs = new AtomicInteger();
    Future<Void> first = addToBoth(1, 2, firstHolds, secondHolds.future(), runs);
    Future<Void> second = addToBoth(2, 1, secondHolds, firstHolds.future(), runs);
    Await.result(Future.all(first, second));
    assertThat(runs.get()).isGreaterThan(2);
    assertThat(
            Await.result(pools.query(pools.control(), "SELECT sum(n) FROM accounts", Tuple.tuple()))
                .iterator()
                .next()
                .getLong(0))
        .isEqualTo(4);
  }

  private static Future<Void> addToBoth(
      int one, int other, Promise<Void> holds, Future<Void> otherHolds, AtomicInteger runs) {
    String add = "UPDATE accounts SET n = n + 1 WHERE id = $1";
    return pools.transaction(
        pools.control(),
        connection -> {
          runs.incrementAndGet();
          return connection
              .preparedQuery(add)
              .execute(Tuple.of(one))
              .compose(
                  rows -> {
                    holds.tryComplete();
                    return otherHolds;
                  })
              .compose(go -> connection.preparedQuery(add).execute(Tuple.of(other)))
              .mapEmpty();
        });
  }

  @Test
  void aConnectionLostBeforeTheCommitWasAnsweredIsStoreUnavailable() {
    unavailable(
        pools.transaction(
            pools.control(),
            connection ->
                connection
                    .query("SELECT pg_terminate_backend(pg_backend_pid())")
                    .execute()
                    .otherwiseEmpty()));
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(AssertionError.class::isInstance)
        .untilAsserted(() -> Await.result(pools.query(pools.control(), "SELECT 1", Tuple.tuple())));
  }

  private static void unavailable(Future<?> call) {
    Throwable failure = Await.failure(call);
    assertThat(failure).isInstanceOf(Problem.class);
    Problem problem = (Problem) failure;
    assertThat(problem.code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
    assertThat(problem.headers()).containsEntry("Retry-After", "1");
  }

  private static PostgresConfig config(String uri, int size, int queueMax) {
    return new PostgresConfig(
        uri,
        null,
        size,
        size,
        queueMax,
        Duration.ofMillis(1500),
        Duration.ofMillis(1500),
        Duration.ofMillis(1500),
        Duration.ofSeconds(2));
  }
}
