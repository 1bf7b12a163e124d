package ai.molecule.edge.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;

/**
 * Takes the answer to one request, in this order: {@code head}, any number of {@code piece}, {@code
 * end}; or {@code failed} instead of what is missing. After {@code end} or {@code failed}, and
 * after it has closed the connection itself, it is called no more. Called on the connection's event
 * loop.
 */
public interface AnswerReader {
  /** The head has come: never an interim one, but for the 101 of an upgrade. */
  void head(HttpResponse head);

  /**
   * Some of the body; after a 101, bytes of whatever is spoken then. More may follow although the
   * reader has just paused the connection: no more than one read from the socket.
   *
   * @param bytes the caller's, to be copied or retained
   */
  void piece(ByteBuf bytes);

  /** The answer is whole. */
  void end();

  /** No answer, or no more of it, will come. */
  void failed(UpstreamOutcome why);

  /** After {@link UpstreamConnection#isWritable} was false: it may be written to again. */
  void writable();
}
