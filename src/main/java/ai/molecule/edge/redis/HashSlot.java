package ai.molecule.edge.redis;

import java.nio.charset.StandardCharsets;

/**
 * The slots of Redis Cluster: CRC-16 (XMODEM) of a key, or of what stands between its first braces
 * if that is not empty, modulo 16 384.
 */
final class HashSlot {
  /** How many there are. */
  static final int COUNT = 16_384;

  private static final int POLYNOMIAL = 0x1021;
  private static final int[] CRC = crcTable();

  private HashSlot() {}

  /** The slot of {@code key}. */
  static int of(String key) {
    int open = key.indexOf('{');
    int close = open < 0 ? -1 : key.indexOf('}', open + 1);
    String hashed = close > open + 1 ? key.substring(open + 1, close) : key;
    return crc16(hashed) % COUNT;
  }

  /** Where the tenure of {@code slot} stands: a name in that very slot. */
  static String tenurePlace(int slot) {
    return Places.OF_SLOT[slot];
  }

  private static int crc16(String text) {
    int crc = 0;
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      crc = ((crc << 8) & 0xffff) ^ CRC[((crc >>> 8) ^ each) & 0xff];
    }
    return crc;
  }

  private static int[] crcTable() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
      }
      table[i] = crc & 0xffff;
    }
    return table;
  }

  /** Made on first use: some 170 000 numbers are tried until each slot has one. */
  private static final class Places {
    private static final String[] OF_SLOT = find();

    private static String[] find() {
      String[] places = new String[COUNT];
      int missing = COUNT;
      for (int number = 0; missing > 0; number++) {
        String tag = Integer.toString(number, Character.MAX_RADIX);
        int slot = crc16(tag) % COUNT;
        if (places[slot] == null) {
          places[slot] = "o:{" + tag + "}";
          missing--;
        }
      }
      return places;
    }
  }
}
