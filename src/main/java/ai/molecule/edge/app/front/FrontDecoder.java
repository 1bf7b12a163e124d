package ai.molecule.edge.app.front;

import ai.molecule.edge.config.HttpConfig;
import ai.molecule.edge.edge.FrontFilter;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.List;

/**
 * The decoder of one HTTP/1 connection, at which the {@link FrontFilter} stands. Besides what the
 * filter sees in a head it refuses what can be seen in the bytes alone: a request line that is not
 * three words with one space between them, another version, and folded headers. A refused request
 * goes the way of one that is no HTTP, and of what comes after it not a byte is looked at.
 */
final class FrontDecoder extends HeadDeadline {
  /** What Vert.x calls its decoder; it looks it up by this name. */
  static final String DECODER = "httpDecoder";

  private static final int LINE_END_BYTES = 2;
  private static final String BAD_LINE = "no method, target and version with a space between each";
  private static final Problem BAD_HEADER =
      Problem.of(ProblemCode.BAD_REQUEST, "A header is folded, or the length is given twice.");

  private final FrontFilter filter;
  private int wordEnd;
  private int headBytes;
  private int headers;
  private int lengths;
  private boolean refused;

  private FrontDecoder(HttpConnection connection, HttpServerOptions options, HttpConfig http) {
    super(connection, options, http.requests().headerTimeout());
    this.filter =
        new FrontFilter(http.requests().headersMax(), http.requests().requestLineBytesMax());
  }

  /** Puts one into the place of the decoder of a connection just made, if it speaks HTTP/1. */
  static void install(HttpConnection connection, HttpServerOptions options, HttpConfig http) {
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    if (pipeline.get(DECODER) != null) {
      pipeline.replace(DECODER, DECODER, new FrontDecoder(connection, options, http));
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int from = headBytes == 0 ? startOfLine(in) : in.readerIndex();
    int before = out.size();
    super.decode(context, in, out);
    headBytes += Math.max(0, in.readerIndex() - from);
    if (out.size() == before) {
      return;
    }
    if (out.get(before) instanceof HttpRequest head && head.decoderResult().isSuccess()) {
      Problem refusal = isFolded(head) || lengths > 1 ? BAD_HEADER : filter.refusal(head);
      if (refusal != null) {
        head.setDecoderResult(DecoderResult.failure(refusal));
        refused = true;
      }
    }
    if (out.getLast() instanceof LastHttpContent) {
      headBytes = 0;
      headers = 0;
      lengths = 0;
    }
  }

  /** Past the empty lines that may come before a request (RFC 9112, section 2.2). */
  private static int startOfLine(ByteBuf in) {
    int at = in.readerIndex();
    while (at < in.writerIndex()
        && (in.getByte(at) == HttpConstants.CR || in.getByte(at) == HttpConstants.LF)) {
      at++;
    }
    return at;
  }

  /**
   * Whether some header went over more than one line. The decoder has joined the lines by now, but
   * the line ends in between are among the bytes it took.
   */
  private boolean isFolded(HttpRequest head) {
    int lineBytes = ((HttpMessageDecoderResult) head.decoderResult()).totalSize();
    int lineEnds = 1 + headers + 1;
    return headBytes != lineBytes + lineEnds * LINE_END_BYTES;
  }

  @Override
  protected AsciiString splitHeaderName(byte[] line, int start, int length) {
    headers++;
    AsciiString name = super.splitHeaderName(line, start, length);
    // Counted here, since for HTTP/1.0 the decoder goes by the first and drops the others.
    if (length == HttpHeaderNames.CONTENT_LENGTH.length()
        && HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
      lengths++;
    }
    return name;
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    wordEnd = -1;
    return super.splitFirstWordInitialLine(line, follows(line, start, length), length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    return super.splitSecondWordInitialLine(line, follows(line, start, length), length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    return super.splitThirdWordInitialLine(line, follows(line, start, length), length);
  }

  /** Insists that the word at {@code start} is one space behind the one before it. */
  private int follows(byte[] line, int start, int length) {
    if (start != wordEnd + 1 || (wordEnd >= 0 && line[wordEnd] != HttpConstants.SP)) {
      throw new IllegalArgumentException(BAD_LINE);
    }
    wordEnd = start + length;
    return start;
  }

  @Override
  protected HttpMessage createMessage(String[] words) {
    String version = words[2];
    if (!version.equals(HttpVersion.HTTP_1_1.text())
        && !version.equals(HttpVersion.HTTP_1_0.text())) {
      throw new IllegalArgumentException(BAD_LINE);
    }
    return super.createMessage(words);
  }

  /** A line that cannot be read is answered in the edge's own version, not the oldest there is. */
  @Override
  protected HttpMessage createInvalidMessage() {
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1, HttpMethod.GET, "/bad-request", Unpooled.EMPTY_BUFFER);
  }
}
