package ai.molecule.edge.redis;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A connection that is up, with a deadline on each command. All deadlines are equally long but for
 * the moment in which another node comes or goes, so they expire in the order of sending and one
 * queue with one timer serves them all. A server that stops answering altogether is given up:
 * {@code onLost} is called once. Used on its event loop only.
 *
 * <p>The commands of one turn of the event loop go out in one write. The client answers such a
 * batch as a whole: when one of its commands is answered with an error, the other answers are lost,
 * and those commands may have run. So for a moment after an error each command goes out by itself.
 */
final class LiveConnection {
  /** Deadlines without any answer after which a server counts as hung. */
  static final int HUNG_AFTER_DEADLINES = 10;

  /** For how long an error is taken for a sign of more to come. */
  private static final long APART_NANOS = 1_000_000_000;

  private final Vertx vertx;
  private final Redis client;
  private final RedisConnection connection;
  private final long aloneNanos;
  private final long sharedNanos;
  private final BooleanSupplier besideOthers;
  private final int inFlightMax;
  private final Runnable onLost;
  private final ArrayDeque<Pending> unexpired = new ArrayDeque<>();
  private final Set<RedisScript> sentInFull = new HashSet<>();
  private List<Pending> turn = new ArrayList<>();
  private int unanswered;
  private long silentSinceNanos;
  private boolean timerArmed;
  private boolean lost;
  private long apartUntilNanos = System.nanoTime();
  private Incarnation incarnation;

  LiveConnection(
      Vertx vertx,
      Redis client,
      RedisConnection connection,
      Incarnation incarnation,
      RedisConfig config,
      BooleanSupplier besideOthers,
      Runnable onLost) {
    this.vertx = vertx;
    this.client = client;
    this.connection = connection;
    this.incarnation = incarnation;
    this.aloneNanos = config.commandTimeout().toNanos();
    this.sharedNanos = config.sharedCommandTimeout().toNanos();
    this.besideOthers = besideOthers;
    this.inFlightMax = config.inFlightMax();
    this.onLost = onLost;
  }

  /** Begins to watch for the connection's end. */
  void watch() {
    connection.exceptionHandler(failure -> lose());
    connection.endHandler(end -> lose());
  }

  Incarnation incarnation() {
    return incarnation;
  }

  void incarnation(Incarnation now) {
    this.incarnation = now;
    sentInFull.clear();
  }

  /** Whether a script has to be sent in full now: its first time here. The server keeps it. */
  boolean isFirst(RedisScript script) {
    return sentInFull.add(script);
  }

  boolean isSaturated() {
    return unanswered >= inFlightMax;
  }

  /** The answer; fails with {@link RedisUnavailable} or {@link RedisErrorReply}. */
  Future<Response> send(Request request) {
    if (lost) {
      return Future.failedFuture(RedisUnavailable.NOT_CONNECTED);
    }
    if (isSaturated()) {
      return Future.failedFuture(RedisUnavailable.SATURATED);
    }
    long now = System.nanoTime();
    long timeoutNanos = timeoutNanos();
    Pending pending = new Pending(request, now + timeoutNanos);
    if (unanswered++ == 0) {
      silentSinceNanos = now;
    }
    unexpired.add(pending);
    arm(timeoutNanos);
    turn.add(pending);
    if (turn.size() == 1) {
      vertx.runOnContext(end -> write());
    }
    return pending.promise.future();
  }

  private long timeoutNanos() {
    return besideOthers.getAsBoolean() ? sharedNanos : aloneNanos;
  }

  /** The end of a turn: what was sent in it goes out. */
  private void write() {
    List<Pending> sent = turn;
    turn = new ArrayList<>(sent.size());
    if (lost) {
      return;
    }
    if (sent.size() == 1 || System.nanoTime() - apartUntilNanos < 0) {
      for (Pending each : sent) {
        connection.send(each.request).onComplete(answer -> answered(each, answer));
      }
      return;
    }
    List<Request> requests = new ArrayList<>(sent.size());
    for (Pending pending : sent) {
      requests.add(pending.request);
    }
    connection
        .batch(requests)
        .onComplete(
            answers -> {
              for (int i = 0; i < sent.size(); i++) {
                Pending pending = sent.get(i);
                if (answers.succeeded()) {
                  answered(pending, Future.succeededFuture(answers.result().get(i)));
                } else {
                  answered(pending, Future.failedFuture(BatchError.of(answers.cause(), i)));
                }
              }
            });
  }

  private void answered(Pending pending, AsyncResult<Response> answer) {
    unanswered--;
    silentSinceNanos = System.nanoTime();
    // Answers come in the order of sending, so what is done stands at the front.
    pending.done = true;
    while (!unexpired.isEmpty() && unexpired.peek().done) {
      unexpired.poll();
    }
    if (answer.failed()) {
      apartUntilNanos = silentSinceNanos + APART_NANOS;
    }
    if (answer.succeeded()) {
      pending.promise.tryComplete(answer.result());
    } else if (answer.cause() instanceof RedisErrorReply reply) {
      pending.promise.tryFail(reply);
    } else if (answer.cause() instanceof Response) {
      pending.promise.tryFail(new RedisErrorReply(answer.cause().toString()));
    } else {
      pending.promise.tryFail(RedisUnavailable.LOST);
    }
  }

  private void arm(long delayNanos) {
    if (!timerArmed && !lost) {
      timerArmed = true;
      long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, delayNanos)) + 1;
      vertx.setTimer(millis, id -> expireSoon());
    }
  }

  /**
   * Deadlines are over, but this loop may be late itself: answers that are waiting in the socket
   * are read before any command counts as unanswered.
   */
  private void expireSoon() {
    if (unexpired.isEmpty() || unexpired.peek().done) {
      expire();
    } else {
      vertx.setTimer(1, id -> expire());
    }
  }

  private void expire() {
    timerArmed = false;
    long now = System.nanoTime();
    while (!unexpired.isEmpty()) {
      Pending oldest = unexpired.peek();
      if (!oldest.done && oldest.deadlineNanos - now > 0) {
        arm(oldest.deadlineNanos - now);
        break;
      }
      unexpired.poll();
      oldest.done = true;
      oldest.promise.tryFail(RedisUnavailable.TIMED_OUT);
    }
    if (lost || unanswered == 0) {
      return;
    }
    if (now - silentSinceNanos > Math.max(HUNG_AFTER_DEADLINES * aloneNanos, 2 * sharedNanos)) {
      lose();
    } else {
      arm(timeoutNanos());
    }
  }

  /** Closes the connection; commands without an answer fail. */
  void lose() {
    if (lost) {
      return;
    }
    lost = true;
    onLost.run();
    while (!unexpired.isEmpty()) {
      unexpired.poll().promise.tryFail(RedisUnavailable.LOST);
    }
    client.close();
  }

  private static final class Pending {
    private final Promise<Response> promise = Promise.promise();
    private final Request request;
    private final long deadlineNanos;
    private boolean done;

    private Pending(Request request, long deadlineNanos) {
      this.request = request;
      this.deadlineNanos = deadlineNanos;
    }
  }
}
