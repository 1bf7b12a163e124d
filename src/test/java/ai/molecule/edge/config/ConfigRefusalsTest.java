package ai.molecule.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.molecule.edge.config.ConfigLoader.Purpose;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused says what it is: every problem at once, by name, and never with a secret. */
class ConfigRefusalsTest {
  private static final String POSTGRES = "postgresql://u:p@db:5432/edge";
  private static final String REDIS = "redis://cache:6379";
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir Path directory;

  @Test
  void namesEveryProblemAtOnceWithItsSourceAndWhatIsAllowed() {
    ConfigException refused =
        refused("http: {port: 99999, hots: x}\ndrain: {finish: 5}", "EDGE_REDIS_MODE", "ring");
    assertThat(refused.problems()).hasSize(4);
    assertThat(refused)
        .hasMessageContaining("http.port (" + directory.resolve("edge.yaml") + "): 99999")
        .hasMessageContaining("a whole number from 0 to 65535")
        .hasMessageContaining("http.hots")
        .hasMessageContaining("did you mean http.host?")
        .hasMessageContaining("drain.finish")
        .hasMessageContaining("redis.mode (EDGE_REDIS_MODE): \"ring\"");
  }

  @Test
  void neverShowsASecret() {
    ConfigException refused =
        refused(
            "admin: {token: shortsecret1}\npostgres: {password: {a: shortsecret2}}",
            "EDGE_POSTGRES_URI",
            "postgresql://u:shortsecret3@h h/x");
    assertThat(refused)
        .hasMessageContaining("admin.token")
        .hasMessageContaining("postgres.password")
        .hasMessageContaining("postgres.uri");
    assertThat(refused.getMessage()).doesNotContain("shortsecret");
  }

  @Test
  void doesNotShowASecretInBrokenYaml() {
    assertThatThrownBy(() -> load("admin: {token: shortsecret", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("edge.yaml")
        .message()
        .doesNotContain("shortsecret");
  }

  @Test
  void refusesOneStoreWithoutTheOther() {
    assertThat(refused("", "EDGE_REDIS_URI", REDIS).problems().getFirst().key())
        .isEqualTo("postgres.uri");
  }

  @Test
  void refusesNoAdminTokenWhereNoStoresAreEmbedded() {
    assertThatThrownBy(
            () ->
                ConfigLoader.load(
                    Optional.empty(),
                    Map.of("EDGE_POSTGRES_URI", POSTGRES, "EDGE_REDIS_URI", REDIS),
                    directory,
                    Purpose.SERVE_WITHOUT_EMBEDDED_STORES))
        .hasMessageContaining("admin.token")
        .hasMessageContaining("EDGE_ADMIN_TOKEN");
  }

  @Test
  void refusesNoStoresWhereNoneAreEmbedded() {
    assertThatThrownBy(
            () ->
                ConfigLoader.load(
                    Optional.empty(), Map.of(), directory, Purpose.SERVE_WITHOUT_EMBEDDED_STORES))
        .hasMessageContaining("postgres.uri")
        .hasMessageContaining("redis.uri")
        .hasMessageContaining("admin.token");
  }

  @Test
  void refusesASecretGivenTwice() throws IOException {
    Path file = Files.writeString(directory.resolve("token"), TOKEN);
    assertThatThrownBy(
            () ->
                load(
                    "",
                    Map.of("EDGE_ADMIN_TOKEN_FILE", file.toString(), "EDGE_ADMIN_TOKEN", TOKEN)))
        .hasMessageContaining("admin.token (EDGE_ADMIN_TOKEN_FILE)");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(
            () ->
                ConfigLoader.load(
                    Optional.of(Path.of("nowhere.yaml")), Map.of(), directory, Purpose.SERVE))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("nowhere.yaml");
  }

  private ConfigException refused(String yaml, String variable, String value) {
    return catchThrowableOfType(ConfigException.class, () -> load(yaml, Map.of(variable, value)));
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
