package ai.molecule.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.telemetry.LoggingConfig.Access;
import ai.molecule.edge.telemetry.LoggingConfig.Format;
import ai.molecule.edge.telemetry.LoggingConfig.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Isolated("logging is set up for the whole JVM")
class LoggingTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @AfterEach
  void restore() {
    Logging.apply(LoggingConfig.defaults(), true, System.err);
  }

  @Test
  void aJsonLineHasFixedKeysAndEscapesWhatItIsGiven() throws IOException {
    apply(Format.JSON, Access.NONE);
    LoggerFactory.getLogger("a.b")
        .atWarn()
        .addKeyValue(LogKeys.STATUS, 503)
        .addKeyValue(LogKeys.ROUTE, "/x\"y")
        .log("two\nlines");
    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(1);
    JsonNode line = lines.getFirst();
    assertThat(line.get("level").textValue()).isEqualTo("WARN");
    assertThat(line.get("logger").textValue()).isEqualTo("a.b");
    assertThat(line.get("message").textValue()).isEqualTo("two\nlines");
    assertThat(line.get("status").intValue()).isEqualTo(503);
    assertThat(line.get("route").textValue()).isEqualTo("/x\"y");
    assertThat(line.has("time")).isTrue();
    assertThat(line.has("thread")).isTrue();
    assertThat(line.has("error")).isFalse();
  }

  @Test
  void aFailureStaysOnItsLine() throws IOException {
    apply(Format.JSON, Access.NONE);
    LoggerFactory.getLogger("a").error("it failed", new IllegalStateException("because"));
    assertThat(lines().getFirst().get("error").textValue())
        .contains("IllegalStateException: because");
  }

  @Test
  void librariesThatPrintWhatTheyReceiveAreKeptQuiet() throws IOException {
    Logging.apply(new LoggingConfig(Format.JSON, Level.DEBUG, Access.ALL), false, out);
    LoggerFactory.getLogger("io.netty.handler.logging").debug("Authorization: Bearer x");
    LoggerFactory.getLogger("io.vertx.core").info("chatter");
    LoggerFactory.getLogger("ai.molecule.edge").debug("ours");
    assertThat(lines()).extracting(line -> line.get("message").textValue()).containsExactly("ours");
  }

  @Test
  void theAccessLogWritesWhatItIsAskedFor() throws IOException {
    apply(Format.JSON, Access.FAILURES);
    AccessLog failures = new AccessLog(Access.FAILURES);
    record(failures, 499, null);
    record(failures, 503, "store_unavailable");
    record(new AccessLog(Access.NONE), 503, null);
    record(new AccessLog(Access.ALL), 200, null);
    List<JsonNode> lines = lines();
    assertThat(lines).extracting(line -> line.get("status").intValue()).containsExactly(503, 200);
    JsonNode line = lines.getFirst();
    assertThat(line.get("logger").textValue()).isEqualTo("access");
    assertThat(line.get("request_id").textValue()).isEqualTo("id-1");
    assertThat(line.get("route").textValue()).isEqualTo("/a/{id}");
    assertThat(line.get("problem").textValue()).isEqualTo("store_unavailable");
    assertThat(line.get("duration_micros").longValue()).isEqualTo(1_500);
    assertThat(line.get("client").textValue()).isEqualTo("192.0.2.1");
    assertThat(line.has("key_id")).isFalse();
  }

  private static void record(AccessLog log, int status, String problem) {
    log.record("id-1", "GET", "/a/{id}", status, problem, null, "192.0.2.1", 1_500_000);
  }

  @Test
  void anOutageIsThreeLinesHoweverManyCallsFail() throws IOException {
    apply(Format.JSON, Access.NONE);
    Logger log = LoggerFactory.getLogger("outage");
    long[] now = {0};
    OutageLog outage = new OutageLog(log, "redis", () -> now[0]);
    outage.succeeded();
    for (int i = 0; i < 1_000; i++) {
      outage.failed(new IOException("refused"));
    }
    now[0] = TimeUnit.SECONDS.toNanos(31);
    outage.failed(new IOException("refused"));
    outage.failed(new IOException("refused"));
    now[0] = TimeUnit.SECONDS.toNanos(40);
    outage.succeeded();
    outage.succeeded();
    List<JsonNode> lines = lines();
    assertThat(lines)
        .extracting(line -> line.get("message").textValue())
        .containsExactly(
            "redis does not answer: java.io.IOException: refused",
            "redis still does not answer: java.io.IOException: refused",
            "redis answers again after 40000 ms");
    assertThat(lines.get(1).get("count").longValue()).isEqualTo(1_000);
    assertThat(lines.get(2).get("count").longValue()).isEqualTo(1_002);
    assertThat(lines).allMatch(line -> line.get("dependency").textValue().equals("redis"));
  }

  private void apply(Format format, Access access) {
    Logging.apply(new LoggingConfig(format, Level.INFO, access), false, out);
  }

  /** What was written; setting logging up anew flushes the queue. */
  private List<JsonNode> lines() throws IOException {
    Logging.apply(LoggingConfig.defaults(), true, System.err);
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }
}
