package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.AbsenceCache;
import ai.molecule.edge.credential.Admission;
import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.KeyFills;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.LeasePolicy;
import ai.molecule.edge.credential.LeaseRenewals;
import ai.molecule.edge.credential.LeasedTier;
import ai.molecule.edge.credential.OutageTier;
import ai.molecule.edge.credential.RedisTier;
import ai.molecule.edge.credential.SingleFlightLookup;
import ai.molecule.edge.credential.SingleFlightLookup.Sharing;
import ai.molecule.edge.credential.coherence.Invalidation;
import ai.molecule.edge.credential.coherence.NodeCaches;
import ai.molecule.edge.credential.coherence.NodeSession;
import ai.molecule.edge.credential.coherence.ProtocolClock;
import ai.molecule.edge.ratelimit.LocalBuckets;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongPredicate;

/** A node put together as the edge puts it together, over the ports of a {@link World}. */
final class ModelNode implements NodeCaches {
  /** The connection that LISTENs. */
  enum Connection {
    LIVE,
    /** Nothing comes through, and the node does not know. */
    BROKEN,
    NONE
  }

  private final World world;
  final int index;
  final NodeSession session;
  final List<Loop> loops = new ArrayList<>();

  /** What the event loops still have to drop, in this order. */
  final List<Call> tasks = new ArrayList<>();

  /** Publications whose notification is on its way. */
  final List<Integer> inbox = new ArrayList<>();

  Connection state = Connection.LIVE;
  int connection;
  int attentionsLeft;
  boolean clockJumped;
  private long wallOffsetMillis;

  /**
   * An event loop.
   *
   * @param cache its keys
   * @param tiers its way in
   * @param warm its first tier alone: what the cache would admit by itself
   */
  record Loop(KeyCache cache, LeasedTier tiers, LeasedTier warm) {}

  ModelNode(World world, int index) {
    this.world = world;
    this.index = index;
    this.attentionsLeft = world.scenario.attentions;
    this.session =
        new NodeSession(
            new PostgresPort(world, this, null), this, new Clock(), world.times(), world::newId);
    boolean trusting = world.mutant == Mutant.CACHE_WITHOUT_SESSION;
    LongPredicate valid = now -> trusting || session.isValid(now);
    boolean sharing = world.mutant == Mutant.DECIDING_READS_SHARED;
    OutageTier outage =
        new OutageTier(
            riding(Call.Kind.FIND_TO_DECIDE, sharing ? Sharing.RUNNING : Sharing.NOT_BEGUN),
            new LocalBuckets(10, world::nanos),
            () -> 1,
            world::nanos,
            tier -> {});
    RidingLookup fills = riding(Call.Kind.FIND_TO_FILL, Sharing.RUNNING);
    for (int i = 0; i < world.scenario.loops; i++) {
      loops.add(loop(i, valid, outage, fills));
    }
  }

  private RidingLookup riding(Call.Kind kind, Sharing sharing) {
    return new RidingLookup(
        world,
        this,
        kind,
        sharing,
        new SingleFlightLookup(new PrimaryPort(world, this, kind), sharing, 100));
  }

  private Loop loop(int loop, LongPredicate valid, OutageTier outage, RidingLookup fills) {
    KeyCache cache = new KeyCache(10, new LastUse(10));
    RedisPort redis = new RedisPort(world, cache, -1);
    LeasePolicy leases = new LeasePolicy(() -> 1, world.scenario.loops);
    RedisTier next =
        new RedisTier(
            redis,
            cache,
            new AbsenceCache(10, 1, world::nanos),
            new KeyFills(fills, redis),
            outage,
            leases,
            new LeaseRenewals(redis, cache, leases, outage, world::nanos, (delay, action) -> {}),
            valid,
            world::nanos,
            tier -> {});
    return new Loop(
        cache,
        new LeasedTier(cache, next, valid, world::nanos, tier -> {}),
        new LeasedTier(
            cache,
            (hash, ask) -> Future.succeededFuture(new Admission.Unknown()),
            valid,
            world::nanos,
            tier -> {}));
  }

  @Override
  public Future<Void> drop(List<KeyHash> hashes) {
    Call call = task(Call.Kind.DROP);
    if (world.mutant == Mutant.CONFIRM_BEFORE_DROP) {
      return Future.succeededFuture();
    }
    return call.future();
  }

  @Override
  public Future<Void> dropAll() {
    Call begin = world.answering(Call.Kind.BEGIN);
    boolean kept =
        begin == null
            ? world.mutant == Mutant.CACHE_KEPT_OVER_SESSIONS
                || world.mutant == Mutant.CACHE_KEPT_BY_ENDED_SESSION
            : world.mutant == Mutant.CACHE_KEPT_OVER_SESSIONS
                || world.mutant == Mutant.CACHE_KEPT_BY_NEW_SESSION;
    if (kept) {
      return Future.succeededFuture();
    }
    Call call = task(Call.Kind.DROP_ALL);
    if (begin != null) {
      call.awaited = true;
      call.issuedAt = begin.issuedAt;
      call.epoch = begin.epoch;
    }
    return call.future();
  }

  private Call task(Call.Kind kind) {
    Call call = world.newCall(kind);
    call.node = index;
    call.run = world.delivering;
    call.loopsLeft = (1 << loops.size()) - 1;
    tasks.add(call);
    return call;
  }

  /** An invalidation of that publication has arrived. */
  void deliver(int run) {
    inbox.remove((Integer) run);
    world.delivering = run;
    session.invalidated(new Invalidation(new UUID(1, run), List.of(TheKey.HASH)));
    world.delivering = -1;
  }

  /** The session's periodic call. */
  void attend() {
    clockJumped = false;
    session.tick();
  }

  /** The wall clock jumps: the machine was paused. */
  void jump() {
    wallOffsetMillis += 1_000_000;
    clockJumped = true;
  }

  /** From now on nothing comes through. */
  void breakConnection() {
    world.breaksLeft--;
    state = ModelNode.Connection.BROKEN;
    inbox.clear();
  }

  /** The node learns of it: what it had sent fails. */
  void notice() {
    state = ModelNode.Connection.NONE;
    if (world.mutant != Mutant.LOST_CONNECTION_IGNORED) {
      session.connectionLost();
    }
    for (Call call : List.copyOf(world.calls)) {
      if (call.node == index && call.kind.isListening() && !call.orphan) {
        world.ends.fail(call);
      }
    }
  }

  void reconnect() {
    state = ModelNode.Connection.LIVE;
    connection++;
    attend();
  }

  private final class Clock implements ProtocolClock {
    @Override
    public long nanos() {
      Call renewal = world.answering(Call.Kind.RENEW);
      boolean counted =
          world.mutant == Mutant.LATE_RENEWAL_COUNTED
              || world.mutant == Mutant.EXPIRED_SESSION_RENEWED_AND_COUNTED;
      return renewal != null && counted ? renewal.issuedAt * World.TICK_NANOS : world.nanos();
    }

    @Override
    public long wallMillis() {
      return world.nanos() / 1_000_000 + wallOffsetMillis;
    }

    @Override
    public Future<Void> after(Duration duration) {
      throw new UnsupportedOperationException("a session sets no timers");
    }
  }
}
