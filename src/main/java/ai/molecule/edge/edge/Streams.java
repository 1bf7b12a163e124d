package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lasts on one event loop: upgraded connections, event streams, and answers that take long. A
 * change of a key that this node is told of makes each of the key's streams be checked again, as
 * does a lost session for all of them; one whose key may not be used any more is ended. So that a
 * key's time may run out, all are checked every few seconds. Used on its event loop only.
 */
public final class Streams implements KeyCache.Listener {
  private static final long CHECK_MILLIS = 5_000;
  private static final long RECHECK_MILLIS = 1_000;

  /** With nobody to vouch for the key for so many checks a second apart, the stream ends. */
  private static final int UNKNOWN_MAX = 10;

  private final Vertx vertx;
  private final Gate gate;
  private final int perKeyMax;
  private final Map<KeyHash, Set<Stream>> byKey = new HashMap<>();
  private int open;

  /**
   * No streams yet.
   *
   * @param perKeyMax streams that a key may have on this loop
   */
  public Streams(Vertx vertx, Gate gate, int perKeyMax) {
    this.vertx = vertx;
    this.gate = gate;
    this.perKeyMax = perKeyMax;
    vertx.setPeriodic(CHECK_MILLIS, tick -> droppedAll());
  }

  /** Something that lasts. */
  final class Stream {
    private final KeyHash key;
    private final RouteSpec route;
    private final Exchange exchange;
    private final Runnable end;
    private boolean closed;
    private boolean checking;
    private boolean checkAgain;
    private int unknown;

    private Stream(KeyHash key, RouteSpec route, Exchange exchange, Runnable end) {
      this.key = key;
      this.route = route;
      this.exchange = exchange;
      this.end = end;
    }

    /** It is over. */
    void close() {
      if (!closed) {
        closed = true;
        Set<Stream> others = byKey.get(key);
        if (others != null && others.remove(this)) {
          open--;
          if (others.isEmpty()) {
            byKey.remove(key);
          }
        }
      }
    }

    /** A check that began before a change says nothing about the time after it. */
    private void check() {
      if (closed) {
        return;
      }
      if (checking) {
        checkAgain = true;
        return;
      }
      checking = true;
      checkAgain = false;
      gate.stillAdmits(key, route, exchange)
          .onComplete(
              admits -> {
                checking = false;
                unknown = 0;
                if (!admits) {
                  endNow();
                } else if (checkAgain) {
                  check();
                }
              },
              failure -> {
                checking = false;
                if (++unknown >= UNKNOWN_MAX) {
                  endNow();
                } else {
                  vertx.setTimer(RECHECK_MILLIS, later -> check());
                }
              });
    }

    private void endNow() {
      if (!closed) {
        close();
        end.run();
      }
    }
  }

  /** Whether a key has as many as it may have. */
  boolean isFull(KeyHash key) {
    Set<Stream> streams = byKey.get(key);
    return streams != null && streams.size() >= perKeyMax;
  }

  /**
   * Keeps an eye on a stream. Its key is checked at once: it may have changed since the request was
   * admitted.
   *
   * @param end ends the stream, when its key may not be used any more
   */
  Stream watch(KeyHash key, RouteSpec route, Exchange exchange, Runnable end) {
    Stream stream = new Stream(key, route, exchange, end);
    byKey.computeIfAbsent(key, first -> new HashSet<>()).add(stream);
    open++;
    stream.check();
    return stream;
  }

  /** Streams open now; from another thread, about. */
  public int open() {
    return open;
  }

  @Override
  public void dropped(KeyHash hash) {
    check(byKey.get(hash));
  }

  @Override
  public void droppedAll() {
    List<Set<Stream>> all = new ArrayList<>(byKey.values());
    all.forEach(this::check);
  }

  private void check(@Nullable Set<Stream> streams) {
    if (streams != null) {
      new ArrayList<>(streams).forEach(Stream::check);
    }
  }
}
