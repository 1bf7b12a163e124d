package ai.molecule.edge.proxy;

import ai.molecule.edge.proxy.UpstreamClient.Waiter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The connections of one event loop to one upstream. Whoever asks gets the one used last; where
 * none is unused a new one is made, up to a bound, then up to another bound may wait, first come
 * first served. Used on its event loop only.
 *
 * <p>Invariant: each that is open or being made is counted once, until it has closed or could not
 * be made; nobody waits while there is an unused one or room for one more.
 */
final class ConnectionPool {
  private static final Pattern TIMEOUT = Pattern.compile("(?i)\\btimeout\\s*=\\s*\"?([0-9]{1,9})");

  private static final long MARGIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int connectionsMax;
  private final int waitingMax;
  private final long keptNanos;
  private final LongSupplier nanoClock;
  private final Connector connector;
  private final Deque<UpstreamConnection> unused = new ArrayDeque<>();
  private final Set<UpstreamConnection> open = new HashSet<>();
  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private int connecting;

  /**
   * No connections yet.
   *
   * @param connectionsMax how many there may be
   * @param waitingMax how many may wait for one
   * @param keptNanos how long one is kept unused
   */
  ConnectionPool(
      int connectionsMax,
      int waitingMax,
      long keptNanos,
      LongSupplier nanoClock,
      Connector connector) {
    this.connectionsMax = connectionsMax;
    this.waitingMax = waitingMax;
    this.keptNanos = keptNanos;
    this.nanoClock = nanoClock;
    this.connector = connector;
  }

  /** Makes connections. */
  interface Connector {
    /** Makes one; {@link #connected} or {@link #unconnected} of {@code pool} is called in turn. */
    void connect(ConnectionPool pool, Waiter waiter);
  }

  /** Gets a connection for {@code waiter}, at once where one is unused. */
  void acquire(Waiter waiter) {
    UpstreamConnection last = unused.pollLast();
    while (last != null && !last.isUsable(nanoClock.getAsLong())) {
      discard(last);
      last = unused.pollLast();
    }
    if (last != null) {
      handOut(last, waiter);
    } else if (hasRoom()) {
      connect(waiter);
    } else if (waiting.size() < waitingMax) {
      waiting.addLast(waiter);
    } else {
      waiter.unconnected(UpstreamOutcome.SATURATED);
    }
  }

  private boolean hasRoom() {
    return open.size() + connecting < connectionsMax;
  }

  private void connect(Waiter waiter) {
    connecting++;
    connector.connect(this, waiter);
  }

  /** One has been made for {@code waiter}. */
  void connected(UpstreamConnection made, Waiter waiter) {
    connecting--;
    open.add(made);
    made.kept(keptNanos);
    made.unused(nanoClock.getAsLong());
    handOut(made, waiter);
  }

  /** One that a waiter fails at is in nobody's hands: its place is not to be lost. */
  private static void handOut(UpstreamConnection connection, Waiter waiter) {
    try {
      waiter.connected(connection);
    } catch (RuntimeException defect) {
      connection.close();
      throw defect;
    }
  }

  /** None could be made for {@code waiter}; nothing has been sent. */
  void unconnected(UpstreamOutcome why, Waiter waiter) {
    connecting--;
    waiter.unconnected(why);
    connectForNext();
  }

  /** {@code waiter} does not need one any more. */
  void forget(Waiter waiter) {
    waiting.remove(waiter);
  }

  /** Nothing is under way over {@code connection} any more. */
  void released(UpstreamConnection connection) {
    connection.unused(nanoClock.getAsLong());
    Waiter next = waiting.pollFirst();
    if (next == null) {
      unused.addLast(connection);
    } else {
      handOut(connection, next);
    }
  }

  /** {@code connection} has ended. */
  void closed(UpstreamConnection connection) {
    if (open.remove(connection)) {
      unused.remove(connection);
      connectForNext();
    }
  }

  private void connectForNext() {
    if (!waiting.isEmpty() && hasRoom()) {
      connect(waiting.removeFirst());
    }
  }

  /** How long a connection may be unused after that answer; 0 when it is not to be used again. */
  long keptNanos(HttpResponse head) {
    if (!HttpUtil.isKeepAlive(head)) {
      return 0;
    }
    String said = head.headers().get(HttpHeaderNames.KEEP_ALIVE);
    if (said != null) {
      Matcher timeout = TIMEOUT.matcher(said);
      if (timeout.find()) {
        long saidNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(timeout.group(1)));
        // Its time began with the answer's sending; a request that meets its end is lost.
        return Math.min(keptNanos, saidNanos - Math.min(MARGIN_NANOS, saidNanos / 2));
      }
    }
    return keptNanos;
  }

  /** Closes what has been unused for too long, and what nothing has come over for so many looks. */
  void look(int looksMax) {
    long now = nanoClock.getAsLong();
    List.copyOf(unused).stream().filter(one -> !one.isUsable(now)).forEach(this::discard);
    List.copyOf(open).forEach(one -> one.look(looksMax));
  }

  /** Closing takes a moment; its place may be taken at once. */
  private void discard(UpstreamConnection connection) {
    unused.remove(connection);
    open.remove(connection);
    connection.close();
    connectForNext();
  }

  /** Whether it holds nothing. */
  boolean isEmpty() {
    return open.isEmpty() && connecting == 0 && waiting.isEmpty();
  }

  /** Closes all connections; nobody is served any more. */
  void close() {
    List<Waiter> left = List.copyOf(waiting);
    waiting.clear();
    left.forEach(waiter -> waiter.unconnected(UpstreamOutcome.REFUSED));
    List.copyOf(open).forEach(UpstreamConnection::close);
  }

  /** How many are open, for tests. */
  int open() {
    return open.size();
  }

  /** How many wait, for tests. */
  int waiting() {
    return waiting.size();
  }
}
