package ai.molecule.edge.ratelimit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.nio.ByteBuffer;

/**
 * What admit.lua is asked for one request, and who waits for the answer. The layout of its bytes is
 * in the script's head. For the parameters see {@link BucketStore#admit}.
 */
record AdmitAsk(
    String recordPlace,
    String bucketKey,
    long knownVersion,
    int neededMask,
    int cost,
    int want,
    long leaseSlotMicros,
    long outageStartMicros,
    long debit,
    Promise<AdmitReply> answer) {
  /** Bytes of an ask at most. */
  static final int BYTES_MAX = 41;

  /** Appends this ask to those before it. */
  void encode(ByteBuffer to) {
    boolean plain = want <= cost && outageStartMicros == 0 && debit == 0;
    to.putLong(knownVersion).putInt(neededMask).putInt(cost).putInt(want);
    to.put((byte) (plain ? 0 : 1));
    if (!plain) {
      to.putInt((int) leaseSlotMicros).putLong(outageStartMicros).putLong(debit);
    }
  }

  Future<AdmitReply> future() {
    return answer.future();
  }

  void answered(Response reply) {
    answered(reply.toBuffer());
  }

  /** Fails the future when the bytes are no answer. */
  void answered(Buffer bytes) {
    AdmitReply reply;
    try {
      reply = AdmitReply.of(bytes, knownVersion, cost);
    } catch (RuntimeException broken) {
      answer.fail(broken);
      return;
    }
    answer.complete(reply);
  }

  void failed(Throwable failure) {
    answer.fail(failure);
  }
}
