package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.KeyPublication;
import ai.molecule.edge.credential.coherence.Confirmation;
import ai.molecule.edge.credential.coherence.Coordinator;
import ai.molecule.edge.credential.coherence.ProtocolClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One publication of the revocation: the change's own, or one from the outbox. */
final class Publication implements ProtocolClock {
  private final World world;
  final int index;
  private final Coordinator coordinator;

  /** Sessions whose confirmation is on its way. */
  long confirmations;

  /** Sessions whose confirmation arrived. */
  long confirmed;

  /** Sessions it waits for; known once it has been announced. */
  long expected;

  boolean isAnnounced;
  boolean isFenced;

  /** When its timer is due; -1 while there is none. */
  int timerAt = -1;

  private @Nullable Promise<Void> timer;

  /** It succeeded, failed or crashed. */
  boolean isOver;

  boolean succeeded;

  Publication(World world, int index) {
    this.world = world;
    this.index = index;
    this.coordinator =
        new Coordinator(
            new PostgresPort(world, null, this), this, world.times(), () -> new UUID(1, index));
  }

  void start() {
    new KeyPublication(new RedisPort(world, null, index), coordinator)
        .changed(List.of(TheKey.REVOKED))
        .onComplete(
            done -> {
              if (!isOver) {
                succeeded = done.succeeded();
                end();
              }
            });
  }

  void confirm(int session) {
    confirmations &= ~ModelPostgres.bit(session);
    confirmed |= ModelPostgres.bit(session);
    coordinator.confirmed(new Confirmation(new UUID(1, index), new UUID(0, session)));
  }

  /** Its process ends; what it sent may still run. */
  void crash() {
    end();
    world.calls.removeIf(
        call -> call.run == index && isMine(call.kind) && call.stage == Call.Stage.EXECUTED);
    for (Call call : world.calls) {
      call.orphan |= call.run == index && isMine(call.kind);
    }
  }

  private static boolean isMine(Call.Kind kind) {
    return kind == Call.Kind.PUT_NOW || kind == Call.Kind.ANNOUNCE || kind == Call.Kind.FENCE;
  }

  private void end() {
    isOver = true;
    stopTimer();
    confirmations = 0;
    world.calls.removeIf(call -> call.run == index && call.kind == Call.Kind.CONFIRM);
  }

  void fire() {
    Promise<Void> due = timer;
    stopTimer();
    if (due != null) {
      due.complete();
    }
  }

  void stopTimer() {
    timer = null;
    timerAt = -1;
  }

  @Override
  public long nanos() {
    return world.nanos();
  }

  @Override
  public long wallMillis() {
    return world.nanos() / 1_000_000;
  }

  @Override
  public Future<Void> after(Duration duration) {
    timerAt = world.now + (int) Math.ceilDiv(duration.toNanos(), World.TICK_NANOS);
    timer = Promise.promise();
    return timer.future();
  }
}
