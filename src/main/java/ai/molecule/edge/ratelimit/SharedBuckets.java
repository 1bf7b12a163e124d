package ai.molecule.edge.ratelimit;

import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.redis.RedisAccess;
import ai.molecule.edge.redis.RedisScript;
import ai.molecule.edge.redis.ScriptCall;
import io.vertx.core.Completable;
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
  private List<Waiting> turn = new ArrayList<>();

  /**
   * An ask, and who waits for its answer.
   *
   * @param answer fails as the call to Redis does, or when the bytes are no answer
   */
  private record Waiting(AdmitAsk ask, Promise<AdmitReply> answer)
      implements Completable<Response> {
    @Override
    public void complete(@Nullable Response bytes, @Nullable Throwable failure) {
      if (bytes == null) {
        answer.fail(failure == null ? new IllegalStateException("no answer") : failure);
        return;
      }
      AdmitReply reply;
      try {
        reply = AdmitReply.of(bytes.toBuffer(), ask);
      } catch (RuntimeException broken) {
        answer.fail(broken);
        return;
      }
      answer.complete(reply);
    }
  }

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
  public long awayNanos(String bucketKey) {
    return redis.awayNanos(bucketKey);
  }

  @Override
  public Future<AdmitReply> admit(AdmitAsk ask) {
    Waiting waiting = new Waiting(ask, Promise.promise());
    if (!redis.isOneServer()) {
      askAlone(waiting);
      return waiting.answer.future();
    }
    turn.add(waiting);
    if (turn.size() == TOGETHER_MAX) {
      askTogether();
    } else if (turn.size() == 1) {
      redis.atEndOfTurn(endOfTurn);
    }
    return waiting.answer.future();
  }

  private void askTogether() {
    List<Waiting> asked = turn;
    if (asked.isEmpty()) {
      return;
    }
    turn = new ArrayList<>(asked.size());
    if (asked.size() == 1) {
      askAlone(asked.getFirst());
      return;
    }
    redis
        .run(admitCall(asked))
        .onComplete(
            (answers, failure) -> {
              for (int i = 0; i < asked.size(); i++) {
                answer(asked.get(i), answers == null ? null : answers.get(i), failure);
              }
            });
  }

  /** A caller that fails at its answer does not keep the others from theirs. */
  private void answer(Waiting waiting, @Nullable Response bytes, @Nullable Throwable failure) {
    try {
      if (bytes == null && failure == null) {
        // Nothing was done for it: by itself it gets the error that says why.
        askAlone(waiting);
      } else {
        waiting.complete(bytes, failure);
      }
    } catch (RuntimeException defect) {
      LOG.error("an answer of the admit script was not taken", defect);
    }
  }

  private void askAlone(Waiting waiting) {
    redis.run(admitCall(List.of(waiting))).onComplete(waiting);
  }

  private static ScriptCall admitCall(List<Waiting> asked) {
    List<String> keys = new ArrayList<>(2 * asked.size());
    ByteBuffer bytes = ByteBuffer.allocate(AdmitAsk.BYTES_MAX * asked.size());
    for (Waiting waiting : asked) {
      keys.add(waiting.ask.recordPlace());
      keys.add(waiting.ask.bucketKey());
      waiting.ask.encode(bytes);
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
