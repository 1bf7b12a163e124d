package ai.molecule.edge.app.front;

import ai.molecule.edge.edge.DirectAnswers;
import ai.molecule.edge.exchange.AnswerBytes;
import ai.molecule.edge.exchange.DirectCall;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection, on which requests are shown to {@link DirectAnswers} before they go on to
 * Vert.x.
 *
 * <p>Answers come in the order of their requests: nothing is taken here while Vert.x owes the
 * client an answer, and while an answer is awaited here all that comes in is held back, and soon
 * nothing more is read. A request with a body goes on to Vert.x; one that says anything of its
 * connection but that it stays does so with all that comes behind it.
 */
final class DirectConnection extends ChannelDuplexHandler implements DirectAnswers.Line {
  /** What Vert.x calls its encoder; it looks it up by this name. */
  static final String ENCODER = "httpEncoder";

  /** Parts of requests held back from which on no more is read from the client. */
  private static final int HELD_MAX = 8;

  private static final int FINAL_FROM = 200;

  private final HttpConnection connection;
  private final ContextInternal context;
  private final ChannelHandlerContext encoder;
  private final DirectAnswers answers;
  private final BooleanSupplier leaving;
  private final Queue<Object> held = new ArrayDeque<>(2);

  /** Answers that Vert.x owes. */
  private int owed;

  /** From now on everything goes on. */
  private boolean over;

  /** The end of a request that was taken is still to come. */
  private boolean inTaken;

  private @Nullable DirectCall awaited;
  private boolean reading;
  private boolean written;
  private boolean stopped;

  /** Set when the connection is to be closed behind the awaited answer. */
  private @Nullable ChannelPromise closing;

  private DirectConnection(
      HttpServerConnection connection,
      ChannelHandlerContext encoder,
      DirectAnswers answers,
      BooleanSupplier leaving) {
    this.connection = connection;
    this.context = connection.context();
    this.encoder = encoder;
    this.answers = answers;
    this.leaving = leaving;
  }

  /**
   * Puts one behind the decoder of a connection just made, if it speaks HTTP/1.
   *
   * @param leaving whether answers have to ask clients to close their connections
   */
  static void install(HttpConnection connection, DirectAnswers answers, BooleanSupplier leaving) {
    HttpServerConnection server = (HttpServerConnection) connection;
    ChannelPipeline pipeline = server.channelHandlerContext().pipeline();
    ChannelHandlerContext encoder = pipeline.context(ENCODER);
    if (encoder != null) {
      pipeline.addAfter(ENCODER, "direct", new DirectConnection(server, encoder, answers, leaving));
    }
  }

  @Override
  public HttpConnection connection() {
    return connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext channel, Object message) {
    reading = true;
    if (held.isEmpty() && (awaited == null || inTaken)) {
      read(channel, message);
    } else {
      held.add(message);
      if (held.size() >= HELD_MAX && !stopped) {
        stopped = true;
        channel.channel().config().setAutoRead(false);
      }
    }
  }

  private void read(ChannelHandlerContext channel, Object message) {
    if (inTaken) {
      inTaken = !(message instanceof LastHttpContent);
      ReferenceCountUtil.release(message);
    } else if (message instanceof HttpRequest head) {
      inTaken = isTaken(channel, head);
      if (!inTaken) {
        owed++;
        channel.fireChannelRead(message);
      }
    } else {
      channel.fireChannelRead(message);
    }
  }

  private boolean isTaken(ChannelHandlerContext channel, HttpRequest head) {
    boolean hasBody = look(head);
    if (over
        || hasBody
        || owed > 0
        || head.method() != HttpMethod.GET
        || leaving.getAsBoolean()
        || !channel.channel().isWritable()) {
      return false;
    }
    ContextInternal before = context.beginDispatch();
    try {
      return answers.takes(head, this);
    } finally {
      context.endDispatch(before);
    }
  }

  @Override
  public void await(DirectCall call) {
    awaited = call;
  }

  @Override
  public void send(AnswerBytes answer) {
    awaited = null;
    // From before the encoder: these are bytes already.
    encoder.write(answer.copy(encoder.alloc()), encoder.voidPromise());
    written = true;
    ChannelPromise toClose = closing;
    if (toClose != null) {
      encoder.flush();
      encoder.close(toClose);
    } else if (!reading) {
      goOn();
    }
  }

  /** An answer that is awaited is still given: Vert.x does not know of it. */
  @Override
  public void close(ChannelHandlerContext channel, ChannelPromise promise) {
    ChannelPromise before = closing;
    if (awaited == null) {
      channel.close(promise);
    } else if (before == null) {
      closing = promise;
    } else if (before != promise) {
      before.addListener(closed -> promise.trySuccess());
    }
  }

  /** What was held back behind an answer just given. */
  private void goOn() {
    ChannelHandlerContext channel = encoder.pipeline().context(this);
    reading = true;
    while (!held.isEmpty() && (awaited == null || inTaken)) {
      read(channel, held.remove());
    }
    if (stopped && held.isEmpty()) {
      stopped = false;
      // Before Vert.x hears of the end: with much of it on its hands, it stops reading in turn.
      channel.channel().config().setAutoRead(true);
    }
    channelReadComplete(channel);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext channel) {
    reading = false;
    if (written) {
      written = false;
      channel.flush();
    }
    channel.fireChannelReadComplete();
  }

  @Override
  public void write(ChannelHandlerContext channel, Object message, ChannelPromise promise) {
    if (message instanceof LastHttpContent
        && !(message instanceof HttpResponse head && head.status().code() < FINAL_FROM)) {
      owed--;
    }
    channel.write(message, promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext channel) {
    if (awaited != null) {
      awaited.abandon();
    }
    held.forEach(ReferenceCountUtil::release);
    held.clear();
    channel.fireChannelInactive();
  }

  /**
   * Finds out whether the request has a body or asks for leave to send one, and whether its
   * connection stays open as HTTP/1.1 has it: in one pass, by the lengths of the names.
   */
  private boolean look(HttpRequest head) {
    if (head.protocolVersion() != HttpVersion.HTTP_1_1 || !head.decoderResult().isSuccess()) {
      over = true;
    }
    boolean hasBody = false;
    Iterator<Map.Entry<CharSequence, CharSequence>> headers = head.headers().iteratorCharSequence();
    while (headers.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = headers.next();
      CharSequence name = header.getKey();
      switch (name.length()) {
        case 6 -> hasBody |= is(HttpHeaderNames.EXPECT, name);
        case 7 -> over |= is(HttpHeaderNames.UPGRADE, name);
        case 10 ->
            over |=
                is(HttpHeaderNames.CONNECTION, name)
                    && !is(HttpHeaderValues.KEEP_ALIVE, header.getValue());
        case 14 -> hasBody |= is(HttpHeaderNames.CONTENT_LENGTH, name);
        case 17 -> hasBody |= is(HttpHeaderNames.TRANSFER_ENCODING, name);
        default -> {}
      }
    }
    return hasBody;
  }

  private static boolean is(AsciiString wanted, CharSequence text) {
    return wanted.length() == text.length() && wanted.contentEqualsIgnoreCase(text);
  }
}
