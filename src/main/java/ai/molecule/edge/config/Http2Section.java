package ai.molecule.edge.config;

import java.time.Duration;

/** The section {@code http2}: what an HTTP/2 connection may ask for. */
final class Http2Section {
  static final SectionKeys KEYS = SectionKeys.of("http2");
  private static final Http2Config SHIPPED = Http2Config.defaults();

  private static final ConfigKey<Integer> STREAMS_MAX =
      KEYS.whole(
          "streams_max", 1, 10_000, SHIPPED.streamsMax(), "Requests at once on a connection.");
  private static final ConfigKey<Integer> RESETS_MAX =
      KEYS.whole(
          "resets_max",
          1,
          1_000_000,
          SHIPPED.resetsMax(),
          "Requests that a connection may cancel in http2.window; past it, it is closed.");
  private static final ConfigKey<Integer> CONTROL_FRAMES_MAX =
      KEYS.whole(
          "control_frames_max",
          10,
          1_000_000,
          SHIPPED.controlFramesMax(),
          "PING, SETTINGS, PRIORITY and unknown frames that a connection may send in http2.window;"
              + " past it, it is closed.");
  private static final ConfigKey<Integer> CONTINUATIONS_MAX =
      KEYS.whole(
          "continuations_max",
          1,
          1_000,
          SHIPPED.continuationsMax(),
          "Small CONTINUATION frames of one head; past it, the connection is closed.");
  private static final ConfigKey<Duration> WINDOW =
      KEYS.span(
          "window",
          Duration.ofSeconds(1),
          Duration.ofMinutes(10),
          SHIPPED.window(),
          "How long resets and control frames are counted, in whole seconds.");

  private Http2Section() {}

  static Http2Config read(ConfigValues values) {
    return new Http2Config(
        values.get(STREAMS_MAX),
        values.get(RESETS_MAX),
        values.get(CONTROL_FRAMES_MAX),
        values.get(CONTINUATIONS_MAX),
        values.get(WINDOW));
  }
}
