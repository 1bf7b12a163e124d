package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.edge.LoopRoutes.LoopRoute;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.overload.InFlight;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.proxy.Upstream;
import ai.molecule.edge.proxy.UpstreamOutcome;
import ai.molecule.edge.telemetry.EdgeMeter;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
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
final class Forwarding extends Deadlines.Entry {
  private enum State {
    CONNECTING,
    AWAITING,
    RELAYING,
    OVER
  }

  private static final EdgeMeter.Upstream[] OUTCOMES = EdgeMeter.Upstream.values();
  private static final String TRUE_COST = "Mol-Cost";
  private static final Pattern TOKENS = Pattern.compile("[0-9]{1,9}");
  private static final String EVENT_STREAM = "text/event-stream";

  /** An answer that takes longer is watched: it ends when its key may not be used any more. */
  private static final long LONG_MILLIS = 5_000;

  private static final Problem BODY_TOO_LATE =
      Problem.of(ProblemCode.BAD_REQUEST, "The body did not arrive in time.");

  private final Forwarder forwarder;
  private final LoopRoute loopRoute;
  private final Route route;
  private final Exchange exchange;
  private final KeyRecord key;
  private final Optional<UUID> org;
  private final boolean upgrade;
  private final HttpServerRequest request;
  private final long bodyLength;
  private final long startNanos = System.nanoTime();

  private State state = State.CONNECTING;
  private int attempts;
  private @Nullable Upstream upstream;
  private @Nullable HttpClientRequest sent;
  private @Nullable AnswerRelay relay;
  private @Nullable Tunnel tunnel;
  private Streams.@Nullable Stream stream;
  private @Nullable InFlight place;
  private boolean counted;

