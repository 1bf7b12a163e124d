package ai.molecule.edge.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** One event loop that a test drives from its own thread. */
public final class LoopBound implements AutoCloseable {
  private static final long WAIT_SECONDS_MAX = 20;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();

  /** A link of this loop, connected. */
  public RedisLink connectedLink(RedisConfig config) {
    RedisLink link = link(config);
    await(link::connected);
    return link;
  }

  /** A link of this loop that has only begun to connect. */
  public RedisLink link(RedisConfig config) {
    return await(() -> Future.succeededFuture(RedisLink.open(vertx, config)));
  }

  /** A way of this loop to Redis as it is arranged, connected. */
  public RedisAccess connectedAccess(RedisConfig config) {
    RedisAccess access =
        await(() -> Future.succeededFuture(RedisAccess.open(vertx, config, () -> true)));
    await(() -> access.connected().mapEmpty());
    return access;
  }

  /** The same, of a node that is not the only one. */
  RedisLink linkBesideOthers(RedisConfig config) {
    return await(() -> Future.succeededFuture(RedisLink.open(vertx, config, () -> true)));
  }

  /** What {@code call}, made on the loop, completes with. */
  public <T> T await(Supplier<Future<T>> call) {
    try {
      return start(call).get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes {@code call} on the loop. */
  public <T> CompletableFuture<T> start(Supplier<Future<T>> call) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    loop.runOnContext(
        go -> call.get().onSuccess(outcome::complete).onFailure(outcome::completeExceptionally));
    return outcome;
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
