package ai.molecule.edge.controlplane.webhooks;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The header {@code Retry-After}: RFC 9110, section 10.2.3. Stateless. */
final class RetryAfter {
  private RetryAfter() {}

  /** How long to wait from {@code now} on; zero for no header or one that says nothing. */
  static Duration parse(@Nullable String header, Instant now) {
    if (header == null) {
      return Duration.ZERO;
    }
    String text = header.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant at = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
      return at.isAfter(now) ? Duration.between(now, at) : Duration.ZERO;
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }
}
