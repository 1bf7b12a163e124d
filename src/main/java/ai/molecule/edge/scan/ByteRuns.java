package ai.molecule.edge.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Counts and removes single bytes, eight at a time where there are so many. */
final class ByteRuns {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_BITS = 0x7F7F7F7F7F7F7F7FL;
  private static final long NEWLINES = 0x0A0A0A0A0A0A0A0AL;

  private ByteRuns() {}

  /** How many newlines are in {@code bytes[from, to)}. */
  static int newlines(byte[] bytes, int from, int to) {
    int count = 0;
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      count += Long.bitCount(zeroBytes((long) LONGS.get(bytes, at) ^ NEWLINES));
    }
    for (; at < to; at++) {
      count += bytes[at] == '\n' ? 1 : 0;
    }
    return count;
  }

  /** Removes the NULs of {@code bytes[from, to)}, and answers where the rest ends. */
  static int withoutNuls(byte[] bytes, int from, int to) {
    int at = firstNul(bytes, from, to);
    int end = at;
    for (; at < to; at++) {
      if (bytes[at] != 0) {
        bytes[end++] = bytes[at];
      }
    }
    return end;
  }

  private static int firstNul(byte[] bytes, int from, int to) {
    int at = from;
    while (at <= to - Long.BYTES && zeroBytes((long) LONGS.get(bytes, at)) == 0) {
      at += Long.BYTES;
    }
    while (at < to && bytes[at] != 0) {
      at++;
    }
    return at;
  }

  /** The highest bit of each byte that is zero, exactly (Warren, Hacker's Delight, 6-1). */
  private static long zeroBytes(long word) {
    return ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
  }
}
