package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.Ask;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.problem.ProblemRenderer;
import ai.molecule.edge.ratelimit.Decision;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request, and what has become known of it: its id, who it acts as, what the limiter said, how
 * it ended. It ends once, in one {@link Completion}. Used on the event loop of its connection only.
 */
public abstract sealed class Call implements Ask.Caller permits Exchange, DirectCall {
  static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized(ProblemRenderer.MEDIA_TYPE);

  private static final Logger LOG = LoggerFactory.getLogger(Call.class);
  private static final CharSequence DEPRECATION = HttpHeaders.createOptimized("Deprecation");
  private static final CharSequence SUNSET = HttpHeaders.createOptimized("Sunset");
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final long startNanos;
  private final Completion completion;
  private @Nullable CharSequence requestId;
  private String route = "unmatched";
  private @Nullable Principal principal;
  private @Nullable Decision decision;
  private @Nullable ProblemCode problem;
  private int status;
  private boolean mayBeInGrace;
  private boolean completed;

  /** Begins now. */
  Call(Completion completion) {
    this.startNanos = System.nanoTime();
    this.completion = completion;
  }

  /** Its method. */
  public abstract HttpMethod method();

  /** The headers of the request. */
  public abstract MultiMap headers();

  /** The numeric address at the other end of the connection; null when there is none. */
  abstract @Nullable String peerAddress();

  /** The value of {@code X-Request-Id}. */
  public final String requestId() {
    return requestIdText().toString();
  }

  /** The same, as it is written. */
  public final CharSequence requestIdText() {
    CharSequence known = requestId;
    if (known == null) {
      known = RequestId.of(headers().get(X_REQUEST_ID));
      requestId = known;
    }
    return known;
  }

  /** {@link System#nanoTime} when the request's head had arrived. */
  public final long startNanos() {
    return startNanos;
  }

  /** The route's template, {@code unmatched} until one is known. */
  public final String route() {
    return route;
  }

  /** Who it acts as, once known. */
  public final @Nullable Principal principal() {
    return principal;
  }

  /** What the limiter said, once it was asked. */
  public final @Nullable Decision decision() {
    return decision;
  }

  /** The problem it was answered with, or null. */
  public final @Nullable ProblemCode problem() {
    return problem;
  }

  /** The status answered; {@value Completion#STATUS_CLIENT_GONE} when the client went away. */
  public final int status() {
    return status;
  }

  /** The caller's numeric address: its peer's, or what a trusted one reports. */
  @Override
  public final String callerAddress() {
    return completion.callers().of(peerAddress(), headers());
  }

  final void route(String template) {
    this.route = template;
  }

  /**
   * Says who it is.
   *
   * @param mayBeInGrace false when it is known that no grace period ends the key
   */
  final void identified(Principal identified, @Nullable Decision decided, boolean mayBeInGrace) {
    this.principal = identified;
    this.decision = decided;
    this.mayBeInGrace = mayBeInGrace;
  }

  final void problem(ProblemCode code) {
    this.problem = code;
  }

  final void status(int answered) {
    this.status = answered;
  }

  final boolean isCompleted() {
    return completed;
  }

  /** The problem behind {@code failure}, noted; anything unexpected is logged and a 500. */
  final Problem refusal(Throwable failure) {
    Problem refused = Problem.from(failure);
    if (refused.code() == ProblemCode.INTERNAL_ERROR && !(failure instanceof Problem)) {
      LOG.error("request {} on {} failed", requestId(), route, failure);
    }
    problem = refused.code();
    return refused;
  }

  /** The headers that every answer has, in their order. */
  final void putHeaders(HeaderSink to) {
    to.add(X_REQUEST_ID, requestIdText());
    if (decision != null) {
      RateLimitHeaders.put(to, decision);
    }
    if (mayBeInGrace
        && principal instanceof Principal.PartnerKey(KeyRecord key)
        && key.graceUntil() != null) {
      putGrace(to, key);
    }
  }

  private static void putGrace(HeaderSink to, KeyRecord key) {
    Instant rotatedAt = key.rotatedAt();
    if (rotatedAt != null) {
      to.add(DEPRECATION, "@" + rotatedAt.getEpochSecond());
    }
    to.add(SUNSET, HTTP_DATE.format(key.graceUntil()));
  }

  final void complete() {
    if (!completed) {
      completed = true;
      completion.completed(this);
    }
  }
}
