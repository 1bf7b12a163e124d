package ai.molecule.edge.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresConfigTest {
  private static final String URI = "postgresql://edge:p%40ss%2Fw+rd@db.example:6432/ed%20ge";

  @Test
  void theDefaultsAreThoseThatAreDocumented() {
    PostgresConfig config = PostgresConfig.defaults(URI);
    assertThat(config.authPoolSize()).isEqualTo(8);
    assertThat(config.controlPoolSize()).isEqualTo(8);
    assertThat(config.poolQueueMax()).isEqualTo(256);
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.acquireTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.statementTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.idleTimeout()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void userPasswordAndDatabaseArePercentDecodedAndAPlusStaysAPlus() {
    PgConnectOptions options = PostgresPools.connectOptions(PostgresConfig.defaults(URI), "a test");
    assertThat(options.getHost()).isEqualTo("db.example");
    assertThat(options.getPort()).isEqualTo(6432);
    assertThat(options.getUser()).isEqualTo("edge");
    assertThat(options.getPassword()).isEqualTo("p@ss/w+rd");
    assertThat(options.getDatabase()).isEqualTo("ed ge");
    assertThat(PostgresConfig.defaults(URI).parsedUri().jdbcUrl("partner-edge-migrations"))
        .isEqualTo(
            "jdbc:postgresql://db.example:6432/ed%20ge?ApplicationName=partner-edge-migrations");
  }

  @Test
  void everyConnectionCarriesItsNameAndItsStatementTimeout() {
    PgConnectOptions options =
        PostgresPools.connectOptions(PostgresConfig.defaults(URI), "partner-edge-auth");
    assertThat(options.getProperties())
        .containsEntry("application_name", "partner-edge-auth")
        .containsEntry("statement_timeout", "2000")
        .containsEntry("idle_in_transaction_session_timeout", "4000");
  }

  @Test
  void aPasswordOfItsOwnWinsOverTheOneInTheUri() {
    PostgresConfig base = PostgresConfig.defaults(URI);
    PostgresConfig config =
        new PostgresConfig(
            URI,
            "other",
            base.authPoolSize(),
            base.controlPoolSize(),
            base.poolQueueMax(),
            base.connectTimeout(),
            base.acquireTimeout(),
            base.statementTimeout(),
            base.idleTimeout());
    assertThat(config.effectivePassword()).isEqualTo("other");
    assertThat(config.toString()).doesNotContain("other").doesNotContain("p@ss");
  }

  @Test
  void thePortIsTheUsualOneUnlessItIsNamed() {
    assertThat(PostgresConfig.defaults("postgresql://u@h/d").parsedUri().port()).isEqualTo(5432);
    assertThat(PostgresConfig.defaults("postgresql://u@[::1]/d").parsedUri().host())
        .isEqualTo("::1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mysql://u:secret-word@h/d",
        "postgresql://h/d",
        "postgresql://u:secret-word@h",
        "postgresql://u:secret-word@h/",
        "postgresql://u:secret-word@h/d/e",
        "postgresql://:secret-word@h/d",
        "postgresql://u:secret-word^@h/d",
        "postgresql://u:secret-word@h/d?sslmode=maybe",
        "postgresql://u:secret-word@h/d?sslmode=verify-full",
        "postgresql://u:secret-word@h/d?options=-c%20x",
      })
  void whatIsNoPostgresUriIsRefusedWithoutShowingThePassword(String uri) {
    assertThatThrownBy(() -> PostgresConfig.defaults(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("uri ")
        .hasMessageNotContaining("secret-word")
        .hasNoCause();
  }

  @Test
  void aValueOutOfBoundsIsRefusedByTheNameOfItsField() {
    refused("auth_pool_size", 0, 8, 256, Duration.ofSeconds(2));
    refused("control_pool_size", 8, 1001, 256, Duration.ofSeconds(2));
    refused("pool_queue_max", 8, 8, 0, Duration.ofSeconds(2));
    refused("statement_timeout", 8, 8, 256, Duration.ZERO);
    refused("idle_timeout", 8, 8, 256, Duration.ofSeconds(60));
  }

  private static void refused(
      String field, int auth, int control, int queue, Duration statementTimeout) {
    assertThatThrownBy(
            () ->
                new PostgresConfig(
                    URI,
                    null,
                    auth,
                    control,
                    queue,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    statementTimeout,
                    Duration.ofSeconds(30)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(field + " ");
  }
}
