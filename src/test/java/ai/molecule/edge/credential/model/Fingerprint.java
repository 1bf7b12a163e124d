package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.credential.ModelCache;
import ai.molecule.edge.credential.coherence.NodeSession;
import ai.molecule.edge.ratelimit.AdmitReply;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A number that two states share if they behave alike: everything the protocol holds or its
 * continuations have captured, with times relative to now, sessions by their rank among those still
 * spoken of, and no order where none matters. 64 bits: among a million states two collide with a
 * probability below 10⁻⁷.
 */
final class Fingerprint {
  private final World world;
  private final long spokenOf;
  private long hash = 0x9E3779B97F4A7C15L;
  private long packed;
  private int bits;

  private Fingerprint(World world) {
    this.world = world;
    this.spokenOf = spokenOf(world);
  }

  static long of(World world) {
    Fingerprint fingerprint = new Fingerprint(world);
    fingerprint.bounds();
    fingerprint.stores();
    world.nodes.forEach(fingerprint::node);
    world.publications.forEach(fingerprint::publication);
    fingerprint.unordered();
    return fingerprint.hash;
  }

  private static long spokenOf(World world) {
    long all = world.postgres.rows();
    for (ModelNode node : world.nodes) {
      all |= bit(SessionState.id(node.session));
    }
    for (Call call : world.calls) {
      all |= bit(call.session) | bit(call.replaced) | call.sessions;
    }
    for (Publication publication : world.publications) {
      if (!publication.isOver) {
        all |= publication.expected | publication.confirmed | publication.confirmations;
      }
    }
    return all;
  }

  private static long bit(int session) {
    return session < 0 ? 0 : ModelPostgres.bit(session);
  }

  /** 0 for none, else 1 and up. */
  private int rank(int session) {
    return session < 0 ? 0 : 1 + Long.bitCount(spokenOf & (ModelPostgres.bit(session) - 1));
  }

  private long ranks(long sessions) {
    long ranks = 0;
    for (long left = sessions; left != 0; left &= left - 1) {
      ranks |= 1L << rank(Long.numberOfTrailingZeros(left)) - 1;
    }
    return ranks;
  }

  private void feed(long value) {
    long mixed = (hash ^ value) * 0xFF51AFD7ED558CCDL;
    mixed ^= mixed >>> 32;
    mixed *= 0xC4CEB9FE1A85EC53L;
    hash = mixed ^ mixed >>> 29;
  }

  private void pack(int width, long value) {
    if (value < 0 || value >= 1L << width || bits + width > 64) {
      throw new IllegalStateException(value + " does not fit in " + width + " bits");
    }
    packed = packed << width | value;
    bits += width;
  }

  private void pack(boolean value) {
    pack(1, value ? 1 : 0);
  }

  private long takePacked() {
    long taken = packed;
    packed = 0;
    bits = 0;
    return taken;
  }

  private void bounds() {
    pack(5, world.now);
    pack(4, world.requestsLeft);
    pack(4, world.failuresLeft);
    pack(4, world.breaksLeft);
    pack(4, world.jumpsLeft);
    pack(4, world.redisLossesLeft);
    pack(4, world.expiriesLeft);
    pack(4, world.crashesLeft);
    pack(world.isAnswered);
    feed(takePacked());
  }

  private void stores() {
    pack(2, world.redis.visible());
    pack(2, world.redis.left());
    pack(world.redis.wasActive && world.redisLossesLeft > 0);
    pack(2, world.postgres.keyVersion);
    feed(takePacked());
    for (long left = world.postgres.rows(); left != 0; left &= left - 1) {
      int session = Long.numberOfTrailingZeros(left);
      pack(6, rank(session));
      pack(4, untilEnd(world.postgres.endsAt(session)));
      pack(world.postgres.isFenced(session));
      pack(world.postgres.isLocked(ModelPostgres.bit(session)));
      feed(takePacked());
    }
  }

  private int untilEnd(int endsAt) {
    return Math.max(0, endsAt - world.now);
  }

