package ai.molecule.edge.credential;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** The alphabet and checksum of credentials: digits {@code 0-9A-Za-z}, CRC-32 as six of them. */
final class Base62 {
  static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  static final int CHECKSUM_CHARS = 6;

  private static final byte[] DIGITS = ALPHABET.getBytes(StandardCharsets.US_ASCII);
  private static final boolean[] IS_DIGIT = isDigit();

  private Base62() {}

  /** Whether {@code ascii[from, to)} are all digits of the alphabet. */
  static boolean areDigits(byte[] ascii, int from, int to) {
    for (int i = from; i < to; i++) {
      if (ascii[i] < 0 || !IS_DIGIT[ascii[i]]) {
        return false;
      }
    }
    return true;
  }

  /** The CRC-32 of {@code ascii[0, length)} as six digits, left-padded with 0. */
  static byte[] checksum(byte[] ascii, int length) {
    CRC32 crc = new CRC32();
    crc.update(ascii, 0, length);
    long rest = crc.getValue();
    byte[] digits = new byte[CHECKSUM_CHARS];
    for (int i = CHECKSUM_CHARS - 1; i >= 0; i--) {
      digits[i] = DIGITS[(int) (rest % 62)];
      rest /= 62;
    }
    return digits;
  }

  /** Whether the last six of {@code ascii[0, length)} are the checksum of what is before them. */
  static boolean checksumHolds(CRC32 crc, byte[] ascii, int length) {
    crc.reset();
    crc.update(ascii, 0, length - CHECKSUM_CHARS);
    long rest = crc.getValue();
    for (int i = length - 1; i >= length - CHECKSUM_CHARS; i--) {
      if (ascii[i] != DIGITS[(int) (rest % 62)]) {
        return false;
      }
      rest /= 62;
    }
    return true;
  }

  private static boolean[] isDigit() {
    boolean[] digit = new boolean[128];
    for (byte b : DIGITS) {
      digit[b] = true;
    }
    return digit;
  }
}