  private long uploaded;
  private long uploadedAtDeadline;
  private boolean uploadEnded;
  private boolean uploadPaused;

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
    this.uploadEnded = bodyLength == RequestBody.NONE;
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
    forwarder.deadlines().add(this, route.timeoutMillis());
    connect(null);
  }

  private void connect(@Nullable Upstream tried) {
    attempts++;
    Upstream chosen = loopRoute.balancer().choose(tried);
    chosen.begin();
    upstream = chosen;
    InFlight there = forwarder.bounds().of(chosen.address());
    if (!forwarder.bounds().tryBegin(there)) {
      unconnected(UpstreamOutcome.SATURATED);
      return;
    }
    place = there;
    forwarder
        .client()
        .open(chosen.address(), request.method(), request.uri())
        .onComplete(this::connected, this::notConnected);
  }

  /** Nothing has been sent: the one kind of failure after which another attempt is harmless. */
  private void notConnected(Throwable failure) {
    unconnected(UpstreamOutcome.ofConnecting(failure));
  }

  private void unconnected(UpstreamOutcome outcome) {
    Upstream failed = upstream;
    if (state == State.OVER || failed == null) {
      return;
    }
    if (attempts <= route.retries() && loopRoute.balancer().hasChoice()) {
      leave(outcome);
      connect(failed);
    } else {
      fail(outcome);
    }
  }

  private void connected(HttpClientRequest opened) {
    Upstream to = upstream;
    if (state == State.OVER || to == null) {
      // Unused, so it goes back to the others.
      opened.reset();
      return;
    }
    state = State.AWAITING;
    sent = opened;
    opened.exceptionHandler(this::unanswered);
    opened.response().onComplete(this::answered, this::unanswered);
    MultiMap headers = opened.headers();
    forwarder.head().write(headers, exchange, key, org, to);
    if (upgrade) {
      Upgrade.ask(headers);
      opened.connect();
    } else if (bodyLength == RequestBody.NONE) {
      if (request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
        headers.set(HttpHeaders.CONTENT_LENGTH, "0");
      }
      opened.end();
    } else {
      upload(opened, headers);
    }
  }

  private void upload(HttpClientRequest to, MultiMap headers) {
    if (bodyLength == RequestBody.UNKNOWN) {
      to.setChunked(true);
      to.sendHead();
    } else {
      headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(bodyLength));
    }
    if (request.headers().contains(HttpHeaders.EXPECT)) {
      request.response().writeContinue();
    }
    request.handler(chunk -> upload(to, chunk));
    request.endHandler(ended -> uploaded(to));
    request.exceptionHandler(gone -> {});
    request.resume();
  }

  private void upload(HttpClientRequest to, Buffer chunk) {
    uploaded += chunk.length();
    if (state == State.OVER) {
      return;
    }
    if (uploaded > route.bodyBytesMax()) {
      tooLarge();
    } else if (uploaded == bodyLength) {
      uploadEnded = true;
      to.end(chunk);
    } else {
      to.write(chunk);
      if (to.writeQueueFull()) {
        uploadPaused = true;
        request.pause();
        to.drainHandler(drained -> resumeUpload());
      }
    }
  }

  private void resumeUpload() {
    uploadPaused = false;
    request.resume();
  }

  private void uploaded(HttpClientRequest to) {
    if (!uploadEnded && state != State.OVER) {
      uploadEnded = true;
      to.end();
    }
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
      return;
    }
    boolean clientIsAtIt = state == State.AWAITING && !uploadEnded && !uploadPaused;
    if (!clientIsAtIt) {
      showTime(false);
      fail(UpstreamOutcome.TIMEOUT);
    } else if (uploaded > uploadedAtDeadline) {
      // The upstream has nothing to answer yet, and the client is at work.
      uploadedAtDeadline = uploaded;
      forwarder.deadlines().add(this, route.timeoutMillis());
    } else {
      over(UpstreamOutcome.CLIENT_GONE);
      exchange.fail(BODY_TOO_LATE);
      RequestBody.discard(forwarder.vertx(), request);
    }
  }

  private void unanswered(Throwable failure) {
    if (state == State.AWAITING) {
      fail(UpstreamOutcome.ofAnswering(failure));
    } else if (state == State.RELAYING) {
      cut();
    }
  }

  private void answered(HttpClientResponse answer) {
    Upstream by = upstream;
    if (state != State.AWAITING || by == null) {
      return;
    }
    int status = answer.statusCode();
    boolean switches = upgrade && Upgrade.isGranted(answer);
    boolean lasts = switches || isEventStream(answer);
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
    forwarder.deadlines().remove(this);
    loopRoute.meters().answered(System.nanoTime() - startNanos);
    if (isComplaint(status)) {
      by.failed(System.nanoTime());
    } else {
      by.succeeded();
    }
    settle(answer.getHeader(TRUE_COST));
    showTime(lasts);
    if (switches) {
      tunnel(answer, response);
      return;
    }
    relay =
        AnswerRelay.start(forwarder.vertx(), answer, request, response, this::relayed, this::cut);
    if (lasts) {
      watch();
    } else if (relay.mayTakeLong()) {
      forwarder.deadlines().add(this, LONG_MILLIS);
    }
  }

  /** A stream is bounded by its key's number of them; it leaves its place to another request. */
  private void showTime(boolean lasts) {
    InFlight there = place;
    if (there != null) {
      there.took(startNanos);
    }
    if (lasts) {
      leavePlace();
      uncount();
    }
  }

  private void leavePlace() {
    InFlight there = place;
    if (there != null) {
      place = null;
      there.end();
    }
  }

  private void uncount() {
    if (counted) {
      counted = false;
      forwarder.bounds().end(key.partnerId());
    }
  }

  /**
   * The upstream knows what the request really cost; whatever is no number of tokens says nothing.
   */
  private void settle(@Nullable String trueCost) {
    if (trueCost != null && TOKENS.matcher(trueCost).matches()) {
      forwarder.gate().settle(exchange, route.spec(), Long.parseLong(trueCost));
    }
  }

  private static boolean isEventStream(HttpClientResponse answer) {
    String type = answer.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
  }

  /** From here on there are bytes alone. */
  private void tunnel(HttpClientResponse answer, HttpServerResponse response) {
    Upgrade.grant(answer, response);
    request
        .toNetSocket()
        .onComplete(
            client -> {
              if (state == State.OVER) {
                client.close();
                return;
              }
              Tunnel joined = Tunnel.join(client, answer.netSocket(), this::relayed);
              tunnel = joined;
              forwarder.tunnels().add(joined);
              watch();
            },
            failure -> cut());
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

  /** Answers of gateways and of servers that cannot: they count as failures of the upstream. */
  private static boolean isComplaint(int status) {
    return status >= 502 && status <= 504;
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
    if (!uploadEnded) {
      RequestBody.discard(forwarder.vertx(), request);
    }
  }

  private void over(UpstreamOutcome outcome) {
    forwarder.deadlines().remove(this);
    state = State.OVER;
    if (relay != null) {
      relay.stop();
    }
    if (stream != null) {
      stream.close();
    }
    if (tunnel != null) {
      forwarder.tunnels().remove(tunnel);
    }
    leave(outcome);
    uncount();
    HttpClientRequest unfinished = sent;
    if (unfinished != null && !(outcome == UpstreamOutcome.ANSWERED && uploadEnded)) {
      // Not reset(): after an early answer that would hand a connection on in mid-request.
      unfinished.connection().close();
    }
  }

  /** Is done with the upstream of the last attempt. */
  private void leave(UpstreamOutcome outcome) {
    Upstream last = upstream;
    leavePlace();
    if (last != null) {
      upstream = null;
      last.end();
      if (outcome.isFailure()) {
        last.failed(System.nanoTime());
      }
      loopRoute.meters().ended(OUTCOMES[outcome.ordinal()]);
    }
  }
}
