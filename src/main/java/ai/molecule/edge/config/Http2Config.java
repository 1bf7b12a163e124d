package ai.molecule.edge.config;

import java.time.Duration;

/**
 * What one HTTP/2 connection may ask for. Beyond a limit it is closed (RFC 9113, section 10.5).
 *
 * @param streamsMax requests at once
 * @param resetsMax requests that it may cancel in {@code window}
 * @param controlFramesMax PING, SETTINGS, PRIORITY and unknown frames that it may send in {@code
 *     window}
 * @param continuationsMax CONTINUATION frames that one head may have when they are small
 * @param window how long resets and control frames are counted
 */
public record Http2Config(
    int streamsMax, int resetsMax, int controlFramesMax, int continuationsMax, Duration window) {

  /** The shipped settings. */
  public static Http2Config defaults() {
    return new Http2Config(100, 200, 2_000, 16, Duration.ofSeconds(30));
  }
}
