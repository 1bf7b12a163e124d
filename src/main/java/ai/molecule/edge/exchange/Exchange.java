package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.Ask;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.problem.ProblemRenderer;
import ai.molecule.edge.ratelimit.Decision;
import io.netty.channel.ChannelOption;
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
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer. It is answered once, with an {@link Answer} or a problem, and ends in
 * one {@link Completion}. Used on the event loop of its connection only.
 */
public final class Exchange implements Ask.Caller {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence PROBLEM_JSON =
      HttpHeaders.createOptimized(ProblemRenderer.MEDIA_TYPE);
  private static final long HTTP2_INTERNAL_ERROR = 2;
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final HttpServerRequest request;
  private final CharSequence requestId;
  private final long startNanos;
  private final Completion completion;
  private String route = "unmatched";
  private @Nullable Principal principal;
  private @Nullable Decision decision;
  private @Nullable ProblemCode problem;
  private @Nullable Runnable onGone;
  private int status;
  private final Promise<Void> gone = Promise.promise();
  private boolean answered;
  private boolean completed;

  private Exchange(HttpServerRequest request, CharSequence requestId, Completion completion) {
    this.request = request;
    this.requestId = requestId;
    this.startNanos = System.nanoTime();
    this.completion = completion;
  }

  /** Begins the exchange of a request that has just arrived. */
  public static Exchange begin(HttpServerRequest request, Completion completion) {
    return new Exchange(request, RequestId.of(request.getHeader(X_REQUEST_ID)), completion);
  }

  /** The answer has to wait for somebody: from now on a client that goes away is noticed. */
  public Exchange waiting() {
    HttpServerResponse response = request.response();
    response.exceptionHandler(gone -> abort());
    response.closeHandler(closed -> abort());
    return this;
  }

  /**
   * The same, for a request that somebody else works on meanwhile.
   *
   * @param gone called when the client goes away before the exchange is over
   */
  public Exchange waiting(Runnable gone) {
    onGone = gone;
    return waiting();
  }

  /** The request. */
  public HttpServerRequest request() {
    return request;
  }

  /** The value of {@code X-Request-Id}. */
  public String requestId() {
    return requestId.toString();
  }

  /** The same, as it is written. */
  public CharSequence requestIdText() {
    return requestId;
  }

  /** {@link System#nanoTime} when the request's head had arrived. */
  public long startNanos() {
    return startNanos;
  }

  /** The route's template, {@code unmatched} until one is known. */
  public String route() {
    return route;
  }

  /** Who it acts as, once known. */
  public @Nullable Principal principal() {
    return principal;
  }

  /** What the limiter said, once it was asked. */
  public @Nullable Decision decision() {
    return decision;
  }

  /** The problem it was answered with, or null. */
  public @Nullable ProblemCode problem() {
    return problem;
  }

  /** The status answered; {@value Completion#STATUS_CLIENT_GONE} when the client went away. */
  public int status() {
    return status;
  }

  /** The caller's numeric address: its peer's, or what a trusted one reports. */
  @Override
  public String callerAddress() {
    return completion.callers().of(request.remoteAddress().hostAddress(), request.headers());
  }

  void route(String template) {
    this.route = template;
  }

  void identified(Principal identified, @Nullable Decision decided) {
    this.principal = identified;
    this.decision = decided;
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
    response.setChunked(true);
    return body.writeTo(response, gone.future())
        .compose(
            written -> response.end(),
            cutShort -> {
              if (!completed) {
                problem = Problem.from(cutShort).code();
                LOG.warn("request {} on {} is cut short: {}", requestId, route, problem.code());
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
    Problem refused = Problem.from(failure);
    if (refused.code() == ProblemCode.INTERNAL_ERROR && !(failure instanceof Problem)) {
      LOG.error("request {} on {} failed", requestId, route, failure);
    }
    problem = refused.code();
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

  /** The last of a streamed answer has been written. */
  public void streamed() {
    complete();
  }

  /**
   * A streamed answer cannot go on: the connection, or the stream of HTTP/2, is broken off so that
   * nobody takes for whole what is not.
   */
  public void cut() {
    if (completed) {
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
    return answered || completed || request.response().closed();
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
    status = answeredStatus;
    HttpServerResponse response = request.response();
    response.setStatusCode(answeredStatus);
    MultiMap headers = response.headers();
    headers.add(X_REQUEST_ID, requestId);
    if (decision != null) {
      RateLimitHeaders.put(headers, decision);
    }
    if (principal instanceof Principal.PartnerKey(KeyRecord key) && key.graceUntil() != null) {
      putGrace(headers, key);
    }
    return response;
  }

  private static void putGrace(MultiMap headers, KeyRecord key) {
    Instant rotatedAt = key.rotatedAt();
    if (rotatedAt != null) {
      headers.set("Deprecation", "@" + rotatedAt.getEpochSecond());
    }
    headers.set("Sunset", HTTP_DATE.format(key.graceUntil()));
  }

  private void abort() {
    gone.tryComplete();
    if (completed) {
      return;
    }
    if (!request.response().ended()) {
      status = Completion.STATUS_CLIENT_GONE;
    }
    complete();
    Runnable gone = onGone;
    if (gone != null) {
      gone.run();
    }
  }

  private void complete() {
    if (!completed) {
      completed = true;
      completion.completed(this);
    }
  }
}
