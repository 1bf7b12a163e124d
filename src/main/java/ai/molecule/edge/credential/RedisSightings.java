package ai.molecule.edge.credential;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node has heard from Redis last, and since when it misses what it does not hear: by bucket,
 * and by the server that decides about it. One for the node, safe on any thread. Bounded: beyond
 * the bound a node knows less, and only waits longer.
 */
final class RedisSightings {
  /** Lineages whose last answer is remembered at most. */
  private static final int LINEAGES_MAX = 200_000;

  /** Servers whose last answer is remembered at most. */
  private static final int SERVERS_MAX = 2_000;

  /** Time between two misses at most, if it counts as missed in between as well. */
  private static final long MISSES_APART_NANOS_MAX = 500_000_000;

  /** No answer comes later than this: the longest deadline, and as much again. */
  private static final long ANSWER_LATE_MICROS_MAX = 2_000_000;

  private final LongSupplier nanoClock;
  private final Map<KeyHash, Sighting> lineages = new ConcurrentHashMap<>();
  private final Map<String, Server> servers = new ConcurrentHashMap<>();

  /** Nothing has been heard but for a single server, which is missed from now on. */
  RedisSightings(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    server("");
  }

  /**
   * The last answer about a bucket.
   *
   * @param server that gave it
   * @param remaining whole tokens left
   * @param nanos when it was here
   * @param redisMicros when it was by the server's clock
   */
  record Sighting(String server, long remaining, long nanos, long redisMicros) {
    /**
     * What Redis said last: event loops hear its answers in any order, and one that is overtaken
     * tells of tokens that are gone. Another server's clock is another clock, and so is one that
     * went back by more than an answer can be late.
     */
    static Sighting later(Sighting known, Sighting heard) {
      long behind = known.redisMicros - heard.redisMicros;
      boolean overtaken =
          known.server.equals(heard.server)
              && (behind > 0 && behind < ANSWER_LATE_MICROS_MAX
                  || behind == 0 && known.remaining < heard.remaining);
      return overtaken ? known : heard;
    }
  }

  /** A server as the whole node knows it: its last answer, and since when it has been missed. */
  private static final class Server {
    private volatile Sighting last;
    private boolean missed;
    private long missedSinceNanos;
    private long missedLastNanos;

    private Server(Sighting unheard) {
      this.last = unheard;
    }

    private synchronized void answered(Sighting sighting) {
      last = sighting;
      missed = false;
    }

    private synchronized long missed(long nowNanos, long awayNanos) {
      if (!missed || nowNanos - missedLastNanos > MISSES_APART_NANOS_MAX) {
        missedSinceNanos = nowNanos;
      }
      missed = true;
      missedLastNanos = nowNanos;
      missedSinceNanos = earlier(missedSinceNanos, nowNanos - awayNanos);
      return later(missedSinceNanos, last.nanos);
    }
  }

  /** {@code server} has just said how many tokens are left for a lineage. */
  void saw(KeyHash root, String server, long remaining, long redisMicros) {
    Sighting sighting = new Sighting(server, remaining, nanoClock.getAsLong(), redisMicros);
    server(server).answered(sighting);
    if (lineages.size() < LINEAGES_MAX || lineages.containsKey(root)) {
      lineages.merge(root, sighting, Sighting::later);
    }
  }

  /** The last answer about the bucket of a lineage, or null. */
  @Nullable Sighting of(KeyHash root) {
    return lineages.get(root);
  }

  /** The last answer of a server, about whichever bucket. */
  Sighting ofServer(String name) {
    return server(name).last;
  }

  /**
   * Somebody misses a server. That nothing was heard says nothing, perhaps nothing was asked: what
   * counts is that it was missed again and again, or that there was no connection. An answer about
   * the very bucket counts whoever gave it: event loops may not agree yet which server of a cluster
   * decides.
   *
   * @param awayNanos for how long there has been no connection
   * @return {@link System#nanoTime} since when it has certainly been missed
   */
  long missed(KeyHash root, String server, long awayNanos) {
    long silent = server(server).missed(nanoClock.getAsLong(), awayNanos);
    Sighting sighted = lineages.get(root);
    return sighted == null ? silent : later(silent, sighted.nanos());
  }

  /** One never heard was heard last at this very moment, in which it is missed. */
  private Server server(String name) {
    Server known = servers.get(name);
    if (known != null) {
      return known;
    }
    if (servers.size() >= SERVERS_MAX) {
      // Servers come and go.
      servers.clear();
    }
    return servers.computeIfAbsent(
        name, unheard -> new Server(new Sighting(name, 0, nanoClock.getAsLong(), 0)));
  }

  private static long later(long nanos, long otherNanos) {
    return nanos - otherNanos >= 0 ? nanos : otherNanos;
  }

  private static long earlier(long nanos, long otherNanos) {
    return nanos - otherNanos >= 0 ? otherNanos : nanos;
  }
}
