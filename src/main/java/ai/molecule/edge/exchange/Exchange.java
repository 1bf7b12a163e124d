package ai.molecule.edge.exchange;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.problem.ProblemRenderer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer. It is answered once, with an {@link Answer} or a problem, and ends in
 * one {@link Completion}. Used on the event loop of its connection only.
 */
public final class Exchange extends Call {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final long HTTP2_INTERNAL_ERROR = 2;

  /** Answers that are awaited on a connection. */
  private static final AttributeKey<AtomicInteger> AWAITED =
      AttributeKey.valueOf(Exchange.class, "awaited");

  private final HttpServerRequest request;
  private @Nullable Runnable onGone;
  private boolean awaited;
  private final Promise<Void> gone = Promise.promise();
  private boolean answered;

  private Exchange(HttpServerRequest request, Completion completion) {
    super(completion);
    this.request = request;
  }

  /** Begins the exchange of a request that has just arrived. */
  public static Exchange begin(HttpServerRequest request, Completion completion) {
    return new Exchange(request, completion);
  }

  /** The answer has to wait for somebody: from now on a client that goes away is noticed. */
  public Exchange waiting() {
    HttpServerResponse response = request.response();
    response.exceptionHandler(gone -> abort());
    response.closeHandler(closed -> abort());
    return this;
  }

  /**
   * The same, for a request that somebody else works on meanwhile, within a time of theirs: until
   * the answer begins, its connection {@link #isAwaited}.
   *
   * @param gone called when the client goes away before the exchange is over
   */
  public Exchange waiting(Runnable gone) {
    onGone = gone;
    if (!awaited) {
      awaited = true;
      awaitedBy(1);
    }
    return waiting();
  }

  /** Whether an answer is awaited on that connection, so that silence is no sign of idleness. */
  public static boolean isAwaited(Channel channel) {
    AtomicInteger answers = channel.attr(AWAITED).get();
    return answers != null && answers.get() > 0;
  }

  private void awaitedBy(int more) {
    if (request.connection() instanceof HttpServerConnection server) {
      Attribute<AtomicInteger> answers = server.channelHandlerContext().channel().attr(AWAITED);
      AtomicInteger counted = answers.get();
      if (counted == null) {
        counted = new AtomicInteger();
        answers.set(counted);
      }
      counted.addAndGet(more);
    }
  }

  private void awaitedNoMore() {
    if (awaited) {
      awaited = false;
      awaitedBy(-1);
    }
  }

  /** The request. */
  public HttpServerRequest request() {
    return request;
  }

  @Override
  public HttpMethod method() {
    return request.method();
  }

  @Override
  public MultiMap headers() {
    return request.headers();
  }

  @Override
  @Nullable String peerAddress() {
    return request.remoteAddress().hostAddress();
  }

  /**
   * Answers.
   *
   * @return completes when the answer is written, and its body may be changed again
   */
  public Future<Void> answer(Answer answer) {
    StreamedBody streamed = answer.streamed();
    if (isOver()) {
      if (streamed != null) {
        streamed.abandon();
      }
      return Future.succeededFuture();
    }
    HttpServerResponse response = begin(answer.status());
    for (Map.Entry<String, String> header : answer.headers().entrySet()) {
      response.putHeader(header.getKey(), header.getValue());
    }
    if (streamed != null) {
      return stream(response, streamed);
    }
    Buffer body = answer.body();
    if (body == null) {
      return ended(response.end());
    }
    if (answer.headers().isEmpty() || !response.headers().contains(HttpHeaders.CONTENT_TYPE)) {
      response.headers().add(HttpHeaders.CONTENT_TYPE, JSON);
    }
    return end(response, body);
  }

