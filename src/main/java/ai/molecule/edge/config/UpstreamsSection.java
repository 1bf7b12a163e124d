package ai.molecule.edge.config;

import ai.molecule.edge.proxy.UpstreamsConfig;
import java.time.Duration;

/** The section {@code upstreams}: how services behind the edge are spoken to. */
final class UpstreamsSection {
  static final SectionKeys KEYS = SectionKeys.of("upstreams");
  private static final UpstreamsConfig SHIPPED = UpstreamsConfig.defaults();

  private static final ConfigKey<Integer> CONNECTIONS_MAX =
      KEYS.whole(
          "connections_max", 1, 100_000, SHIPPED.connectionsMax(), "Connections to one upstream.");
  private static final ConfigKey<Integer> QUEUE_MAX =
      KEYS.whole(
          "queue_max",
          0,
          1_000_000,
          SHIPPED.queueMax(),
          "Requests that may wait for a connection to one upstream; one more is answered 503.");
  private static final ConfigKey<Duration> CONNECT_TIMEOUT =
      KEYS.span(
          "connect_timeout",
          Duration.ofMillis(10),
          SectionKeys.MINUTE,
          SHIPPED.connectTimeout(),
          "Deadline of a connection to an upstream.");
  private static final ConfigKey<Duration> KEEP_ALIVE =
      KEYS.span(
          "keep_alive",
          Duration.ofSeconds(1),
          SectionKeys.HOUR,
          SHIPPED.keepAlive(),
          "An unused connection to an upstream is kept for this, in whole seconds; less than the"
              + " upstreams themselves keep it.");
  private static final ConfigKey<Duration> IDLE_TIMEOUT =
      KEYS.span(
          "idle_timeout",
          Duration.ofMillis(100),
          SectionKeys.HOUR,
          SHIPPED.idleTimeout(),
          "An answer of which nothing comes for this is cut.");
  private static final ConfigKey<Integer> HEAD_BYTES_MAX =
      KEYS.size(
          "head_bytes_max",
          1 << 10,
          1 << 20,
          SHIPPED.headBytesMax(),
          "Bytes of the headers of an answer.");
  private static final ConfigKey<Integer> STREAMS_PER_KEY_MAX =
      KEYS.whole(
          "streams_per_key_max",
          1,
          100_000,
          SHIPPED.streamsPerKeyMax(),
          "Upgraded connections and event streams of one key.");
  private static final ConfigKey<Integer> EJECTION_FAILURES =
      KEYS.whole(
          "ejection_failures",
          1,
          1_000,
          SHIPPED.ejectionFailures(),
          "Failures in a row after which an upstream is left out for a while.");
  private static final ConfigKey<Duration> EJECTION_TIME =
      KEYS.span(
          "ejection_time",
          Duration.ofMillis(10),
          SectionKeys.HOUR,
          SHIPPED.ejectionTime(),
          "How long; longer by as much each further time, up to twelve times.");

  private UpstreamsSection() {}

  static UpstreamsConfig read(ConfigValues values) {
    return new UpstreamsConfig(
        values.get(CONNECTIONS_MAX),
        values.get(QUEUE_MAX),
        values.get(CONNECT_TIMEOUT),
        values.get(KEEP_ALIVE),
        values.get(IDLE_TIMEOUT),
        values.get(HEAD_BYTES_MAX),
        values.get(STREAMS_PER_KEY_MAX),
        values.get(EJECTION_FAILURES),
        values.get(EJECTION_TIME));
  }
}
