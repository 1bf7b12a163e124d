package ai.molecule.edge.ratelimit;

import java.nio.ByteBuffer;

/** What admit.lua is asked, as the bytes of its argument; the layout is in the script's head. */
final class AdmitAsk {
  private static final int PLAIN_BYTES = 20;
  private static final int ALL_BYTES = 40;

  private AdmitAsk() {}

  /** The argument; for the parameters see {@link BucketStore#admit}. */
  static byte[] encode(
      long knownVersion,
      int neededMask,
      int cost,
      int want,
      long leaseSlotMicros,
      long outageStartMicros,
      long debit) {
    boolean plain = want <= cost && outageStartMicros == 0 && debit == 0;
    ByteBuffer bytes = ByteBuffer.allocate(plain ? PLAIN_BYTES : ALL_BYTES);
    bytes.putLong(knownVersion).putInt(neededMask).putInt(cost).putInt(want);
    if (!plain) {
      bytes.putInt((int) leaseSlotMicros).putLong(outageStartMicros).putLong(debit);
    }
    return bytes.array();
  }
}
