package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.redis.RedisAccess;
import ai.molecule.edge.redis.RedisScript;
import ai.molecule.edge.redis.ScriptCall;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records and token buckets in Redis that all nodes share. One an event loop, used on that loop
 * only. Fails as {@link RedisAccess} does; a call that may have run is never repeated.
 *
 * <p>With one server, what is asked in one turn of the event loop goes to it in one script.
 */
public final class SharedBuckets implements BucketStore {
  private static final RedisScript ADMIT = RedisScript.load(SharedBuckets.class, "admit.lua");
  private static final RedisScript PUT = RedisScript.load(SharedBuckets.class, "put.lua");

  /** Asks of one script at most: the server serves nobody else while it runs. */
  private static final int TOGETHER_MAX = 16;

  private static final Logger LOG = LoggerFactory.getLogger(SharedBuckets.class);

  private final RedisAccess redis;
  private final Runnable endOfTurn = this::askTogether;
  private List<AdmitAsk> turn = new ArrayList<>();

  /** The buckets behind {@code redis}. */
  public SharedBuckets(RedisAccess redis) {
    this.redis = redis;
  }

  @Override
  public Future<Incarnation> incarnation(String place) {
    return redis.incarnationOf(place);
  }

  @Override
  public String server(String bucketKey) {
    return redis.serverOf(bucketKey);
  }

  @Override
  public Future<AdmitReply> admit(
      String recordPlace,
      String bucketKey,
      long knownVersion,
      int neededMask,
      int cost,
      int want,
      long leaseSlotMicros,
      long outageStartMicros,
      long debit) {
    AdmitAsk ask =
        new AdmitAsk(
            recordPlace,
            bucketKey,
            knownVersion,
            neededMask,
            cost,
            want,
            leaseSlotMicros,
            outageStartMicros,
            debit,
            Promise.promise());
    if (!redis.isOneServer()) {
      askAlone(ask);
      return ask.future();
    }
    turn.add(ask);
    if (turn.size() == TOGETHER_MAX) {
      askTogether();
    } else if (turn.size() == 1) {
      redis.atEndOfTurn(endOfTurn);
    }
    return ask.future();
  }

  private void askTogether() {
    List<AdmitAsk> asks = turn;
    if (asks.isEmpty()) {
      return;
    }
    turn = new ArrayList<>(asks.size());
    if (asks.size() == 1) {
      askAlone(asks.getFirst());
      return;
    }
    redis
        .run(admitCall(asks))
        .onComplete(
            (answers, failure) -> {
              for (int i = 0; i < asks.size(); i++) {
                answer(asks.get(i), answers == null ? null : answers.get(i), failure);
              }
            });
  }

  /** A caller that fails at its answer does not keep the others from theirs. */
  private void answer(AdmitAsk ask, @Nullable Response answer, @Nullable Throwable failure) {
    try {
      if (failure != null) {
        ask.failed(failure);
      } else if (answer == null) {
        // Nothing was done for it: by itself it gets the error that says why.
        askAlone(ask);
      } else {
        ask.answered(answer);
      }
    } catch (RuntimeException defect) {
      LOG.error("an answer of the admit script was not taken", defect);
    }
  }

  private void askAlone(AdmitAsk ask) {
    redis
        .run(admitCall(List.of(ask)))
        .onComplete(
            (answer, failure) -> {
              if (failure == null) {
                ask.answered(answer);
              } else {
                ask.failed(failure);
              }
            });
  }

  private static ScriptCall admitCall(List<AdmitAsk> asks) {
    List<String> keys = new ArrayList<>(2 * asks.size());
    ByteBuffer bytes = ByteBuffer.allocate(AdmitAsk.BYTES_MAX * asks.size());
    for (AdmitAsk ask : asks) {
      keys.add(ask.recordPlace());
      keys.add(ask.bucketKey());
      ask.encode(bytes);
    }
    return new ScriptCall(ADMIT, keys, List.of(Arrays.copyOf(bytes.array(), bytes.position())));
  }

  @Override
  public Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl) {
    return redis.runUnder(noted, putCall(List.of(place), record, ttl)).map(PutReply::of);
  }

  @Override
  public Future<PutReply> putNow(
      String place, String bucketKey, Buffer record, Duration ttl, Duration fullBucketTtl) {
    boolean leaveBucket = fullBucketTtl.isZero();
    ScriptCall call =
        putCall(leaveBucket ? List.of(place) : List.of(place, bucketKey), record, ttl);
    return redis.run(call).map(PutReply::of);
  }

  private static ScriptCall putCall(List<String> keys, Buffer record, Duration ttl) {
    return new ScriptCall(PUT, keys, List.of(record, ttl.toMillis()));
  }
}
