package ai.molecule.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.molecule.edge.config.ConfigLoader.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every variant is refused, with the name of the key and nothing else refused beside it. */
class BadConfigurationTest {
  @TempDir Path directory;

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          http.port            | http: {port: 65536}
          http.port            | http: {port: -1}
          http.port            | http: {port: "8080"}
          http.port            | http: {port: 80.5}
          http.port            | http: {port: 99999999999}
          http.port            | http: {port: true}
          http.port            | http: {port: null}
          http.port            | http: {port: }
          http.port            | http: {port: [8080]}
          http.port            | http: {port: {a: 1}}
          http.prot            | http: {prot: 8080}
          http.Port            | http: {Port: 8080}
          http.port.a          | http: {port.a: 1}
          http.host            | http: {host: 5}
          http.host            | http: {host: ""}
          http.host            | http: {host: "a b"}
          http.event_loops     | http: {event_loops: 257}
          http.connections_max | http: {connections_max: 0}
          http.headers_max     | http: {headers_max: 7}
          http.headers_bytes_max | http: {headers_bytes_max: 8192}
          http.headers_bytes_max | http: {headers_bytes_max: 8kb}
          http.headers_bytes_max | http: {headers_bytes_max: 2MiB}
          http.request_line_bytes_max | http: {request_line_bytes_max: 1B}
          http.body_bytes_max  | http: {body_bytes_max: 64 KiB}
          http.body_bytes_max  | http: {body_bytes_max: 999999999MiB}
          http.idle_timeout    | http: {idle_timeout: 75}
          http.idle_timeout    | http: {idle_timeout: 0s}
          http.idle_timeout    | http: {idle_timeout: 1d}
          http.idle_timeout    | http: {idle_timeout: -5s}
          http.idle_timeout    | http: {idle_timeout: 1.5s}
          http.header_timeout  | http: {header_timeout: 61s}
          http.body_timeout    | http: {body_timeout: 99ms}
          http                 | http: 8080
          http                 | http:
          http                 | http: []
          htpp.port            | htpp: {port: 8080}
          tls.key_file         | tls: {certificate_file: a}
          tls.certificate_file | tls: {key_file: a}
          tls.client_ca_file   | tls: {certificate_file: a, key_file: b, client_certificates: required}
          tls.client_ca_file   | tls: {certificate_file: a, key_file: b, client_ca_file: c}
          tls.client_certificates | tls: {client_certificates: off}
          http2.streams_max    | http2: {streams_max: 0}
          http2.window         | http2: {window: 500ms}
          callers.trusted_peers | callers: {trusted_peers: "10.0.0.0/33"}
          callers.trusted_peers | callers: {trusted_peers: everybody}
          callers.trusted_peers | callers: {forwarded_hops: 1}
          callers.trusted_peers | callers: {proxy_protocol: required}
          callers.forwarded_hops | callers: {trusted_peers: "10.0.0.0/8", forwarded_hops: 11}
          management.port      | management: {port: 70000}
          management.host      | management: {host: [a]}
          admin.token          | admin: {token: tooshort}
          admin.token          | admin: {token: "0123456789abcdef 0123456789abcdef"}
          admin.token          | admin: {token: 12345678901234567890123456789012}
          admin.token_sha256   | admin: {token_sha256: abc}
          admin.token_sha256   | admin: {token: 0123456789abcdef0123456789abcdex, token_sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
          postgres.auth_pool_size | postgres: {auth_pool_size: 0}
          postgres.control_pool_size | postgres: {control_pool_size: 1001}
          postgres.pool_queue_max | postgres: {pool_queue_max: 0}
          postgres.connect_timeout | postgres: {connect_timeout: 1ms}
          postgres.acquire_timeout | postgres: {acquire_timeout: 11m}
          postgres.statement_timeout | postgres: {statement_timeout: soon}
          postgres.idle_timeout | postgres: {idle_timeout: 1s, statement_timeout: 2s}
          redis.mode           | redis: {mode: ring}
          redis.master_name    | redis: {mode: cluster, master_name: m}
          redis.mode           | redis: {mode: SERVER}
          redis.master_name    | redis: {master_name: m}
          redis.command_timeout | redis: {command_timeout: 4ms}
          redis.shared_command_timeout | redis: {shared_command_timeout: 2s}
          redis.connect_timeout | redis: {connect_timeout: 2m}
          redis.reconnect_delay_min | redis: {reconnect_delay_min: 0s}
          redis.reconnect_delay_max | redis: {reconnect_delay_min: 2s, reconnect_delay_max: 1s}
          redis.in_flight_max  | redis: {in_flight_max: 65537}
          redis.breaker_failures | redis: {breaker_failures: 0}
          redis.breaker_open   | redis: {breaker_open: 2m}
          limits.rate_limit    | limits: {rate_limit: 0}
          limits.burst         | limits: {burst: 1000001}
          lookup.cached_keys_max | lookup: {cached_keys_max: 99}
          lookup.absence_ttl   | lookup: {absence_ttl: 61s}
          lookup.fills_max     | lookup: {fills_max: 0}
          last_use.flush_interval | last_use: {flush_interval: 5s}
          drain.announce       | drain: {announce: 2m}
          drain.finish         | drain: {finish: 2h}
          drain.flush          | drain: {flush: 61s}
          logging.format       | logging: {format: xml}
          logging.level        | logging: {level: trace}
          logging.access       | logging: {access: true}
          data_dir             | data_dir: 5
          data_dir             | data_dir: ""
          tiers.gold.rate_limit | tiers: {gold: {burst: 5}}
          tiers.gold.rate_limit | tiers: {gold: {rate_limit: 0}}
          tiers.gold.burst     | tiers: {gold: {rate_limit: 5, burst: 0}}
          tiers.gold.speed     | tiers: {gold: {speed: 5, rate_limit: 5}}
          tiers.Gold.rate_limit | tiers: {Gold: {rate_limit: 5}}
          tiers.gold           | tiers: {gold: 5}
          tiers                | tiers: 5
          """)
  void inTheFile(String key, String yaml) throws IOException {
    assertThat(refused(yaml, Map.of()).problems()).extracting(ConfigProblem::key).containsOnly(key);
  }

  @ParameterizedTest(name = "{1}={2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          http.port          | EDGE_HTTP_PORT       | 80x
          http.port          | EDGE_HTTP_PORT       | ``
          http.port          | EDGE_HTTP_PORT       | +80
          http.idle_timeout  | EDGE_HTTP_IDLE_TIMEOUT | 75
          EDGE_HTTP_PROT     | EDGE_HTTP_PROT       | 80
          EDGE_PORT          | EDGE_PORT            | 80
          EDGE_TIERS_GOLD_RATE_LIMIT | EDGE_TIERS_GOLD_RATE_LIMIT | 5
          EDGE_HTTP_PORT_FILE | EDGE_HTTP_PORT_FILE | /x
          admin.token        | EDGE_ADMIN_TOKEN     | short
          admin.token        | EDGE_ADMIN_TOKEN_FILE | /nonexistent/token
          postgres.uri       | EDGE_POSTGRES_URI    | mysql://a
          postgres.uri       | EDGE_POSTGRES_URI    | postgresql://host-without-a-user/x
          redis.uri          | EDGE_REDIS_URI       | localhost:6379
          redis.uri          | EDGE_REDIS_URI       | redis://a,redis://b
          """)
  void inTheEnvironment(String key, String variable, String value) throws IOException {
    ConfigException refused = refused("", Map.of(variable, value));
    assertThat(refused.problems()).extracting(ConfigProblem::key).contains(key);
    assertThat(refused).hasMessageContaining(variable);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`http:\n  port: 1\n  port: 2`",
        "`http: {port: 1}\nhttp: {host: a}`",
        "a: [",
        "text"
      })
  void asAWhole(String yaml) throws IOException {
    assertThat(refused(yaml, Map.of())).hasMessageContaining("edge.yaml");
  }

  private ConfigException refused(String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(directory.resolve("edge.yaml"), yaml);
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigLoader.load(Optional.of(file), environment, directory, Purpose.SERVE));
    assertThat(refused).describedAs("refused").isNotNull();
    return refused;
  }
}
