package ai.molecule.edge.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.stores.PostgresServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class MigrationsTest {
  private static Vertx vertx;

  @BeforeAll
  static void start(Vertx ofThisClass) {
    vertx = ofThisClass;
  }

  @Test
  void nodesThatStartAtOnceApplyEachMigrationOnce() {
    PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
    List<Future<MigrationReport>> nodes =
        IntStream.range(0, 4).mapToObj(node -> migrations(config).migrate()).toList();
    Await.result(Future.all(nodes));
    List<MigrationReport> reports = nodes.stream().map(Future::result).toList();
    String latest = reports.getFirst().versionAfter();
    assertThat(reports).allMatch(report -> report.versionAfter().equals(latest));
    assertThat(reports.stream().mapToInt(MigrationReport::applied).sum())
        .isEqualTo(reports.stream().mapToInt(MigrationReport::applied).max().orElseThrow())
        .isPositive();
  }

  @Test
  void aSecondRunDoesNothingAndSaysSo() {
    PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
    MigrationReport first = Await.result(migrations(config).migrate());
    MigrationReport second = Await.result(migrations(config).migrate());
    assertThat(first.versionBefore()).isNull();
    assertThat(second)
        .isEqualTo(new MigrationReport(first.versionAfter(), first.versionAfter(), 0, false));
  }

  @Test
  void anOlderNodeStartsOnASchemaThatIsNewerThanItself() {
    PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
    Await.result(migrations(config).migrate());
    execute(
        config,
        """
        INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,
                                           checksum, installed_by, execution_time, success)
        VALUES (9999, '9999', 'of a newer node', 'SQL', 'V9999__x.sql', 1, 'x', 1, true)
        """);
    MigrationReport report = Await.result(migrations(config).migrate());
    assertThat(report.versionAfter()).isEqualTo("9999");
    assertThat(report.databaseIsNewer()).isTrue();
    assertThat(report.applied()).isZero();
  }

  @Test
  void aMigrationThatWasChangedAfterwardsIsRefusedWithAReason() {
    PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
    Await.result(migrations(config).migrate());
    execute(config, "UPDATE flyway_schema_history SET checksum = checksum + 1 WHERE version = '1'");
    assertThat(Await.failure(migrations(config).migrate()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not those of this version");
  }

  @Test
  void aPostgresThatComesUpLateIsWaitedForAndTheWaitIsTold() {
    try (PostgresServerHandle server = TestStores.startPostgres()) {
      server.stop();
      List<String> told = new CopyOnWriteArrayList<>();
      Migrations migrations =
          new Migrations(
              vertx, PostgresConfig.defaults(server.uri()), Duration.ofSeconds(90), told::add);
      Future<MigrationReport> migrated = migrations.migrate();
      org.awaitility.Awaitility.await().until(() -> !told.isEmpty());
      server.start();
      assertThat(Await.result(migrated).applied()).isPositive();
    }
  }

  @Test
  void aPostgresThatDoesNotComeIsStoreUnavailableOncePatienceIsOver() {
    PostgresConfig nowhere = PostgresConfig.defaults("postgresql://u:secret-word@127.0.0.1:1/d");
    Throwable failure =
        Await.failure(new Migrations(vertx, nowhere, Duration.ofMillis(600), told -> {}).migrate());
    assertThat(Problem.from(failure).code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("127.0.0.1:1").hasMessageNotContaining("secret-word");
  }

  private static Migrations migrations(PostgresConfig config) {
    return new Migrations(vertx, config, Duration.ofSeconds(60), told -> {});
  }

  private static void execute(PostgresConfig config, String sql) {
    PostgresPools pools = PostgresPools.create(vertx, config);
    Await.result(pools.query(pools.control(), sql, Tuple.tuple()));
    Await.result(pools.close());
  }
}