  private void node(ModelNode node) {
    NodeSession session = node.session;
    pack(6, rank(SessionState.id(session)));
    pack(SessionState.isBusy(session));
    pack(SessionState.isHeld(session));
    long left = SessionState.validUntilNanos(session) - world.nanos();
    pack(4, SessionState.isHeld(session) ? Math.max(0, left / World.TICK_NANOS) : 0);
    pack(node.clockJumped);
    pack(4, node.attentionsLeft);
    pack(2, node.state.ordinal());
    for (int run = 0; run < world.scenario.runs; run++) {
      pack(node.inbox.contains(run));
    }
    for (ModelNode.Loop loop : node.loops) {
      pack(2, ModelCache.version(loop.cache(), TheKey.HASH));
      // More tokens than requests to come cannot be told apart.
      int tokens = ModelCache.tokens(loop.cache(), TheKey.HASH);
      pack(4, Math.min(tokens, world.requestsLeft));
    }
    feed(takePacked());
    for (Call task : node.tasks) {
      feed(call(task));
    }
  }

  private void publication(Publication publication) {
    pack(publication.isOver);
    pack(publication.succeeded);
    if (!publication.isOver) {
      pack(publication.isAnnounced);
      pack(publication.isFenced);
      pack(4, publication.timerAt < 0 ? 0 : 1 + untilEnd(publication.timerAt));
      long confirmed = publication.confirmed;
      pack(16, ranks(publication.isAnnounced ? publication.expected & ~confirmed : confirmed));
      pack(16, ranks(publication.confirmations));
    }
    feed(takePacked());
  }

  private void unordered() {
    long[] parts = new long[world.calls.size() + world.requests.size()];
    int size = 0;
    for (Call call : world.calls) {
      boolean isQueued = call.loopsLeft != 0;
      if (!isQueued && (call.request == null || call.orphan)) {
        parts[size++] = call(call);
      }
    }
    for (Request request : world.requests) {
      parts[size++] = request(request);
    }
    Arrays.sort(parts, 0, size);
    feed(size);
    for (int i = 0; i < size; i++) {
      feed(parts[i]);
    }
  }

  private long call(Call call) {
    pack(4, call.kind.ordinal());
    pack(2, call.stage.ordinal());
    pack(call.orphan);
    pack(3, call.node + 1);
    pack(2, call.run + 1);
    pack(5, rank(call.session));
    pack(5, rank(call.replaced));
    pack(2, call.version);
    pack(2, call.noted == 0 ? 0 : Math.min(3, 1 + world.redis.incarnation - call.noted));
    pack(call.reachesServer);
    pack(2, call.stage == Call.Stage.HALFWAY ? untilEnd(call.endsAt) : 0);
    if (call.kind == Call.Kind.BEGIN || call.kind == Call.Kind.RENEW || call.awaited) {
      NodeSession session = world.nodes.get(call.node).session;
      pack(2, Math.min(3, world.now - call.issuedAt));
      pack(call.epoch == SessionState.epoch(session));
      pack(world.nodes.get(call.node).connection == call.connection);
    } else {
      pack(4, 0);
    }
    pack(2, call.loopsLeft);
    pack(call.awaited);
    pack(2, outcome(call));
    pack(14, ranks(call.sessions));
    return takePacked();
  }

  /** What an executed call will be answered with, as far as its arguments do not tell. */
  static int outcome(Call call) {
    if (call.stage != Call.Stage.EXECUTED) {
      return 0;
    }
    return switch (call.result) {
      case Boolean renewed -> renewed ? 1 : 2;
      case KeyLookup.Result.Found found -> (int) found.key().version();
      case AdmitReply reply -> (int) reply.version();
      case Throwable failure -> 3;
      case null, default -> 0;
    };
  }

  private long request(Request request) {
    Request.Waiting waiting = request.waiting;
    pack(3, waiting.ordinal());
    pack(3, request.node);
    pack(1, request.loop);
    pack(request.late);
    Call call = call(request);
    boolean asking = waiting == Request.Waiting.ADMIT;
    boolean deciding = !asking && call == null && waiting != Request.Waiting.FILL;
    pack(3, deciding ? 0 : request.questions);
    KeyCache cache = world.nodes.get(request.node).loops.get(request.loop).cache();
    int generation = ModelCache.generation(cache, TheKey.HASH);
    pack(2, asking ? request.known : 0);
    pack(asking && request.generation != generation);
    boolean filling = !asking && !deciding;
    pack(2, filling ? Math.min(3, world.redis.incarnation - request.noted) : 0);
    pack(2, call == null ? 0 : call.version);
    pack(2, call == null ? 0 : call.stage.ordinal());
    pack(2, call == null ? 0 : outcome(call));
    return takePacked();
  }

  private @Nullable Call call(Request request) {
    for (Call call : world.calls) {
      if (call.request == request && !call.orphan) {
        return call;
      }
    }
    return null;
  }
}
