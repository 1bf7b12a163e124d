package ai.molecule.edge.scan;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The next so many bytes of a stream, as a stream of their own. Closing it does nothing. */
final class BoundedStream extends InputStream {
  private final InputStream stream;
  private long left;

  BoundedStream(InputStream stream, long bytes) {
    this.stream = stream;
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = stream.read(bytes, offset, (int) Math.min(length, left));
    if (read < 0) {
      throw new EOFException("the stream ended " + left + " bytes early");
    }
    left -= read;
    return read;
  }

  /** Leaves the underlying stream behind the last of these bytes. */
  void skipRest() throws IOException {
    stream.skipNBytes(left);
    left = 0;
  }
}
