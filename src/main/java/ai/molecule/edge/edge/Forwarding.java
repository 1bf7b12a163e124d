package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
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
import java.util.Optional;
import java.util.UUID;
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
  private static final Problem BAD_HEAD =
      Problem.of(ProblemCode.BAD_REQUEST, "A header has a character that none may have.");

  private final Forwarder forwarder;
  private final LoopRoute loopRoute;
  private final Route route;
  private final Exchange exchange;
  private final KeyRecord key;
  private final Optional<UUID> org;
  private final boolean upgrade;
  private final HttpServerRequest request;
  private final long bodyLength;
  private final Upload upload;
  private final long startNanos = System.nanoTime();

  private State state = State.CONNECTING;
  private int attempts;
  private @Nullable Attempt attempt;
  private @Nullable UpstreamConnection connection;
  private @Nullable AnswerRelay relay;
  private @Nullable Tunnel tunnel;
  private Streams.@Nullable Stream stream;
  private boolean counted;

  Forwarding(
      Forwarder forwarder,
      LoopRoute loopRoute,
      Exchange exchange,
      KeyRecord key,
      Optional<UUID> org) {
    this.forwarder = forwarder;
    this.loopRoute = loopRoute;
    this.route = loopRoute.route();
    this.exchange = exchange;
    this.key = key;
    this.org = org;
    this.request = exchange.request();
    this.upgrade = Upgrade.isAsked(request);
    this.bodyLength = RequestBody.length(request);
    this.upload = new Upload(request, bodyLength, route.bodyBytesMax(), this::tooLarge);
  }

  /** Sends the request to an upstream; its body, if there is one, has been paused. */
  void begin() {
    if (exchange.isOver()) {
      return;
    }
    if (bodyLength > route.bodyBytesMax()) {
      exchange.fail(Problem.of(ProblemCode.BODY_TOO_LARGE));
      RequestBody.discard(forwarder.vertx(), request);
      return;
    }
    if (upgrade && forwarder.streams().isFull(key.hash())) {
      exchange.fail(Problem.of(ProblemCode.STREAM_LIMIT).retryAfter(1));
      return;
    }
    if (!forwarder.bounds().tryBegin(key.partnerId())) {
      exchange.fail(Problem.of(ProblemCode.CONCURRENCY_LIMIT).retryAfter(1));
      RequestBody.discard(forwarder.vertx(), request);
      return;
    }
    counted = true;
    exchange.waiting(this::clientGone);
    forwarder.deadlines().add(this, startNanos, route.timeoutMillis());
    connect(null);
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
    ByteBuf head =
        forwarder.head().write(opened, exchange, key, org, now.upstream(), bodyLength, upgrade);
    if (head == null) {
      opened.giveBack();
      over(UpstreamOutcome.CLIENT_GONE);
      exchange.fail(BAD_HEAD);
      discardUpload();
      return;
    }
    state = State.AWAITING;
    connection = opened;
    if (bodyLength == RequestBody.NONE) {
      opened.send(head, request.method() == HttpMethod.HEAD, this);
      return;
    }
    opened.sendHead(head, bodyLength == RequestBody.UNKNOWN, this);
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
      exchange.fail(Problem.of(ProblemCode.BODY_TOO_LARGE));
      RequestBody.discard(forwarder.vertx(), request);
    }
  }

  /** The time until the head of the answer is over, or an answer begins to take long. */
  @Override
  void expired() {
    if (state == State.RELAYING) {
      // An answer that takes long ends with its key, too.
      watch();
    } else if (!upload.isAwaited()) {
      Attempt late = attempt;
      if (late != null) {
        late.took(startNanos, System.nanoTime());
      }
      fail(UpstreamOutcome.TIMEOUT);
    } else if (upload.hasMoved()) {
      // The upstream has nothing to answer yet, and the client is at work.
      forwarder.deadlines().add(this, System.nanoTime(), route.timeoutMillis());
    } else {
      over(UpstreamOutcome.CLIENT_GONE);
      exchange.fail(BODY_TOO_LATE);
      RequestBody.discard(forwarder.vertx(), request);
    }
  }

  @Override
  public void failed(UpstreamOutcome why) {
    Tunnel open = tunnel;
    if (open != null) {
      open.close();
    } else if (state == State.AWAITING) {
      fail(why);
    } else {
      cut();
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
    boolean switches = upgrade && Upgrade.isGranted(answer);
    boolean lasts = switches || AnswerHead.isEventStream(answer.headers());
    if (status < 200 && !switches) {
      // What was not asked for; interim answers do not get here.
      fail(UpstreamOutcome.INVALID);
      return;
    }
    if (lasts && forwarder.streams().isFull(key.hash())) {
      over(UpstreamOutcome.CLIENT_GONE);
      exchange.fail(Problem.of(ProblemCode.STREAM_LIMIT).retryAfter(1));
      return;
    }
    HttpServerResponse response = exchange.stream(status);
    if (response == null) {
      over(UpstreamOutcome.CLIENT_GONE);
      return;
    }
    state = State.RELAYING;
    note(answered, status, lasts);
    settle(TrueCost.of(answer.headers()));
    if (switches) {
      tunnel(answer, response, from);
      return;
    }
    relay =
        AnswerRelay.start(
            forwarder.vertx(), from, answer, request, response, this::relayed, this::cut);
    if (lasts) {
      watch();
    } else if (relay.mayTakeLong()) {
      forwarder.deadlines().add(this, System.nanoTime(), LONG_MILLIS);
    }
  }

  /** A stream is bounded by its key's number of them; it leaves its place to another request. */
  private void note(Attempt answered, int status, boolean lasts) {
    long now = System.nanoTime();
    forwarder.deadlines().remove(this);
    loopRoute.meters().answered(now - startNanos);
    if (isComplaint(status)) {
      answered.upstream().failed(now);
    } else {
      answered.upstream().succeeded();
    }
    answered.took(startNanos, now);
    if (lasts) {
      answered.leavePlace();
      uncount();
    }
  }

  /** Answers of gateways and of servers that cannot: they count as failures of the upstream. */
  private static boolean isComplaint(int status) {
    return status >= 502 && status <= 504;
  }

  private void settle(long trueCost) {
    if (trueCost != TrueCost.UNSAID) {
      forwarder.gate().settle(exchange, route.spec(), trueCost);
    }
  }

  private void uncount() {
    if (counted) {
      counted = false;
      forwarder.bounds().end(key.partnerId());
    }
  }

  @Override
  public void piece(ByteBuf bytes) {
    if (tunnel != null) {
      tunnel.fromUpstream(bytes);
    } else if (relay != null) {
      relay.piece(bytes);
    }
  }

  @Override
  public void end() {
    if (relay != null) {
      relay.end();
    }
  }

  @Override
  public void writable() {
    if (tunnel != null) {
      tunnel.upstreamWritable();
    } else {
      upload.writable();
    }
  }

  /** From here on there are bytes alone. */
  private void tunnel(HttpResponse answer, HttpServerResponse response, UpstreamConnection from) {
    Upgrade.grant(answer, response);
    Tunnel joined = new Tunnel(from, this::relayed);
    tunnel = joined;
    forwarder.tunnels().add(joined);
    request.toNetSocket().onComplete(joined::join, failure -> cut());
    watch();
  }

  private void watch() {
    if (stream == null && state == State.RELAYING) {
      stream = forwarder.streams().watch(key.hash(), route.spec(), exchange, this::keyGone);
    }
  }

  private void keyGone() {
    if (state == State.OVER) {
      return;
    }
    Tunnel open = tunnel;
    over(UpstreamOutcome.KEY_GONE);
    if (open == null) {
      exchange.cut();
    } else {
      open.close();
      exchange.streamed();
    }
  }

  private void relayed() {
    if (state != State.OVER) {
      over(UpstreamOutcome.ANSWERED);
      exchange.streamed();
      discardUpload();
    }
  }

  private void cut() {
    if (state != State.OVER) {
      over(UpstreamOutcome.CUT);
      exchange.cut();
    }
  }

  private void clientGone() {
    if (state != State.OVER) {
      over(UpstreamOutcome.CLIENT_GONE);
    }
  }

  private void fail(UpstreamOutcome outcome) {
    over(outcome);
    Problem problem = Problem.of(outcome.problem().orElse(ProblemCode.INTERNAL_ERROR));
    exchange.fail(outcome == UpstreamOutcome.SATURATED ? problem.retryAfter(1) : problem);
    discardUpload();
  }

  /** What the client still sends of a request that has been answered goes nowhere. */
  private void discardUpload() {
    if (!upload.isEnded()) {
      RequestBody.discard(forwarder.vertx(), request);
    }
  }

  private void over(UpstreamOutcome outcome) {
    State before = state;
    state = State.OVER;
    forwarder.deadlines().remove(this);
    upload.stop();
    if (relay != null) {
      relay.stop();
    }
    if (stream != null) {
      stream.close();
    }
    if (tunnel != null) {
      forwarder.tunnels().remove(tunnel);
      tunnel.close();
    }
    Attempt last = attempt;
    if (last != null) {
      last.over(outcome);
      if (before == State.CONNECTING) {
        forwarder.client().forget(last.upstream().address(), this);
      }
    }
    uncount();
    UpstreamConnection unfinished = connection;
    if (unfinished != null
        && tunnel == null
        && !(outcome == UpstreamOutcome.ANSWERED && upload.isEnded())) {
      // It is in the middle of a request or of an answer.
      unfinished.close();
    }
  }
}
