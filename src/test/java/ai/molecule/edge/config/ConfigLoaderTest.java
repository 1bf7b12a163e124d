package ai.molecule.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.molecule.edge.config.ConfigLoader.Purpose;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisMode;
import ai.molecule.edge.telemetry.LoggingConfig;
import ai.molecule.edge.telemetry.ManagementConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  private static final String POSTGRES = "postgresql://u:p@db:5432/edge";
  private static final String REDIS = "redis://cache:6379";
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final Map<String, String> STORES =
      Map.of("EDGE_POSTGRES_URI", POSTGRES, "EDGE_REDIS_URI", REDIS, "EDGE_ADMIN_TOKEN", TOKEN);

  @TempDir Path directory;

  @Test
  void withNoFileAndNoVariableEveryDefaultHolds() {
    LoadedConfig loaded = load("", Map.of());
    assertThat(loaded.needsStores()).isTrue();
    assertThat(loaded.adminToken()).isEmpty();
    assertDefaults(loaded.complete(POSTGRES, REDIS, TOKEN));
  }

  @Test
  void theShippedFileIsTheDefaults() {
    LoadedConfig loaded =
        ConfigLoader.load(
            Optional.of(Path.of("conf/edge.yaml").toAbsolutePath()),
            Map.of(),
            directory,
            Purpose.SERVE);
    assertThat(loaded.needsStores()).isTrue();
    assertDefaults(loaded.complete(POSTGRES, REDIS, TOKEN));
  }

  private void assertDefaults(EdgeConfig config) {
    assertThat(config.http()).isEqualTo(HttpConfig.defaults());
    assertThat(config.http().host()).isEqualTo("0.0.0.0");
    assertThat(config.http().port()).isEqualTo(8080);
    assertThat(config.http().requests().headersMax()).isEqualTo(64);
    assertThat(config.http().requests().headersBytesMax()).isEqualTo(8192);
    assertThat(config.http().requests().bodyBytesMax()).isEqualTo(65536);
    assertThat(config.management()).isEqualTo(new ManagementConfig("127.0.0.1", 9090));
    assertThat(config.postgres()).isEqualTo(PostgresConfig.defaults(POSTGRES));
    assertThat(config.redis()).isEqualTo(RedisConfig.defaults(REDIS));
    assertThat(config.defaultLimit()).isEqualTo(new Limit(60, 60));
    assertThat(config.tiers()).isEmpty();
    assertThat(config.lookup()).isEqualTo(LookupConfig.defaults());
    assertThat(config.lastUseFlushInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.drain()).isEqualTo(DrainConfig.defaults());
    assertThat(config.drain().announce()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.logging()).isEqualTo(LoggingConfig.defaults());
    assertThat(config.dataDir()).isEqualTo(directory.resolve(".edge"));
    assertThat(config.routes().table().routes()).isEmpty();
    assertThat(config.routes().file()).contains(directory.resolve("conf/routes.yaml"));
  }

  @Test
  void theRoutesAreReadFromTheFileThatIsNamed() throws IOException {
    Files.writeString(
        directory.resolve("r.yaml"),
        "routes: [{prefix: /a, upstream: 'http://h:1', scope: 'orgs:read'}]");
    EdgeConfig config =
        load("", Map.of("EDGE_ROUTES_FILE", "r.yaml")).complete(POSTGRES, REDIS, TOKEN);
    assertThat(config.routes().table().routes()).hasSize(1);
    assertThat(config.routes().file()).contains(directory.resolve("r.yaml"));
  }

  @Test
  void routesWithAFaultAreRefusedWithEverythingElseThatIsWrong() throws IOException {
    Files.writeString(
        directory.resolve("r.yaml"), "routes: [{prefix: /a, upstream: 'http://h:1'}]");
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class,
            () -> load("http: {port: x}", Map.of("EDGE_ROUTES_FILE", "r.yaml")));
    assertThat(refused.problems())
        .extracting(ConfigProblem::key)
        .containsExactlyInAnyOrder("http.port", "#/routes/0/scope");
    assertThat(refused).hasMessageContaining("r.yaml");
  }

  @Test
  void aRoutesFileThatIsNamedMustBeThere() {
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class, () -> load("", Map.of("EDGE_ROUTES_FILE", "gone.yaml")));
    assertThat(refused.problems()).extracting(ConfigProblem::key).containsExactly("routes_file");
  }

  @Test
  void theShippedFileHasEveryKeyAndSaysWhatIsAllowed() throws IOException {
    assertThat(Path.of("conf/edge.yaml")).content().isEqualTo(ShippedFile.yaml());
  }

  @Test
  void theDocumentationListsEveryKeyAndNoOther() throws IOException {
    assertThat(
            Files.readAllLines(Path.of("docs/configuration.md")).stream()
                .filter(line -> line.startsWith("| `")))
        .containsExactlyElementsOf(ConfigKeys.ALL.stream().map(ShippedFile::row).toList());
  }

  @Test
  void theNamesThatScriptsRelyOnAreVariablesOfKeys() {
    assertThat(ConfigKeys.ALL.stream().map(ConfigKey::variable))
        .doesNotHaveDuplicates()
        .contains(
            "EDGE_HTTP_PORT",
            "EDGE_MANAGEMENT_PORT",
            "EDGE_ADMIN_TOKEN",
            "EDGE_POSTGRES_URI",
            "EDGE_REDIS_URI",
            "EDGE_DATA_DIR",
            "EDGE_ROUTES_FILE");
  }

  @Test
  void aVariableGoesOverTheFile() {
    EdgeConfig config =
        load(
                "http: {port: 1111, host: 127.0.0.2}\ndata_dir: here",
                Map.of("EDGE_HTTP_PORT", "2222", "EDGE_DRAIN_ANNOUNCE", "250ms"))
            .complete(POSTGRES, REDIS, TOKEN);
    assertThat(config.http().port()).isEqualTo(2222);
    assertThat(config.http().host()).isEqualTo("127.0.0.2");
    assertThat(config.drain().announce()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.dataDir()).isEqualTo(directory.resolve("here"));
  }

  @Test
  void everyUnitOfTimeAndSizeIsUnderstood() {
    EdgeConfig config =
        load(
                "http: {idle_timeout: 2m, header_timeout: 500ms, body_timeout: 7s,"
                    + " headers_bytes_max: 2048B, body_bytes_max: 1MiB}\n"
                    + "drain: {finish: 1h}",
                Map.of())
            .complete(POSTGRES, REDIS, TOKEN);
    assertThat(config.http().idleTimeout()).isEqualTo(Duration.ofSeconds(120));
    assertThat(config.http().requests().headerTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.http().requests().bodyTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.http().requests().headersBytesMax()).isEqualTo(2048);
    assertThat(config.http().requests().bodyBytesMax()).isEqualTo(1024 * 1024);
    assertThat(config.drain().finish()).isEqualTo(Duration.ofMinutes(60));
  }

  @Test
  void tiersAreNamedFreelyAndBurstFollowsTheRate() {
    EdgeConfig config =
        load(
                "tiers:\n  gold: {rate_limit: 6000, burst: 500}\n  big-1: {rate_limit: 2000000}",
                Map.of("EDGE_TIERS_GOLD_BURST", "7"))
            .complete(POSTGRES, REDIS, TOKEN);
    assertThat(config.tiers())
        .isEqualTo(Map.of("gold", new Limit(6000, 7), "big-1", new Limit(2_000_000, 1_000_000)));
  }

  @Test
  void namedStoresReplaceTheEmbeddedOnes() {
    LoadedConfig loaded = load("", STORES);
    assertThat(loaded.needsStores()).isFalse();
    EdgeConfig config = loaded.complete();
    assertThat(config.postgres().uri()).isEqualTo(POSTGRES);
    assertThat(config.redis().uris()).containsExactly(REDIS);
    assertThat(config.admin().hash())
        .isEqualTo(CredentialHasher.create().hash(TOKEN.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void sentinelsAreSeveralUris() {
    EdgeConfig config =
        load(
                "redis: {mode: sentinel, master_name: mymaster, uri: \"redis://a:1,redis://b:2\"}\n"
                    + "postgres: {uri: \""
                    + POSTGRES
                    + "\"}",
                Map.of("EDGE_ADMIN_TOKEN", TOKEN))
            .complete();
    assertThat(config.redis().mode()).isEqualTo(RedisMode.SENTINEL);
    assertThat(config.redis().uris()).containsExactly("redis://a:1", "redis://b:2");
  }

  @Test
  void serversOfAClusterAreSeveralUris() {
    EdgeConfig config =
        load(
                "redis: {mode: cluster, uri: \"rediss://:pw@a:1,rediss://:pw@b:2\"}\n"
                    + "postgres: {uri: \""
                    + POSTGRES
                    + "\"}",
                Map.of("EDGE_ADMIN_TOKEN", TOKEN))
            .complete();
    assertThat(config.redis().mode()).isEqualTo(RedisMode.CLUSTER);
    assertThat(config.redis().uris()).containsExactly("rediss://:pw@a:1", "rediss://:pw@b:2");
  }

  @Test
  void aSecretMayBeInAFile() throws IOException {
    Path file = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    assertThat(load("", Map.of("EDGE_ADMIN_TOKEN_FILE", file.toString())).adminTokenText())
        .contains(TOKEN);
  }

  @Test
  void theHashOfTheTokenIsEnough() {
    // SHA-256 of the token, from sha256sum.
    String hash = "3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9";
    assertThat(load("admin: {token_sha256: " + hash + "}", Map.of()).adminToken())
        .isEqualTo(load("admin: {token: " + TOKEN + "}", Map.of()).adminToken());
    assertThat(
            load("admin: {token_sha256: " + hash + "}", Map.of("EDGE_ADMIN_TOKEN", TOKEN))
                .adminTokenText())
        .describedAs("the environment goes over the file")
        .contains(TOKEN);
  }

  @Test
  void theFileIsNamedByTheVariableToo() throws IOException {
    Path file = Files.writeString(directory.resolve("other.yaml"), "http: {port: 4321}");
    LoadedConfig loaded =
        ConfigLoader.load(
            Optional.empty(),
            Map.of("EDGE_CONFIG_FILE", file.toString()),
            directory,
            Purpose.SERVE);
    assertThat(loaded.complete(POSTGRES, REDIS, TOKEN).http().port()).isEqualTo(4321);
  }

  private LoadedConfig load(String yaml, Map<String, String> environment) {
    try {
      Path file = Files.writeString(directory.resolve("edge.yaml"), yaml);
      return ConfigLoader.load(Optional.of(file), environment, directory, Purpose.SERVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
