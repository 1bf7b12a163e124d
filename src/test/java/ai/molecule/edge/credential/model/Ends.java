package ai.molecule.edge.credential.model;

import ai.molecule.edge.redis.ModelRedisFailures;
import java.util.ArrayList;
import java.util.List;

/** How calls end for those who made them. */
final class Ends {
  private final World world;
  private final Stores stores;

  Ends(World world) {
    this.world = world;
    this.stores = new Stores(world);
  }

  /** The answer arrives. */
  void answer(Call call) {
    world.calls.remove(call);
    world.answering = call;
    if (call.request != null) {
      world.as(call.request, call::answer);
    } else if (isFind(call.kind)) {
      land(call, call::answer);
    } else {
      if (call.kind == Call.Kind.ANNOUNCE) {
        world.publications.get(call.run).expected = call.sessions;
        world.publications.get(call.run).isAnnounced = true;
      } else if (call.kind == Call.Kind.FENCE) {
        world.publications.get(call.run).isFenced = true;
      }
      call.answer();
      if (world.mutant == Mutant.SESSION_COUNTED_FROM_ANSWER && call.kind == Call.Kind.RENEW) {
        SessionState.prolong(
            world.nodes.get(call.node).session, world.nanos() + world.times().length().toNanos());
      }
    }
    world.answering = null;
  }

  /** No answer will arrive. What has not run may run yet. */
  void fail(Call call) {
    world.calls.remove(call);
    if (call.stage != Call.Stage.EXECUTED && !call.kind.isRead() && call.reachesServer) {
      call.orphan = true;
      world.calls.add(call);
    }
    boolean isRedis =
        call.kind == Call.Kind.ADMIT
            || call.kind == Call.Kind.PUT
            || call.kind == Call.Kind.PUT_NOW;
    Runnable failing =
        () -> call.promise.fail(isRedis ? ModelRedisFailures.noAnswer() : World.POSTGRES_AWAY);
    if (call.request != null) {
      world.as(call.request, failing);
    } else if (isFind(call.kind)) {
      land(call, failing);
    } else {
      failing.run();
    }
  }

  private static boolean isFind(Call.Kind kind) {
    return kind == Call.Kind.FIND_TO_FILL || kind == Call.Kind.FIND_TO_DECIDE;
  }

  /** A shared read ends: who waits for the next one rides on that from now on. */
  private void land(Call call, Runnable ending) {
    List<Request> next = new ArrayList<>();
    for (Request request : world.requests) {
      if (request.node == call.node && request.waiting == Request.Waiting.DECIDE_NEXT) {
        next.add(request);
      }
    }
    ending.run();
    if (call.kind == Call.Kind.FIND_TO_DECIDE) {
      next.forEach(request -> request.waiting = Request.Waiting.DECIDE);
    }
  }

  /** An event loop does the oldest thing it was told to drop. */
  void drop(int node, int loop) {
    ModelNode owner = world.nodes.get(node);
    Call task = null;
    for (Call call : owner.tasks) {
      if ((call.loopsLeft & 1 << loop) != 0) {
        task = call;
        break;
      }
    }
    if (task == null) {
      throw new IllegalStateException("nothing to drop");
    }
    stores.drop(owner.loops.get(loop).cache(), task.kind);
    task.loopsLeft &= ~(1 << loop);
    if (world.mutant == Mutant.CONFIRM_BEFORE_LAST_LOOP && task.kind == Call.Kind.DROP) {
      task.promise.tryComplete();
    }
    if (task.loopsLeft == 0) {
      owner.tasks.remove(task);
      if (task.awaited && task.epoch == SessionState.epoch(owner.session)) {
        task.stage = Call.Stage.EXECUTED;
      } else {
        world.calls.remove(task);
        task.promise.tryComplete();
      }
    }
  }

  /** Takes away calls that nobody waits for and that change nothing. */
  void forgetUseless() {
    for (int i = world.calls.size() - 1; i >= 0; i--) {
      Call call = world.calls.get(i);
      if (call.kind == Call.Kind.RENEW
          && call.epoch != SessionState.epoch(world.nodes.get(call.node).session)) {
        call.orphan = true;
      }
      if (call.orphan && call.stage == Call.Stage.EXECUTED) {
        world.calls.remove(i);
      }
    }
  }
}
