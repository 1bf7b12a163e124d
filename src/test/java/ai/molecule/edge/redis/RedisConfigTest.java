package ai.molecule.edge.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisConfigTest {
  @Test
  void itsDefaults() {
    RedisConfig config = RedisConfig.defaults("redis://localhost:6379");
    assertThat(config.uris()).containsExactly("redis://localhost:6379");
    assertThat(config.mode()).isEqualTo(RedisMode.SERVER);
    assertThat(config.masterName()).isNull();
    assertThat(config.commandTimeout()).isEqualTo(Duration.ofMillis(40));
    assertThat(config.sharedCommandTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.reconnectDelayMin()).isEqualTo(Duration.ofMillis(20));
    assertThat(config.reconnectDelayMax()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.inFlightMax()).isEqualTo(2048);
    assertThat(config.breakerFailures()).isEqualTo(5);
    assertThat(config.breakerOpen()).isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void aBadFieldIsNamedAndItsSecretIsNot() {
    assertThatThrownBy(() -> RedisConfig.defaults("http://:hush@localhost"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("redis.uri")
        .hasMessageNotContaining("hush");
    RedisConfig good = RedisConfig.defaults("redis://:hush@localhost");
    assertThat(good.toString()).doesNotContain("hush");
    assertThatThrownBy(() -> good.withCommandTimeout(Duration.ofMillis(4)))
        .hasMessage("redis.command_timeout must be 5 ms to 1000 ms");
    assertThatThrownBy(() -> of(List.of("redis://a", "redis://b"), RedisMode.SERVER, null))
        .hasMessageContaining("redis.uri several");
    assertThatThrownBy(() -> of(List.of("redis://a"), RedisMode.SENTINEL, null))
        .hasMessageContaining("redis.master_name");
    assertThatThrownBy(() -> of(List.of("redis://a"), RedisMode.SERVER, "main"))
        .hasMessageContaining("redis.master_name");
    assertThatThrownBy(() -> of(List.of("redis://a"), RedisMode.CLUSTER, "main"))
        .hasMessageContaining("redis.master_name");
  }

  @Test
  void sentinelsAreSeveral() {
    assertThat(of(List.of("redis://a", "redis://b"), RedisMode.SENTINEL, "main").uris()).hasSize(2);
  }

  @Test
  void serversOfAClusterAreOneOrSeveral() {
    assertThat(of(List.of("redis://a"), RedisMode.CLUSTER, null).uris()).hasSize(1);
    assertThat(of(List.of("redis://a", "redis://b"), RedisMode.CLUSTER, null).uris()).hasSize(2);
    assertThatThrownBy(() -> of(List.of("redis://a", "rediss://b"), RedisMode.CLUSTER, null))
        .hasMessageContaining("redis.uri must have one scheme");
  }

  @Test
  void aServerOfAClusterIsAskedWithTheSchemeAndLoginOfTheConfiguration() {
    ServerAddress asked = new ServerAddress("asked", 1);
    assertThat(ServerAddress.parse("10.0.0.7:6380", asked))
        .extracting(named -> named.uri("rediss://who:s%40cret@seed:7000/0?x=1"))
        .isEqualTo("rediss://who:s%40cret@10.0.0.7:6380/?x=1");
    assertThat(ServerAddress.parse(":6380", asked)).isEqualTo(new ServerAddress("asked", 6380));
    assertThat(ServerAddress.parse("::1:6380", asked))
        .extracting(named -> named.uri("redis://seed"))
        .isEqualTo("redis://[::1]:6380");
    assertThat(ServerAddress.parse("?:6380", asked)).isNull();
    assertThat(ServerAddress.parse("nothing", asked)).isNull();
    assertThat(ServerAddress.ofUri("redis://:pw@[fe80::1]:7001/0"))
        .isEqualTo(new ServerAddress("fe80::1", 7001));
    assertThat(ServerAddress.ofUri("redis://seed")).isEqualTo(new ServerAddress("seed", 6379));
  }

  private static RedisConfig of(List<String> uris, RedisMode mode, String masterName) {
    RedisConfig defaults = RedisConfig.defaults("redis://localhost");
    return new RedisConfig(
        uris,
        mode,
        masterName,
        defaults.commandTimeout(),
        defaults.sharedCommandTimeout(),
        defaults.connectTimeout(),
        defaults.reconnectDelayMin(),
        defaults.reconnectDelayMax(),
        defaults.inFlightMax(),
        defaults.breakerFailures(),
        defaults.breakerOpen());
  }
}
