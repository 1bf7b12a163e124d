package ai.molecule.edge.controlplane.webhooks;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends one event to one receiver, within a deadline. The host is resolved for every attempt, each
 * address it has is checked, and the one that was checked is connected to: no cache and no second
 * resolution lie between. Redirects are not followed, connections not kept, and of the answer no
 * more than a little is read. Belongs to one event loop.
 */
public final class Sender {
  private static final String USER_AGENT = "Partner-Edge-Webhooks/1.0";
  private static final int RESOLVERS = 4;
  private static final int SHOWN_BYTES_MAX = 512;
  private static final int READ_BYTES_MAX = 16 * 1024;

  private final Resolver resolver;
  private final Targets targets;
  private final Duration deadline;
  private final InstantSource clock;
  private final HttpClient client;

  /** Turns names into addresses. */
  public interface Resolver {
    /** The addresses of a host, at least one. */
    Future<List<InetAddress>> resolve(String host);

    /** The machine's own way, on threads of its own since it blocks. */
    static Resolver ofMachine(Vertx vertx) {
      WorkerExecutor threads = vertx.createSharedWorkerExecutor("webhook-names", RESOLVERS);
      return host ->
          threads
              .executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false)
              .map(found -> Objects.requireNonNull(found));
    }
  }

  /**
   * A sender for the calling event loop.
   *
   * @param options of its client: what TLS it trusts
   * @param deadline of one attempt, from its beginning to the end of the answer
   * @param clock says the {@code webhook-timestamp}
   */
  public Sender(
      Vertx vertx,
      HttpClientOptions options,
      Resolver resolver,
      Targets targets,
      Duration deadline,
      int inFlightMax,
      InstantSource clock) {
    this.resolver = resolver;
    this.targets = targets;
    this.deadline = deadline;
    this.clock = clock;
    this.client =
        vertx.createHttpClient(
            options
                .setConnectTimeout((int) deadline.toMillis())
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false)
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(inFlightMax).setMaxWaitQueueSize(inFlightMax));
  }

  /** Makes one attempt. Never fails: what goes wrong is in what it completes with. */
  Future<Attempt> send(Claimed claimed) {
    Call call = new Call(claimed, clock.instant(), System.nanoTime());
    return call.run()
        .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .recover(
            failure -> {
              call.abandon();
              return Future.succeededFuture(call.unanswered(reason(failure)));
            });
  }

  /** What went wrong, in words that do not tell of the network behind the edge. */
  private static String reason(Throwable failure) {
    return switch (failure) {
      case Refused refused -> String.valueOf(refused.getMessage());
      case TimeoutException late -> "no answer in time";
      case UnknownHostException unknown -> "the host is not known";
      case SSLException tls -> "TLS could not be agreed on";
      case IOException lost -> "the connection failed";
      default -> "the request failed";
    };
  }

  /** The receiver is where this node does not deliver. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message, null, false, false);
    }
  }

  /** One attempt at work. */
  private final class Call {
    private final Claimed claimed;
    private final Instant begun;
    private final long begunNanos;
    private @Nullable HttpClientRequest request;
    private boolean abandoned;

    Call(Claimed claimed, Instant begun, long begunNanos) {
      this.claimed = claimed;
      this.begun = begun;
      this.begunNanos = begunNanos;
    }

    Future<Attempt> run() {
      Target target = Target.parse(claimed.url()).orElse(null);
      if (target == null || !targets.allows(target)) {
        return Future.failedFuture(new Refused("the URL is not allowed here"));
      }
      return address(target)
          .compose(address -> client.request(options(target, address)))
          .compose(this::post)
          .compose(this::answered);
    }

    private Future<InetAddress> address(Target target) {
      Future<List<InetAddress>> resolved =
          target.address() == null
              ? resolver.resolve(target.host())
              : Future.succeededFuture(List.of(target.address().toInetAddress()));
      return resolved.map(
          addresses -> {
            for (InetAddress address : addresses) {
              if (!targets.allows(target, address)) {
                throw new Refused("the host has an address that is not allowed here");
              }
            }
            return addresses.getFirst();
          });
    }

    private RequestOptions options(Target target, InetAddress address) {
      long seconds = begun.getEpochSecond();
      String id = claimed.eventId().toString();
      return new RequestOptions()
          .setMethod(HttpMethod.POST)
          .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, target.port())))
          .setHost(target.host())
          .setPort(target.port())
          .setSsl(target.tls())
          .setURI(target.pathAndQuery())
          .setFollowRedirects(false)
          .putHeader("Content-Type", "application/json")
          .putHeader("User-Agent", USER_AGENT)
          .putHeader("webhook-id", id)
          .putHeader("webhook-timestamp", Long.toString(seconds))
          .putHeader("webhook-signature", claimed.secret().sign(id, seconds, claimed.body()));
    }

    private Future<HttpClientResponse> post(HttpClientRequest opened) {
      request = opened;
      if (abandoned) {
        // Given up while it connected: nothing of it may be sent any more.
        opened.reset();
        return Future.failedFuture(new TimeoutException());
      }
      return opened.send(Buffer.buffer(claimed.body()));
    }

    private Future<Attempt> answered(HttpClientResponse response) {
      Buffer read = Buffer.buffer();
      Promise<Void> enough = Promise.promise();
      response.handler(
          chunk -> {
            read.appendBuffer(chunk, 0, Math.min(chunk.length(), READ_BYTES_MAX - read.length()));
            if (read.length() >= READ_BYTES_MAX) {
              enough.tryComplete();
              abandon();
            }
          });
      response.end().onComplete(enough::tryComplete, enough::tryFail);
      return enough
          .future()
          .map(
              done ->
                  new Attempt(
                      begun,
                      took(),
                      response.statusCode(),
                      shown(read),
                      null,
                      RetryAfter.parse(response.getHeader("Retry-After"), clock.instant())));
    }

    void abandon() {
      abandoned = true;
      if (request != null) {
        request.reset();
      }
    }

    Attempt unanswered(String error) {
      return new Attempt(begun, took(), null, null, error, Duration.ZERO);
    }

    private Duration took() {
      return Duration.ofNanos(System.nanoTime() - begunNanos);
    }
  }

  /** Text that Postgres can keep: no control characters, NUL above all. */
  private static String shown(Buffer read) {
    byte[] bytes = read.getBytes(0, Math.min(read.length(), SHOWN_BYTES_MAX));
    return new String(bytes, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ");
  }

  /** Ends what is under way. */
  Future<Void> close() {
    return client.close();
  }
}
