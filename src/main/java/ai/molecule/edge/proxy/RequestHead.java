package ai.molecule.edge.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the heads of requests, one after the other, into an array of its own. What would end a
 * line where none ends is noticed, whoever sent it. One an event loop, used on it only.
 */
public final class RequestHead {
  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int BYTES_FIRST = 2_048;
  private static final byte DELETE = 0x7f;

  private byte[] bytes = new byte[BYTES_FIRST];
  private int length;
  private boolean malformed;

  /** Begins one. */
  public void begin(String method, String target) {
    length = 0;
    malformed = false;
    put(method);
    room(1);
    bytes[length++] = ' ';
    put(target.isEmpty() ? "/" : target);
    put(VERSION);
  }

  /** Adds a header. */
  public void header(CharSequence name, CharSequence value) {
    open(name);
    put(value);
    lineEnd();
  }

  /** Begins a header whose value is put together by {@link #value}, until {@link #close}. */
  public void open(CharSequence name) {
    put(name);
    room(2);
    bytes[length++] = ':';
    bytes[length++] = ' ';
  }

  /** Adds to the value of the header that was opened. */
  public RequestHead value(CharSequence text) {
    put(text);
    return this;
  }

  /** Ends the header that was opened. */
  public void close() {
    lineEnd();
  }

  /** Adds headers that have been rendered, each with the end of its line. */
  public void lines(byte[] rendered) {
    put(rendered);
  }

  /** Whether something in it was no part of a head. */
  public boolean isMalformed() {
    return malformed;
  }

  /** The head, whole. */
  public ByteBuf end(UpstreamConnection to) {
    lineEnd();
    return to.allocate(length).writeBytes(bytes, 0, length);
  }

  /** What has been written so far, for tests. */
  String text() {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  private void lineEnd() {
    room(2);
    bytes[length++] = '\r';
    bytes[length++] = '\n';
  }

  private void put(byte[] rendered) {
    room(rendered.length);
    System.arraycopy(rendered, 0, bytes, length, rendered.length);
    length += rendered.length;
  }

  @SuppressWarnings("deprecation") // the low bytes are what is wanted, and are looked at below
  private void put(CharSequence text) {
    int chars = text.length();
    room(chars);
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, length, chars);
    } else {
      text.toString().getBytes(0, chars, bytes, length);
    }
    int end = length + chars;
    for (int at = length; at < end; at++) {
      byte one = bytes[at];
      if ((one >= 0 && one < ' ' && one != '\t') || one == DELETE) {
        malformed = true;
      }
    }
    length = end;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
