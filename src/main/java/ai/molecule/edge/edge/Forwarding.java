package ai.molecule.edge.edge;

import ai.molecule.edge.edge.LoopRoutes.LoopRoute;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.proxy.AnswerReader;
import ai.molecule.edge.proxy.Upstream;
import ai.molecule.edge.proxy.UpstreamClient;
import ai.molecule.edge.proxy.UpstreamConnection;
import ai.molecule.edge.proxy.UpstreamOutcome;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the edge, from the gate to the end of its answer:
 *
 * <pre>
 * CONNECTING → AWAITING (the head of the answer) → RELAYING (its body) → OVER
 * </pre>
 *
 * <p>Every way to OVER goes through {@link #over}, once. Bodies stream both ways, and whoever reads
 * slowly slows down the one who writes. Used on its event loop only.
 */
final class Forwarding extends Deadlines.Entry implements UpstreamClient.Waiter, AnswerReader {
  private enum State {
    CONNECTING,
    AWAITING,
    RELAYING,
    OVER
  }

  /** An answer that takes longer is watched: it ends when its key may not be used any more. */
  private static final long LONG_MILLIS = 5_000;

  private static final Problem BODY_TOO_LATE =
      Problem.of(ProblemCode.BAD_REQUEST, "The body did not arrive in time.");
  private static final Problem TOO_MANY_STREAMS =
      Problem.of(ProblemCode.STREAM_LIMIT).retryAfter(1);
  private static final Problem TOO_MANY_AT_ONCE =
      Problem.of(ProblemCode.CONCURRENCY_LIMIT).retryAfter(1);
  private static final Problem BAD_HEAD =
      Problem.of(ProblemCode.BAD_REQUEST, "A header has a character that none may have.");

  private final Forwarder forwarder;
  private final LoopRoute loopRoute;
  private final Route route;
  private final ForwardedRequest asked;
  private final Exchange exchange;
  private final HttpServerRequest request;
  private final Upload upload;
  private final long startNanos = System.nanoTime();

  private State state = State.CONNECTING;
  private int attempts;
  private @Nullable Attempt attempt;
  private @Nullable UpstreamConnection connection;
  private @Nullable Relaying relaying;
  private boolean counted;

  /** It has once been given more time, since its body was on its way. */
  private boolean isLongUpload;

  Forwarding(Forwarder forwarder, LoopRoute loopRoute, ForwardedRequest asked) {
    this.forwarder = forwarder;
    this.loopRoute = loopRoute;
    this.route = loopRoute.route();
    this.asked = asked;
    this.exchange = asked.exchange();
    this.request = asked.request();
    this.upload = new Upload(request, asked.bodyLength(), route.bodyBytesMax(), this::tooLarge);
  }

  /** Sends the request to an upstream; its body, if there is one, has been paused. */
  void begin() {
    if (exchange.isOver()) {
      return;
    }
    if (asked.bodyLength() > route.bodyBytesMax()) {
      refuse(Problem.of(ProblemCode.BODY_TOO_LARGE));
      return;
    }
    if (asked.upgrade() && forwarder.streams().isFull(asked.key().hash())) {
      refuse(TOO_MANY_STREAMS);
      return;
    }
    if (!forwarder.bounds().tryBegin(asked.key().partnerId())) {
      refuse(TOO_MANY_AT_ONCE);
      return;
    }
    counted = true;
    exchange.waiting(() -> ended(UpstreamOutcome.CLIENT_GONE));
    forwarder.deadlines().add(this, startNanos, route.timeoutMillis());
    connect(null);
  }

  /** What the client still sends goes nowhere. */
  private void refuse(Problem problem) {
    exchange.fail(problem);
    if (!upload.isEnded()) {
      RequestBody.discard(forwarder.vertx(), request);
    }
  }

  private void connect(@Nullable Upstream tried) {
    attempts++;
    Attempt next = Attempt.begin(loopRoute, forwarder.bounds(), tried);
    attempt = next;
    if (next.hasPlace()) {
      forwarder.client().open(next.upstream().address(), this);
    } else {
      unconnected(UpstreamOutcome.SATURATED);
    }
  }

  /** Nothing has been sent: the one kind of failure after which another attempt is harmless. */
  @Override
  public void unconnected(UpstreamOutcome outcome) {
    Attempt failed = attempt;
    if (state == State.OVER || failed == null) {
      return;
    }
    if (attempts <= route.retries() && loopRoute.balancer().hasChoice()) {
      failed.over(outcome);
      connect(failed.upstream());
    } else {
      fail(outcome);
    }
  }

  @Override
  public void connected(UpstreamConnection opened) {
    Attempt now = attempt;
    if (state == State.OVER || now == null) {
      opened.giveBack();
      return;
    }
    ByteBuf head = forwarder.head().write(opened, asked, now.upstream());
    if (head == null) {
      opened.giveBack();
      over(UpstreamOutcome.CLIENT_GONE);
      refuse(BAD_HEAD);
      return;
    }
    state = State.AWAITING;
    connection = opened;
    boolean isHead = request.method() == HttpMethod.HEAD;
    if (!asked.hasBody()) {
      opened.send(head, isHead, this);
      return;
    }
    opened.sendHead(head, asked.bodyLength() == RequestBody.UNKNOWN, isHead, this);
    if (request.headers().contains(HttpHeaders.EXPECT)) {
      request.response().writeContinue();
    }
    upload.begin(opened);
  }

  private void tooLarge() {
    boolean answering = state == State.RELAYING;
    over(UpstreamOutcome.CLIENT_GONE);
    if (answering) {
      exchange.cut();
    } else {
      refuse(Problem.of(ProblemCode.BODY_TOO_LARGE));
    }
  }

  /** The time until the head of the answer is over, or an answer begins to take long. */
  @Override
  void expired() {
    Relaying begun = relaying;
    if (begun != null) {
      // An answer that takes long ends with its key, too.
      begun.watch();
    } else if ((isLongUpload || !upload.isEnded()) && upload.hasMoved()) {
      // The upstream has nothing to answer yet, or has only just got the last of it.
      isLongUpload = true;
      forwarder.deadlines().add(this, System.nanoTime(), route.timeoutMillis());
    } else if (!upload.isAwaited()) {
      Attempt late = attempt;
      if (late != null) {
        late.late(startNanos);
      }
      fail(UpstreamOutcome.TIMEOUT);
    } else {
      over(UpstreamOutcome.CLIENT_GONE);
      refuse(BODY_TOO_LATE);
    }
  }

  @Override
  public void failed(UpstreamOutcome why) {
    if (state == State.AWAITING) {
      fail(why);
    }
  }

  @Override
  public void head(HttpResponse answer) {
    Attempt answered = attempt;
    UpstreamConnection from = connection;
    if (state != State.AWAITING || answered == null || from == null) {
      return;
    }
    int status = answer.status().code();
    boolean switches = asked.upgrade() && Upgrade.isGranted(answer);
    boolean lasts = switches || AnswerHead.isEventStream(answer.headers());
    if (status < 200 && !switches) {
      // What was not asked for; interim answers do not get here.
      fail(UpstreamOutcome.INVALID);
      return;
    }
    if (lasts && forwarder.streams().isFull(asked.key().hash())) {
      over(UpstreamOutcome.CLIENT_GONE);
      refuse(TOO_MANY_STREAMS);
      return;
    }
    HttpServerResponse response = exchange.stream(status);
    if (response == null) {
      over(UpstreamOutcome.CLIENT_GONE);
      return;
    }
    state = State.RELAYING;
    forwarder.deadlines().remove(this);
    answered.answered(status, startNanos);
    if (lasts) {
      // It is bounded by its key's number of streams, and leaves its place to another request.
      answered.leavePlace();
      uncount();
    }
    TrueCost.settle(answer.headers(), forwarder.gate(), exchange, route.spec());
    Relaying begun = new Relaying(forwarder, asked, from, upload, this::ended);
    relaying = begun;
    from.readBy(begun);
    if (switches) {
      begun.tunnel(answer, response);
      return;
    }
    boolean mayTakeLong = begun.relay(answer, response);
    if (lasts) {
      begun.watch();
    } else if (mayTakeLong) {
      forwarder.deadlines().add(this, System.nanoTime(), LONG_MILLIS);
    }
  }

  private void uncount() {
    if (counted) {
      counted = false;
      forwarder.bounds().end(asked.key().partnerId());
    }
  }

  /** From its head on, an answer is read by {@link Relaying}. */
  @Override
  public void piece(ByteBuf bytes) {}

  @Override
  public void end() {}

  @Override
  public void writable() {
    upload.writable();
  }

  private void ended(UpstreamOutcome outcome) {
    if (state != State.OVER) {
      over(outcome);
      if (outcome == UpstreamOutcome.ANSWERED && !upload.isEnded()) {
        RequestBody.discard(forwarder.vertx(), request);
      }
    }
  }

  private void fail(UpstreamOutcome outcome) {
    over(outcome);
    Problem problem = Problem.of(outcome.problem().orElse(ProblemCode.INTERNAL_ERROR));
    refuse(outcome == UpstreamOutcome.SATURATED ? problem.retryAfter(1) : problem);
  }

  private void over(UpstreamOutcome outcome) {
    State before = state;
    state = State.OVER;
    forwarder.deadlines().remove(this);
    upload.stop();
    Attempt last = attempt;
    if (last != null) {
      last.over(outcome);
      if (before == State.CONNECTING) {
        forwarder.client().forget(last.upstream().address(), this);
      }
    }
    uncount();
    Relaying begun = relaying;
    UpstreamConnection used = connection;
    if (begun != null) {
      begun.stop();
    }
    if (used != null && !(outcome == UpstreamOutcome.ANSWERED && upload.isEnded())) {
      // It is in the middle of a request or of an answer.
      used.close();
    }
  }
}
