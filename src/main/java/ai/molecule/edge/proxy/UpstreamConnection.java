package ai.molecule.edge.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an upstream, over which one request goes at a time. Used on its event loop only.
 *
 * <p>Invariant: what a reader is given came after its request was sent, and is part of the answer
 * to it. So a connection goes back to the others only when request and answer are both whole,
 * nothing but the answer was in what was read with its end, and both sides keep it; everything that
 * arrives while nobody has asked ends it. Interim answers (1xx) are dropped, all but 101.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
  private final ConnectionPool pool;
  private final ContextInternal context;
  private final AnswerDecoder decoder;
  private @Nullable ChannelHandlerContext channel;
  private final Traffic traffic = new Traffic();
  private @Nullable AnswerReader reader;
  private boolean inChunks;
  private boolean requestEnded;
  private boolean answerBegan;
  private boolean inInterim;
  private boolean upgraded;
  private boolean answerEnded;
  private boolean closing;
  private long unusedSinceNanos;
  private long keptNanos;

  UpstreamConnection(ConnectionPool pool, ContextInternal context, AnswerDecoder decoder) {
    this.pool = pool;
    this.context = context;
    this.decoder = decoder;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    channel = added;
  }

  private ChannelHandlerContext channel() {
    ChannelHandlerContext made = channel;
    if (made == null) {
      throw new IllegalStateException("not connected");
    }
    return made;
  }

  /** Where the head of a request is to be allocated. */
  public ByteBuf allocate(int bytes) {
    return channel().alloc().directBuffer(bytes);
  }

  /**
   * Sends a request that has no body.
   *
   * @param head the request line and all headers; its ownership goes over
   * @param isHead whether it is a HEAD, whose answer has no body whatever it says
   */
  public void send(ByteBuf head, boolean isHead, AnswerReader to) {
    begin(isHead, false, to);
    requestEnded = true;
    flush(head);
  }

  /**
   * Begins a request with a body; {@link #write} and {@link #end} are to follow. A body of known
   * length goes out with its head.
   *
   * @param chunked whether the head says that the body comes in chunks
   * @param isHead whether it is a HEAD, whose answer has no body whatever it says
   */
  public void sendHead(ByteBuf head, boolean chunked, boolean isHead, AnswerReader to) {
    begin(isHead, chunked, to);
    if (chunked) {
      flush(head);
    } else {
      channel().write(head, channel().voidPromise());
    }
  }

  private void begin(boolean isHead, boolean chunked, AnswerReader to) {
    reader = to;
    inChunks = chunked;
    requestEnded = false;
    answerBegan = false;
    inInterim = false;
    answerEnded = false;
    decoder.expect(isHead);
  }

  /** The answer goes on to that reader. */
  public void readBy(AnswerReader next) {
    if (!closing) {
      reader = next;
    }
  }

  /** Some of the body, or of what is spoken after an upgrade; its ownership goes over. */
  public void write(ByteBuf bytes) {
    if (closing) {
      bytes.release();
    } else if (!inChunks) {
      flush(bytes);
    } else if (bytes.isReadable()) {
      traffic.went();
      Chunks.write(channel(), bytes);
    } else {
      bytes.release();
    }
  }

  /** The body is whole. */
  public void end() {
    requestEnded = true;
    if (inChunks && !closing) {
      flush(Chunks.last(channel()));
    } else if (!closing) {
      channel().flush();
    }
  }

  private void flush(ByteBuf bytes) {
    traffic.went();
    ChannelHandlerContext to = channel();
    to.writeAndFlush(bytes, to.voidPromise());
  }

  /** Whether it takes more; where not, {@link AnswerReader#writable} says when it does. */
  public boolean isWritable() {
    return channel().channel().isWritable();
  }

  /** Reads no more from the upstream. */
  public void pause() {
    channel().channel().config().setAutoRead(false);
  }

  /** Reads on. */
  public void resume() {
    channel().channel().config().setAutoRead(true);
  }

  /** Gives back a connection that was got and not used. */
  public void giveBack() {
    if (!closing) {
      pool.released(this);
    }
  }

  /** Ends it now; its reader hears no more. */
  public void close() {
    reader = null;
    if (!closing) {
      closing = true;
      channel().close();
    }
  }

  /** Ends it when what was written has gone out. */
  public void closeAfterWrites() {
    reader = null;
    if (!closing) {
      closing = true;
      channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    traffic.went();
    ContextInternal before = context.beginDispatch();
    try {
      take(message);
    } finally {
      context.endDispatch(before);
      ReferenceCountUtil.release(message);
    }
  }

  private void take(Object message) {
    AnswerReader to = reader;
    if (to == null) {
      // Nobody asked, or what was asked has been answered.
      close();
    } else if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
      fail(UpstreamOutcome.ofAnswering(part.decoderResult().cause()));
    } else if (message instanceof HttpResponse head) {
      head(head, to);
    } else if (inInterim) {
      inInterim = !(message instanceof LastHttpContent);
    } else if (message instanceof HttpContent content) {
      if (content.content().isReadable()) {
        to.piece(content.content());
      }
      if (content instanceof LastHttpContent && !upgraded) {
        ended();
      }
    } else if (message instanceof ByteBuf bytes && upgraded) {
      to.piece(bytes);
    } else {
      fail(UpstreamOutcome.INVALID);
    }
  }

  private void head(HttpResponse head, AnswerReader to) {
    AnswerKind kind = AnswerKind.of(head);
    switch (kind) {
      case INVALID -> fail(UpstreamOutcome.INVALID);
      case INTERIM -> inInterim = true;
      case UPGRADE, FINAL -> {
        upgraded = kind == AnswerKind.UPGRADE;
        keptNanos = pool.keptNanos(head);
        answerBegan = true;
        to.head(head);
      }
    }
  }

  private void ended() {
    AnswerReader to = reader;
    if (to != null) {
      reader = null;
      answerEnded = true;
      to.end();
      if (!requestEnded) {
        // To hand it on would be in the middle of a request.
        close();
      }
    }
  }

  private void fail(UpstreamOutcome why) {
    AnswerReader to = reader;
    close();
    if (to != null) {
      to.failed(why);
    }
  }

  /** Everything that came with the end of an answer has been looked at. */
  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (!answerEnded || closing) {
      return;
    }
    answerEnded = false;
    if (keptNanos > 0 && from.channel().isActive() && hasSentAll(from)) {
      inContext(() -> pool.released(this));
    } else {
      close();
    }
  }

  /** Whether nothing is still to go out: an upstream may answer what it does not read. */
  private static boolean hasSentAll(ChannelHandlerContext over) {
    ChannelOutboundBuffer toGo = over.channel().unsafe().outboundBuffer();
    return toGo == null || toGo.isEmpty();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    traffic.went();
    AnswerReader to = reader;
    if (to != null && from.channel().isWritable()) {
      inContext(to::writable);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    gone(UpstreamOutcome.ofAnswering(cause));
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    gone(UpstreamOutcome.RESET);
    pool.closed(this);
  }

  private void gone(UpstreamOutcome why) {
    inContext(() -> fail(why));
  }

  /** Vert.x finds timers and threads by the context that it believes to be in. */
  private void inContext(Runnable action) {
    ContextInternal before = context.beginDispatch();
    try {
      action.run();
    } finally {
      context.endDispatch(before);
    }
  }

  /** It is unused from now on. */
  void unused(long nowNanos) {
    unusedSinceNanos = nowNanos;
    if (!channel().channel().config().isAutoRead()) {
      resume();
    }
  }

  /** Whether it may be used, having been unused since it was. */
  boolean isUsable(long nowNanos) {
    return !closing && nowNanos - unusedSinceNanos < keptNanos && channel().channel().isActive();
  }

  /** How long it may stay unused, where no answer has said otherwise. */
  void kept(long nanos) {
    keptNanos = nanos;
  }

  /**
   * Looks whether anything went over it since the last look; so many quiet ones end it. How long to
   * wait for the head of an answer is for its reader to say.
   */
  void look(int looksMax) {
    boolean nothingIsToGo = !closing && (reader == null || !answerBegan);
    if (traffic.quietLooks(nothingIsToGo) < looksMax) {
      return;
    }
    if (closing) {
      // What was to go out before its end is not taken.
      channel().close();
    } else {
      gone(UpstreamOutcome.RESET);
    }
  }
}
