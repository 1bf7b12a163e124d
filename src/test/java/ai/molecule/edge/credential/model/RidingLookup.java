package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.credential.SingleFlightLookup.Sharing;
import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/** A shared lookup that keeps track of which request waits for which read. */
final class RidingLookup implements KeyLookup {
  private final World world;
  private final ModelNode node;
  private final Call.Kind kind;
  private final Sharing sharing;
  private final KeyLookup shared;

  RidingLookup(World world, ModelNode node, Call.Kind kind, Sharing sharing, KeyLookup shared) {
    this.world = world;
    this.node = node;
    this.kind = kind;
    this.sharing = sharing;
    this.shared = shared;
  }

  @Override
  public Future<Result> find(KeyHash hash) {
    return ride(() -> shared.find(hash));
  }

  @Override
  public Future<Result> find(KeyHash hash, Incarnation noted) {
    return ride(
        () ->
            world.mutant == Mutant.FILLS_SHARED_OVER_INCARNATIONS
                ? shared.find(hash)
                : shared.find(hash, noted));
  }

  private Future<Result> ride(Supplier<Future<Result>> read) {
    Request rider = world.current();
    rider.waiting = waiting();
    Promise<Result> promise = Promise.promise();
    read.get().onComplete(done -> world.as(rider, () -> promise.handle(done)));
    return promise.future();
  }

  private Request.Waiting waiting() {
    if (kind == Call.Kind.FIND_TO_FILL) {
      return Request.Waiting.FILL;
    }
    return sharing == Sharing.NOT_BEGUN && isUnderWay()
        ? Request.Waiting.DECIDE_NEXT
        : Request.Waiting.DECIDE;
  }

  private boolean isUnderWay() {
    for (Call call : world.calls) {
      if (call.kind == kind && call.node == node.index) {
        return true;
      }
    }
    return false;
  }
}
