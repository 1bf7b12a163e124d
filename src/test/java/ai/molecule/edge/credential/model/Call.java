package ai.molecule.edge.credential.model;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/**
 * A call of the protocol to one of its ports that has not ended, with everything it was made under:
 * what its continuation has captured has to show in the fingerprint.
 */
final class Call {
  /** What is called. */
  enum Kind {
    /** {@code SessionStore.begin}. */
    BEGIN,
    /** {@code SessionStore.renew}. */
    RENEW,
    /** {@code SessionStore.confirm}. */
    CONFIRM,
    /** {@code SessionStore.announce}. */
    ANNOUNCE,
    /** {@code SessionStore.fence}. */
    FENCE,
    /** {@code BucketStore.admit}. */
    ADMIT,
    /** {@code BucketStore.put}. */
    PUT,
    /** {@code BucketStore.putNow}. */
    PUT_NOW,
    /** A read of the primary for a fill. */
    FIND_TO_FILL,
    /** A read of the primary because Redis does not answer. */
    FIND_TO_DECIDE,
    /** {@code NodeCaches.drop}. */
    DROP,
    /** {@code NodeCaches.dropAll}. */
    DROP_ALL;

    /** Whether it runs on the connection that LISTENs. */
    boolean isListening() {
      return this == BEGIN || this == RENEW || this == CONFIRM;
    }

    /** Whether it leaves nothing behind at the store. */
    boolean isRead() {
      return this == ADMIT || this == FIND_TO_FILL || this == FIND_TO_DECIDE;
    }
  }

  /** How far it is. */
  enum Stage {
    /** On its way. */
    ISSUED,
    /** Decided, not yet visible to others. */
    HALFWAY,
    /** Done; the answer is on its way. */
    EXECUTED
  }

  final int id;
  final Kind kind;
  final Promise<Object> promise = Promise.promise();
  Stage stage = Stage.ISSUED;

  /** Nobody waits for it any more. */
  boolean orphan;

  /** What the answer will be; a Throwable when it is a failure. */
  @Nullable Object result;

  int node = -1;
  int run = -1;
  @Nullable Request request;
  int issuedAt;
  long epoch;
  int connection;
  boolean reachesServer = true;

  /** A session, or a set of them as a mask. */
  int session = -1;

  int replaced = -1;
  long sessions;
  int endsAt;
  int version;
  int noted;

  /** Event loops that still have to do it. */
  int loopsLeft;

  boolean awaited;

  Call(int id, Kind kind) {
    this.id = id;
    this.kind = kind;
  }

  @SuppressWarnings("unchecked") // each port method knows what its call is answered with
  <T> Future<T> future() {
    return (Future<T>) (Future<?>) promise.future();
  }

  void answer() {
    if (result instanceof Throwable failure) {
      promise.fail(failure);
    } else {
      promise.complete(result);
    }
  }

  /** The call in words. */
  String describe() {
    String who =
        request != null
            ? "request " + request.id + ": "
            : run >= 0 ? "publication " + run + ": " : node >= 0 ? "node " + node + ": " : "";
    String step = stage == Stage.HALFWAY ? " (second step)" : "";
    return switch (kind) {
      case BEGIN, RENEW -> who + kind + " session " + session + step;
      case CONFIRM -> who + "CONFIRM by session " + session;
      case PUT, PUT_NOW -> who + kind + " version " + version;
      case ANNOUNCE, FENCE, ADMIT, FIND_TO_FILL, FIND_TO_DECIDE, DROP, DROP_ALL ->
          who + kind + step;
    };
  }
}
