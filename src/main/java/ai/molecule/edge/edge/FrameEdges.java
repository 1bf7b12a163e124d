package ai.molecule.edge.edge;

import io.vertx.core.buffer.Buffer;

/**
 * Where frames end in the bytes of one side of a WebSocket (RFC 6455, section 5.2), so that a frame
 * may be put in between. Looks at heads alone, and trusts nobody: whatever comes, it only counts.
 */
final class FrameEdges {
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7f;
  private static final int TWO_BYTES = 126;
  private static final int EIGHT_BYTES = 127;
  private static final int MASK_BYTES = 4;

  private int headRead;
  private int headLength;
  private int lengthEnd;
  private long length;
  private long payloadLeft;

  /** Whether everything taken so far was whole frames. */
  boolean isBetweenFrames() {
    return headRead == 0 && payloadLeft == 0;
  }

  /** Takes all of {@code bytes}. */
  void take(Buffer bytes) {
    for (int at = 0; at < bytes.length(); ) {
      at = step(bytes, at);
    }
  }

  /**
   * Takes {@code bytes} up to the end of the frame that has begun.
   *
   * @return how many bytes those are; all of them when it does not end there
   */
  int takeToEdge(Buffer bytes) {
    int at = 0;
    while (at < bytes.length() && !isBetweenFrames()) {
      at = step(bytes, at);
    }
    return at;
  }

  private int step(Buffer bytes, int at) {
    if (payloadLeft > 0) {
      int part = (int) Math.min(payloadLeft, bytes.length() - at);
      payloadLeft -= part;
      return at + part;
    }
    head(bytes.getByte(at) & 0xff);
    return at + 1;
  }

  private void head(int octet) {
    headRead++;
    if (headRead == 1) {
      headLength = 2;
      return;
    }
    if (headRead == 2) {
      int coded = octet & LENGTH;
      int more = coded == TWO_BYTES ? 2 : coded == EIGHT_BYTES ? 8 : 0;
      length = more == 0 ? coded : 0;
      lengthEnd = 2 + more;
      headLength = lengthEnd + ((octet & MASKED) == 0 ? 0 : MASK_BYTES);
    } else if (headRead <= lengthEnd) {
      length = (length << 8 | octet) & Long.MAX_VALUE;
    }
    if (headRead == headLength) {
      headRead = 0;
      payloadLeft = length;
    }
  }
}
