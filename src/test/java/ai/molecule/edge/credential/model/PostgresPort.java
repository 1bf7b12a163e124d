package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.coherence.Confirmation;
import ai.molecule.edge.credential.coherence.Invalidation;
import ai.molecule.edge.credential.coherence.SessionStore;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Postgres as one node's session, or one publication's coordinator, sees it. */
record PostgresPort(World world, @Nullable ModelNode node, @Nullable Publication publication)
    implements SessionStore {

  @Override
  public Future<Void> begin(UUID sessionId, @Nullable UUID replaced) {
    Call call = listening(Call.Kind.BEGIN, sessionId);
    if (call == null) {
      return Future.failedFuture(World.POSTGRES_AWAY);
    }
    call.replaced = replaced == null ? -1 : World.number(replaced);
    return call.future();
  }

  @Override
  public Future<Boolean> renew(UUID sessionId) {
    Call call = listening(Call.Kind.RENEW, sessionId);
    return call == null ? Future.failedFuture(World.POSTGRES_AWAY) : call.future();
  }

  @Override
  public Future<Void> confirm(Confirmation confirmation) {
    int run = World.number(confirmation.changeId());
    if (world.publications.get(run).isOver) {
      return Future.succeededFuture();
    }
    Call call = listening(Call.Kind.CONFIRM, confirmation.sessionId());
    if (call == null) {
      return Future.failedFuture(World.POSTGRES_AWAY);
    }
    call.run = run;
    return call.future();
  }

  private @Nullable Call listening(Call.Kind kind, UUID session) {
    ModelNode caller = Objects.requireNonNull(node);
    if (caller.state == ModelNode.Connection.NONE) {
      return null;
    }
    Call call = world.newCall(kind);
    call.node = caller.index;
    call.session = World.number(session);
    call.connection = caller.connection;
    call.reachesServer = caller.state == ModelNode.Connection.LIVE;
    call.epoch = SessionState.epoch(caller.session);
    return call;
  }

  @Override
  public Future<Set<UUID>> announce(Invalidation invalidation) {
    return ofPublication(Call.Kind.ANNOUNCE).future();
  }

  @Override
  public Future<Map<UUID, Duration>> fence(List<UUID> sessionIds) {
    Call call = ofPublication(Call.Kind.FENCE);
    for (UUID id : sessionIds) {
      call.sessions |= ModelPostgres.bit(World.number(id));
    }
    return call.future();
  }

  private Call ofPublication(Call.Kind kind) {
    Publication caller = Objects.requireNonNull(publication);
    caller.stopTimer();
    Call call = world.newCall(kind);
    call.run = caller.index;
    return call;
  }
}
