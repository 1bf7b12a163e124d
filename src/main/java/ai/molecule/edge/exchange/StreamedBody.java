package ai.molecule.edge.exchange;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/**
 * A body that is written piece by piece, no faster than its reader reads. Holds something until it
 * has been written or abandoned, one of which happens to it, once, on the exchange's event loop.
 */
public interface StreamedBody {
  /**
   * Writes the body, and does not end {@code to}.
   *
   * @param gone completes when the client goes away
   * @return completes when all of it is written; fails when it is cut short, and then it must not
   *     be made to look whole
   */
  Future<Void> writeTo(WriteStream<Buffer> to, Future<Void> gone);

  /** Lets go: nobody reads it. */
  void abandon();
}
