package ai.molecule.edge.exchange;

import ai.molecule.edge.ratelimit.Decision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An answer of HTTP/1.1, put together byte by byte in memory that is kept from one to the next. One
 * an event loop.
 */
public final class AnswerBytes implements HeaderSink {
  private static final int STATUS_FROM = 200;
  private static final int STATUS_TO = 599;
  private static final byte[][] STATUS_LINES = statusLines();
  private static final int BYTES_AT_FIRST = 4_096;
  private static final int DIGITS_MAX = 19;
  private static final AsciiString CONTENT_LENGTH =
      AsciiString.of(HttpHeaders.CONTENT_LENGTH.toString());
  private static final AsciiString RATE_LIMIT = AsciiString.of("RateLimit");
  private static final AsciiString LEFT = AsciiString.of("\"key\";r=");
  private static final AsciiString FULL_IN = AsciiString.of(";t=");

  private byte[] bytes = new byte[BYTES_AT_FIRST];
  private int length;

  /** Begins anew, with the line of {@code status}. */
  void begin(int status) {
    length = 0;
    put(STATUS_LINES[status - STATUS_FROM]);
  }

  @Override
  public void add(CharSequence name, CharSequence value) {
    header(name, value);
  }

  /** One more header. */
  void header(CharSequence name, CharSequence value) {
    room(name.length() + value.length() + 4);
    text(name);
    separator();
    text(value);
    lineEnd();
  }

  @Override
  public void state(Decision decision) {
    room(RATE_LIMIT.length() + LEFT.length() + FULL_IN.length() + 2 * DIGITS_MAX + 4);
    text(RATE_LIMIT);
    separator();
    text(LEFT);
    digits(decision.remaining());
    text(FULL_IN);
    digits(RateLimitHeaders.fullInSeconds(decision));
    lineEnd();
  }

  /** The last of it: the length of the body, and the body, in three pieces. */
  void end(byte[] before, CharSequence between, byte[] after) {
    int bodyBytes = before.length + between.length() + after.length;
    room(CONTENT_LENGTH.length() + DIGITS_MAX + 6 + bodyBytes);
    text(CONTENT_LENGTH);
    separator();
    digits(bodyBytes);
    lineEnd();
    lineEnd();
    put(before);
    text(between);
    put(after);
  }

  /** A copy of the whole, for the caller to write or to release. */
  public ByteBuf copy(ByteBufAllocator allocator) {
    return allocator.directBuffer(length).writeBytes(bytes, 0, length);
  }

  private void put(byte[] more) {
    room(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  private void text(CharSequence text) {
    int chars = text.length();
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, length, chars);
    } else {
      for (int at = 0; at < chars; at++) {
        bytes[length + at] = (byte) text.charAt(at);
      }
    }
    length += chars;
  }

  private void digits(long number) {
    int count = 1;
    for (long rest = number / 10; rest > 0; rest /= 10) {
      count++;
    }
    long rest = number;
    for (int at = length + count - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += count;
  }

  private void separator() {
    bytes[length++] = ':';
    bytes[length++] = ' ';
  }

  private void lineEnd() {
    bytes[length++] = '\r';
    bytes[length++] = '\n';
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  private static byte[][] statusLines() {
    byte[][] lines = new byte[STATUS_TO + 1 - STATUS_FROM][];
    for (int code = STATUS_FROM; code <= STATUS_TO; code++) {
      String line = HttpVersion.HTTP_1_1 + " " + HttpResponseStatus.valueOf(code) + "\r\n";
      lines[code - STATUS_FROM] = line.getBytes(StandardCharsets.US_ASCII);
    }
    return lines;
  }
}
