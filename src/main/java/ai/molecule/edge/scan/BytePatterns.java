package ai.molecule.edge.scan;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Searches bytes for any of some short texts of one length, as Horspool does: it looks at the last
 * byte of the window and moves on by as much as no text forbids. Immutable.
 */
final class BytePatterns {
  private static final int BYTE_VALUES = 256;

  private final byte[][] patterns;
  private final int length;
  private final int[] shiftByLast = new int[BYTE_VALUES];
  private final boolean[] endsOne = new boolean[BYTE_VALUES];

  private BytePatterns(byte[][] patterns, int length) {
    this.patterns = patterns;
    this.length = length;
  }

  /** Searches for these ASCII texts, all of one length. */
  static BytePatterns of(List<String> texts) {
    byte[][] ascii =
        texts.stream().map(text -> text.getBytes(StandardCharsets.US_ASCII)).toArray(byte[][]::new);
    int length = ascii[0].length;
    BytePatterns search = new BytePatterns(ascii, length);
    Arrays.fill(search.shiftByLast, length);
    for (byte[] pattern : ascii) {
      if (pattern.length != length) {
        throw new IllegalArgumentException("texts of different lengths: " + texts);
      }
      for (int i = 0; i < length - 1; i++) {
        int value = pattern[i] & 0xFF;
        search.shiftByLast[value] = Math.min(search.shiftByLast[value], length - 1 - i);
      }
      search.endsOne[pattern[length - 1] & 0xFF] = true;
    }
    return search;
  }

  /**
   * Where the next of the texts begins, at or after {@code from} and before {@code limit}; {@code
   * limit} when none does. It may reach beyond {@code limit}, not beyond {@code end}.
   */
  int next(byte[] bytes, int from, int limit, int end) {
    int stop = Math.min(limit, end - length + 1);
    int at = from;
    while (at < stop) {
      int last = bytes[at + length - 1] & 0xFF;
      if (endsOne[last] && oneStandsAt(bytes, at)) {
        return at;
      }
      at += shiftByLast[last];
    }
    return limit;
  }

  private boolean oneStandsAt(byte[] bytes, int at) {
    for (byte[] pattern : patterns) {
      if (Arrays.equals(bytes, at, at + length, pattern, 0, length)) {
        return true;
      }
    }
    return false;
  }
}
