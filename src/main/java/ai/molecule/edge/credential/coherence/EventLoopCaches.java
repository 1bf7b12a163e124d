package ai.molecule.edge.credential.coherence;

import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.KeyHash;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The caches of all event loops of this node, each touched on its own loop. Safe on any thread;
 * futures complete on the caller's context.
 */
public final class EventLoopCaches implements NodeCaches {
  private record Loop(Context context, KeyCache cache) {}

  private final List<Loop> loops = new CopyOnWriteArrayList<>();

  /** Adds the cache of an event loop, before the loop serves its first request. */
  public void add(Context context, KeyCache cache) {
    loops.add(new Loop(context, cache));
  }

  /** Keys held on all event loops together; as each of them last let it be seen. */
  public int keys() {
    return loops.stream().mapToInt(loop -> loop.cache().size()).sum();
  }

  @Override
  public Future<Void> drop(List<KeyHash> hashes) {
    return onEach(cache -> hashes.forEach(cache::drop));
  }

  @Override
  public Future<Void> dropAll() {
    return onEach(KeyCache::dropAll);
  }

  private Future<Void> onEach(Consumer<KeyCache> action) {
    List<Future<?>> all = new ArrayList<>(loops.size());
    for (Loop loop : loops) {
      Promise<Void> done = Promise.promise();
      loop.context()
          .runOnContext(
              ignored -> {
                action.accept(loop.cache());
                done.complete();
              });
      all.add(done.future());
    }
    Future<Void> everywhere = Future.all(all).mapEmpty();
    Context caller = Vertx.currentContext();
    if (caller == null) {
      return everywhere;
    }
    Promise<Void> back = Promise.promise();
    everywhere.onComplete(done -> caller.runOnContext(ignored -> back.handle(done)));
    return back.future();
  }
}