  /** A body that is cut short is not ended: the connection is, so that it cannot look whole. */
  private Future<Void> stream(HttpServerResponse response, StreamedBody body) {
    if (request.method() == HttpMethod.HEAD) {
      body.abandon();
      return ended(response.end());
    }
    ofUnknownLength();
    return body.writeTo(response, gone.future())
        .compose(
            written -> response.end(),
            cutShort -> {
              if (!isCompleted()) {
                ProblemCode code = Problem.from(cutShort).code();
                problem(code);
                LOG.warn("request {} on {} is cut short: {}", requestId(), route(), code.code());
              }
              return response.reset();
            })
        .onComplete(over -> complete());
  }

  /** Answers with the problem behind {@code failure}; anything unexpected is logged and a 500. */
  public void fail(Throwable failure) {
    if (isOver()) {
      return;
    }
    Problem refused = refusal(failure);
    HttpServerResponse response = begin(refused.code().status());
    response.headers().add(HttpHeaders.CONTENT_TYPE, PROBLEM_JSON);
    for (Map.Entry<String, String> header : refused.headers().entrySet()) {
      response.putHeader(header.getKey(), header.getValue());
    }
    end(response, ProblemRenderer.body(refused, requestId()));
  }

  /**
   * Begins an answer whose body comes by and by; {@link #streamed} or {@link #cut} ends it.
   *
   * @return the response with the headers that every answer has; null when the exchange is over
   */
  public @Nullable HttpServerResponse stream(int answeredStatus) {
    return isOver() ? null : begin(answeredStatus);
  }

  /**
   * Of the answer begun nobody knows how long its body is. To HTTP/1.0, which has no chunks, the
   * end of the connection is that of the body, even if the client would like it to stay.
   */
  public void ofUnknownLength() {
    HttpServerResponse response = request.response();
    if (request.version() == HttpVersion.HTTP_1_0) {
      response.headersEndHandler(
          head -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
      response.bodyEndHandler(ended -> request.connection().close());
    } else {
      response.setChunked(true);
    }
  }

  /** The last of a streamed answer has been written. */
  public void streamed() {
    complete();
  }

  /**
   * A streamed answer cannot go on: the connection, or the stream of HTTP/2, is broken off so that
   * nobody takes for whole what is not.
   */
  public void cut() {
    if (isCompleted()) {
      return;
    }
    complete();
    HttpServerResponse response = request.response();
    if (request.version() == HttpVersion.HTTP_2) {
      response.reset(HTTP2_INTERNAL_ERROR);
      return;
    }
    if (request.version() == HttpVersion.HTTP_1_0) {
      // Its end is that of the connection: only a reset tells it from a whole one.
      resetsWhenClosed(request.connection());
    }
    request.connection().close();
  }

  private static void resetsWhenClosed(HttpConnection connection) {
    if (connection instanceof HttpServerConnection server) {
      server.channelHandlerContext().channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
  }

  /** Whether it has been answered, or nobody waits for an answer any more. */
  public boolean isOver() {
    return answered || isCompleted() || request.response().closed();
  }

  /** A HEAD is answered with the length of the body it does not get (RFC 9110, section 9.3.2). */
  private Future<Void> end(HttpServerResponse response, Buffer body) {
    if (request.method() == HttpMethod.HEAD) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    }
    return ended(response.end(body));
  }

  private Future<Void> ended(Future<Void> written) {
    complete();
    return written;
  }

  private HttpServerResponse begin(int answeredStatus) {
    answered = true;
    awaitedNoMore();
    status(answeredStatus);
    HttpServerResponse response = request.response();
    response.setStatusCode(answeredStatus);
    MultiMap headers = response.headers();
    putHeaders(headers::add);
    return response;
  }

  private void abort() {
    gone.tryComplete();
    awaitedNoMore();
    if (isCompleted()) {
      return;
    }
    if (request.response().ended()) {
      // A stream of HTTP/2 ends with its answer, within the very call that writes the last of it.
      complete();
      return;
    }
    status(Completion.STATUS_CLIENT_GONE);
    complete();
    Runnable gone = onGone;
    if (gone != null) {
      gone.run();
    }
  }
}
