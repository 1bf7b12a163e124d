package ai.molecule.edge.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** One JSON object a line, with the keys of {@link LogKeys}; numbers stay numbers. */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = {};

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder json = new StringBuilder(256);
    json.append('{');
    text(json, LogKeys.TIME, Instant.ofEpochMilli(event.getTimeStamp()).toString());
    text(json.append(','), LogKeys.LEVEL, event.getLevel().toString());
    text(json.append(','), LogKeys.LOGGER, event.getLoggerName());
    text(json.append(','), LogKeys.THREAD, event.getThreadName());
    text(json.append(','), LogKeys.MESSAGE, String.valueOf(event.getFormattedMessage()));
    @Nullable List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        json.append(',');
        value(json, pair.key, pair.value);
      }
    }
    @Nullable IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      text(json.append(','), LogKeys.ERROR, ThrowableProxyUtil.asString(failure));
    }
    return json.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void value(StringBuilder json, String key, @Nullable Object value) {
    if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      quoted(json, key);
      json.append(':').append(value);
    } else {
      text(json, key, String.valueOf(value));
    }
  }

  private static void text(StringBuilder json, String key, String value) {
    quoted(json, key);
    json.append(':');
    quoted(json, value);
  }

  private static void quoted(StringBuilder json, String text) {
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    json.append('"');
  }
}
