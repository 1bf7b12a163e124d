package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.credential.ModelCache;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.AdmitReply.Status;
import ai.molecule.edge.ratelimit.PutReply;
import ai.molecule.edge.redis.ModelRedisFailures;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What calls do when they reach their store: the statements and scripts, one step at a time. */
final class Stores {
  private final World world;

  Stores(World world) {
    this.world = world;
  }

  /** Whether the call's next step can be done now; a row that another statement holds blocks it. */
  boolean canExecute(Call call) {
    return switch (call.kind) {
      case FENCE -> !world.postgres.isLocked(call.sessions);
      case BEGIN ->
          call.reachesServer
              && (call.replaced < 0 || !world.postgres.isLocked(ModelPostgres.bit(call.replaced)));
      case RENEW, CONFIRM -> call.reachesServer;
      case DROP, DROP_ALL -> false;
      case ANNOUNCE, ADMIT, PUT, PUT_NOW, FIND_TO_FILL, FIND_TO_DECIDE -> true;
    };
  }

  /** Does the next step. */
  void execute(Call call) {
    switch (call.kind) {
      case BEGIN -> begin(call);
      case RENEW -> renew(call);
      case CONFIRM -> confirm(call);
      case ANNOUNCE -> announce(call);
      case FENCE -> fence(call);
      case ADMIT -> done(call, admit(call.request == null ? 0 : call.request.known));
      case PUT -> put(call);
      case PUT_NOW -> done(call, putNow(call));
      case FIND_TO_FILL, FIND_TO_DECIDE ->
          done(call, new KeyLookup.Result.Found(TheKey.of(world.postgres.keyVersion)));
      case DROP, DROP_ALL -> throw new IllegalStateException("event loops drop, no store");
    }
  }

  private static void done(Call call, Object result) {
    call.stage = Call.Stage.EXECUTED;
    call.result = result;
  }

  private boolean isFirstOfTwoSteps(Call call) {
    return call.stage == Call.Stage.ISSUED && world.scenario.slowCommits;
  }

  private void begin(Call call) {
    if (call.stage == Call.Stage.ISSUED) {
      call.endsAt = world.now + ModelPostgres.LENGTH;
    }
    if (isFirstOfTwoSteps(call)) {
      call.stage = Call.Stage.HALFWAY;
      return;
    }
    world.postgres.insert(call.session, call.endsAt, call.replaced);
    call.stage = Call.Stage.EXECUTED;
  }

  private void renew(Call call) {
    if (call.stage == Call.Stage.ISSUED) {
      ModelPostgres postgres = world.postgres;
      boolean has = (postgres.rows() & ModelPostgres.bit(call.session)) != 0;
      boolean alive = world.mutant.renewsExpired() || postgres.isAlive(call.session, world.now);
      boolean barred =
          postgres.isFenced(call.session) && world.mutant != Mutant.FENCE_DOES_NOT_FENCE;
      if (!has || !alive || barred) {
        done(call, false);
        return;
      }
      call.endsAt = world.now + ModelPostgres.LENGTH;
      if (isFirstOfTwoSteps(call)) {
        postgres.lock(call.session);
        call.stage = Call.Stage.HALFWAY;
        return;
      }
    }
    world.postgres.prolong(call.session, call.endsAt);
    done(call, true);
  }

  private void confirm(Call call) {
    world.publications.get(call.run).confirmations |= ModelPostgres.bit(call.session);
    world.calls.remove(call);
  }

  private void announce(Call call) {
    boolean isFirst = call.stage == Call.Stage.ISSUED;
    if (isFirst == (world.mutant != Mutant.NOTIFIED_BEFORE_READ)) {
      call.sessions = world.postgres.alive(world.now);
      if (world.mutant == Mutant.SESSIONS_NOT_AWAITED) {
        call.sessions = 0;
      }
    } else {
      for (ModelNode node : world.nodes) {
        if (node.state == ModelNode.Connection.LIVE && !node.inbox.contains(call.run)) {
          node.inbox.add(call.run);
        }
      }
    }
    if (isFirst) {
      call.stage = Call.Stage.HALFWAY;
      return;
    }
    Set<UUID> alive = new HashSet<>();
    for (long left = call.sessions; left != 0; left &= left - 1) {
      alive.add(new UUID(0, Long.numberOfTrailingZeros(left)));
    }
    done(call, alive);
  }

  private void fence(Call call) {
    Map<UUID, Duration> remaining = new HashMap<>();
    for (long left = call.sessions & world.postgres.rows(); left != 0; left &= left - 1) {
      int session = Long.numberOfTrailingZeros(left);
      world.postgres.fence(session);
      long ticks =
          world.mutant == Mutant.FENCED_NOT_AWAITED
              ? 0
              : world.postgres.endsAt(session) - world.now;
      remaining.put(new UUID(0, session), Duration.ofNanos(ticks * World.TICK_NANOS));
    }
    done(call, remaining);
  }

  /**
   * The admit script over a bucket that is never empty, which leases a token with every answer and
   * for ever: more than any real bucket lets a node do by itself.
   */
  private AdmitReply admit(int known) {
    int version = world.redis.visible();
    if (version == 0) {
      return new AdmitReply(Status.MISS, 0, 0, 0, 0, 0, 0, null, 0, 0, false);
    }
    boolean active = version == 1;
    return new AdmitReply(
        active ? Status.ADMITTED : Status.PEEKED,
        version,
        10,
        0,
        active ? 2 : 0,
        active ? 1_000_000 : 0,
        0,
        version == known ? null : TheKey.bytes(version),
        TheKey.of(version).storedState().ordinal(),
        0,
        true);
  }

  private void put(Call call) {
    boolean same =
        call.noted == world.redis.incarnation || world.mutant == Mutant.PUT_IGNORES_INCARNATION;
    done(call, same ? putNow(call) : ModelRedisFailures.incarnationChanged());
  }

  private PutReply putNow(Call call) {
    boolean won = world.redis.put(call.version);
    int version = world.redis.visible();
    return new PutReply(won, version, TheKey.of(version).storedState().ordinal());
  }

  /** An event loop drops the key, or everything; there is but one key. */
  void drop(KeyCache cache, Call.Kind kind) {
    if (kind == Call.Kind.DROP_ALL) {
      if (world.mutant == Mutant.READS_SURVIVE_NEW_SESSION) {
        ModelCache.dropEntriesAlone(cache);
      } else {
        cache.dropAll();
      }
    } else if (world.mutant == Mutant.READS_SURVIVE_DROP) {
      ModelCache.dropEntriesAlone(cache);
    } else if (world.mutant != Mutant.CONFIRM_WITHOUT_DROP) {
      cache.drop(TheKey.HASH);
    }
  }
}
