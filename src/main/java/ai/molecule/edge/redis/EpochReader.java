package ai.molecule.edge.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Function;

/** Finds out which incarnation a server is in. */
@FunctionalInterface
interface EpochReader {
  /** The incarnation, asked through {@code send}; fails as {@code send} does. */
  Future<Incarnation> read(Function<Request, Future<Response>> send);
}
