package ai.molecule.edge.ratelimit;

import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This node's share of each limit, for the time in which Redis is away. A share is the limit
 * divided by the nodes last known alive, at least one token; it begins with the tokens this node
 * knows to be left and refills from the moment the outage began. What is given out is remembered
 * and settled with Redis afterwards ({@link #takeSpent}).
 *
 * <p>Safe on any thread; one for the whole node. Bounded: when there is no room and no full bucket
 * to forget, further keys are refused for a second rather than let through uncounted.
 */
public final class LocalBuckets {
  /** Buckets a node holds unless told otherwise. */
  public static final int BUCKETS_MAX_DEFAULT = 200_000;

  private static final long UNITS_A_TOKEN = 60_000_000L;
  private static final long NO_ROOM_RETRY_MILLIS = 1_000;
  private static final int FORGET_SCAN_MAX = 64;

  private final int bucketsMax;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
  private final Object scanLock = new Object();
  private Iterator<Bucket> scan = buckets.values().iterator();

  /**
   * No buckets yet.
   *
   * @param bucketsMax how many are held at most
   * @param nanoTime a monotonic clock, nanoseconds
   */
  public LocalBuckets(int bucketsMax, LongSupplier nanoTime) {
    this.bucketsMax = bucketsMax;
    this.nanoTime = nanoTime;
  }

  /**
   * What an outage leaves to this node for one key.
   *
   * @param nodes nodes last known alive, this one included
   * @param startTokens tokens known to be left when the outage began: the last answer of Redis when
   *     this is the only node, else 0
   * @param startNanos when the outage began, by the clock of these buckets
   */
  public record Share(int nodes, long startTokens, long startNanos) {
    public Share {
      if (nodes < 1 || startTokens < 0) {
        throw new IllegalArgumentException("a share needs a node, and no negative tokens");
      }
    }
  }

  /**
   * Decides about a request of the lineage {@code root} that costs {@code cost} tokens.
   *
   * @param share asked while the bucket is held, so that whatever became known before an earlier
   *     bucket was forgotten counts; an outage that began earlier than the one known gives nothing
   */
  public Decision take(String root, Limit limit, int cost, Supplier<Share> share) {
    while (true) {
      Bucket bucket = buckets.get(root);
      if (bucket == null) {
        if (buckets.size() >= bucketsMax && !forgetFull()) {
          return noRoom(limit);
        }
        bucket = buckets.computeIfAbsent(root, absent -> new Bucket(root));
      }
      Decision decision = bucket.take(limit, cost, share, nanoTime);
      if (decision != null) {
        return decision;
      }
      // Settled by another thread in between: what would be given out there would never be owed.
    }
  }

  private static Decision noRoom(Limit limit) {
    return new Decision(
        Decision.Outcome.LIMITED,
        limit,
        0,
        limit.fullSeconds() * 1_000,
        NO_ROOM_RETRY_MILLIS,
        Decision.Source.LOCAL);
  }

  /**
   * Tokens given out for {@code root} since they were last asked for; its bucket is forgotten.
   * Asked when Redis is back, and passed on as a debit, once.
   */
  public long takeSpent(String root) {
    Bucket bucket = buckets.remove(root);
    return bucket == null ? 0 : bucket.settle();
  }

  /**
   * Tokens given out for {@code root} that the shared bucket has not been told of; asked when Redis
   * is back. They stay owed until {@link #endSettlement}.
   *
   * @return the tokens, or -1 while another settlement of this lineage is under way
   */
  public long beginSettlement(String root) {
    Bucket bucket = buckets.get(root);
    return bucket == null ? 0 : bucket.beginSettlement();
  }

  /**
   * Ends a settlement.
   *
   * @param tokens what {@link #beginSettlement} returned
   * @param taken whether the shared bucket was told; else they are still owed
   * @return whether anything is owed still
   */
  public boolean endSettlement(String root, long tokens, boolean taken) {
    Bucket bucket = buckets.get(root);
    if (bucket == null) {
      return false;
    }
    if (bucket.endSettlement(tokens, taken)) {
      buckets.remove(root, bucket);
      return false;
    }
    return true;
  }

  /** Buckets held now. */
  public int size() {
    return buckets.size();
  }

  /** Forgets full buckets among the next few: a new one would be as full. */
  private boolean forgetFull() {
    synchronized (scanLock) {
      boolean forgot = false;
      long now = nanoTime.getAsLong();
      for (int i = 0; i < FORGET_SCAN_MAX; i++) {
        if (!scan.hasNext()) {
          scan = buckets.values().iterator();
          if (!scan.hasNext()) {
            return true;
          }
        }
        Bucket bucket = scan.next();
        if (bucket.settleIfFull(now)) {
          forgot |= buckets.remove(bucket.root, bucket);
        }
      }
      return forgot;
    }
  }

  /**
   * One key's share, in units of which a token has 60 000 000 × nodes, so that a microsecond
   * refills exactly {@code ratePerMinute} of them whatever the number of nodes.
   */
  private static final class Bucket {
    private final String root;
    private long units;
    private long atMicros;
    private long startNanos;
    private int nodes;
    private Limit limit = new Limit(1, 1);
    private long spentTokens;
    private boolean settling;
    private boolean settled;

    private Bucket(String root) {
      this.root = root;
    }

    /** The decision, or null when this bucket has been settled and does not count any more. */
    private synchronized @Nullable Decision take(
        Limit asked, int cost, Supplier<Share> share, LongSupplier nanoTime) {
      if (settled) {
        return null;
      }
      adopt(asked, share.get());
      refill((nanoTime.getAsLong() - startNanos) / 1_000);
      long token = UNITS_A_TOKEN * nodes;
      Decision.Outcome outcome = Decision.Outcome.PEEKED;
      long retryMillis = 0;
      if (cost > 0 && units >= cost * token) {
        outcome = Decision.Outcome.ADMITTED;
        units -= cost * token;
        spentTokens += cost;
      } else if (cost > 0) {
        outcome = Decision.Outcome.LIMITED;
        retryMillis = Math.max(1, millisFor(cost * token - units));
      }
      return new Decision(
          outcome,
          limit,
          Math.max(0, units) / token,
          millisFor(capUnits() - units),
          retryMillis,
          Decision.Source.LOCAL);
    }

    private void adopt(Limit asked, Share share) {
      if (nodes == 0 || share.startNanos - startNanos > 0) {
        // A new outage, or a late answer from before this one: what is left of an earlier start
        // says nothing of now. What was spent and not settled is owed, and no answer knows of it
        // yet: it is not there a second time.
        nodes = share.nodes;
        startNanos = share.startNanos;
        atMicros = 0;
        limit = asked;
        long known = Math.min(share.startTokens, asked.burst());
        long left = nodes == 1 ? known - spentTokens : known;
        units = Math.min(capUnits(), left * UNITS_A_TOKEN * nodes);
      } else if (nodes != share.nodes) {
        units = (long) Math.floor((double) units / nodes * share.nodes);
        nodes = share.nodes;
      }
      limit = asked;
      units = Math.min(units, capUnits());
    }

    private void refill(long nowMicros) {
      long elapsed = nowMicros - atMicros;
      if (elapsed <= 0) {
        return;
      }
      long missing = capUnits() - units;
      // Compared before multiplying: the product could overflow after a long outage.
      units =
          elapsed > missing / limit.ratePerMinute()
              ? capUnits()
              : units + elapsed * limit.ratePerMinute();
      atMicros = nowMicros;
    }

    private synchronized boolean settleIfFull(long nowNanos) {
      refill((nowNanos - startNanos) / 1_000);
      settled |= nodes > 0 && units >= capUnits();
      return settled;
    }

    private synchronized long beginSettlement() {
      if (settling) {
        return -1;
      }
      settling = true;
      return spentTokens;
    }

    /** Whether nothing is owed any more, so that the bucket can go. */
    private synchronized boolean endSettlement(long tokens, boolean taken) {
      settling = false;
      if (taken) {
        spentTokens -= tokens;
        settled |= spentTokens == 0;
      }
      return settled;
    }

    private synchronized long settle() {
      settled = true;
      return spentTokens;
    }

    private long capUnits() {
      return Math.max(limit.burst(), nodes) * UNITS_A_TOKEN;
    }

    private long millisFor(long missingUnits) {
      long perMilli = limit.ratePerMinute() * 1_000L;
      return (Math.max(0, missingUnits) + perMilli - 1) / perMilli;
    }
  }
}
