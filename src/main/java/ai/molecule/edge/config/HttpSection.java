package ai.molecule.edge.config;

import java.time.Duration;

/** The section {@code http}: the public listener. */
final class HttpSection {
  static final SectionKeys KEYS = SectionKeys.of("http");
  private static final HttpConfig SHIPPED = HttpConfig.defaults();

  private static final ConfigKey<String> HOST =
      KEYS.key("host", Kind.HOST, SHIPPED.host(), "Address the public listener binds to.");
  private static final ConfigKey<Integer> PORT =
      KEYS.key("port", Kind.PORT, SHIPPED.port(), "Port of the public listener; 0 takes any.");
  private static final ConfigKey<Integer> EVENT_LOOPS =
      KEYS.whole(
          "event_loops",
          0,
          256,
          SHIPPED.eventLoops(),
          "Threads that serve requests; 0 is one a core.");
  private static final ConfigKey<Integer> CONNECTIONS_MAX =
      KEYS.whole(
          "connections_max",
          1,
          1_000_000,
          SHIPPED.connectionsMax(),
          "Open connections; one more is closed at once.");
  private static final ConfigKey<Integer> HEADERS_MAX =
      KEYS.whole(
          "headers_max", 8, 1_000, SHIPPED.requests().headersMax(), "Headers of one request.");
  private static final ConfigKey<Integer> HEADERS_BYTES_MAX =
      KEYS.size(
          "headers_bytes_max",
          1 << 10,
          1 << 20,
          SHIPPED.requests().headersBytesMax(),
          "Bytes of all headers of one request together.");
  private static final ConfigKey<Integer> REQUEST_LINE_BYTES_MAX =
      KEYS.size(
          "request_line_bytes_max",
          1 << 8,
          1 << 16,
          SHIPPED.requests().requestLineBytesMax(),
          "Bytes of the request line.");
  private static final ConfigKey<Integer> BODY_BYTES_MAX =
      KEYS.size(
          "body_bytes_max",
          1 << 10,
          1 << 24,
          SHIPPED.requests().bodyBytesMax(),
          "Bytes of a body that the control plane reads.");
  private static final ConfigKey<Duration> IDLE_TIMEOUT =
      KEYS.span(
          "idle_timeout",
          Duration.ofSeconds(1),
          SectionKeys.HOUR,
          SHIPPED.idleTimeout(),
          "A connection with no traffic and no answer awaited is closed after this.");
  private static final ConfigKey<Duration> HEADER_TIMEOUT =
      KEYS.span(
          "header_timeout",
          Duration.ofMillis(100),
          SectionKeys.MINUTE,
          SHIPPED.requests().headerTimeout(),
          "The headers of a request must be there within this.");
  private static final ConfigKey<Duration> BODY_TIMEOUT =
      KEYS.span(
          "body_timeout",
          Duration.ofMillis(100),
          Duration.ofMinutes(10),
          SHIPPED.requests().bodyTimeout(),
          "The body of a request must be there within this.");

  private HttpSection() {}

  static HttpConfig read(ConfigValues values) {
    return new HttpConfig(
        values.get(HOST),
        values.get(PORT),
        values.get(EVENT_LOOPS),
        values.get(CONNECTIONS_MAX),
        values.get(IDLE_TIMEOUT),
        new RequestBounds(
            values.get(HEADERS_MAX),
            values.get(HEADERS_BYTES_MAX),
            values.get(REQUEST_LINE_BYTES_MAX),
            values.get(BODY_BYTES_MAX),
            values.get(HEADER_TIMEOUT),
            values.get(BODY_TIMEOUT)),
        new FrontConfig(
            TlsSection.read(values),
            Http2Section.read(values),
            CallersSection.proxyProtocol(values),
            CallersSection.read(values)));
  }
}
