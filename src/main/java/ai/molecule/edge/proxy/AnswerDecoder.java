package ai.molecule.edge.proxy;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Netty's decoder of answers, which knows that one to a HEAD has no body. */
final class AnswerDecoder extends HttpResponseDecoder {
  /** As much of a body as one read from a socket brings is one piece. */
  private static final int PIECE_BYTES_MAX = 64 << 10;

  private boolean toHead;

  /** One that takes so many bytes of headers. */
  AnswerDecoder(int headBytesMax) {
    super(new HttpDecoderConfig().setMaxHeaderSize(headBytesMax).setMaxChunkSize(PIECE_BYTES_MAX));
  }

  /** A request is being sent. */
  void expect(boolean answerToHead) {
    toHead = answerToHead;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return toHead || super.isContentAlwaysEmpty(message);
  }
}
