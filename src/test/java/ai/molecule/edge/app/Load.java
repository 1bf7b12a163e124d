package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Clients that use one key without a pause, each on a connection of its own, and note what came of
 * every request. Unlike the JDK's client this one never sends a request twice. Safe on any thread.
 */
final class Load implements AutoCloseable {
  /** The status of a request that got no answer. */
  static final int NO_ANSWER = 0;

  private static final int PATIENCE_SECONDS = 20;
  private static final int ANSWERS_BEFORE_MAX = 40;
  private static final int ANSWERS_AFTER = 16;

  /**
   * One request.
   *
   * @param node the node asked, by its place in the list
   * @param status its answer's, or {@link #NO_ANSWER}
   * @param sentNanos before it was sent
   * @param answeredNanos after it was answered
   * @param closes whether the answer asked to close the connection
   * @param retryAfter the header, or empty
   */
  record Sample(
      int node, int status, long sentNanos, long answeredNanos, boolean closes, String retryAfter) {
    boolean admitted() {
      return status == 200;
    }
  }

  /** What became of the requests that were sent after the answer to a change. */
  record Afterwards(int admitted, int refused) {
    Afterwards plus(Afterwards others) {
      return new Afterwards(admitted + others.admitted, refused + others.refused);
    }
  }

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final List<RunningNode> nodes;
  private final String path;
  private final String secret;
  private final HttpClient client;
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final AtomicLong admitted = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final List<Future<Void>> workers = new ArrayList<>();
  private volatile boolean moving;
  private volatile boolean stopped;

  private Load(List<RunningNode> nodes, String path, String secret, int workersANode) {
    this.nodes = List.copyOf(nodes);
    this.path = path;
    this.secret = secret;
    this.client =
        vertx.createHttpClient(
            new PoolOptions().setHttp1MaxSize(workersANode * nodes.size()).setMaxWaitQueueSize(-1));
  }

  /** Begins, with that many clients for each node. */
  static Load on(List<RunningNode> nodes, RunningNode.Made key, int workersANode) {
    return on(nodes, RunningNode.OWN_KEY, key.secret(), workersANode);
  }

  /** Begins, asking for that path, with that many clients for each node. */
  static Load on(List<RunningNode> nodes, String path, String secret, int workersANode) {
    return new Load(nodes, path, secret, workersANode).begin(workersANode);
  }

  /** Begins; a client told to close its connection goes on with the next node. */
  static Load moving(List<RunningNode> nodes, RunningNode.Made key, int workers) {
    Load load = new Load(nodes, RunningNode.OWN_KEY, key.secret(), workers);
    load.moving = true;
    for (int i = 0; i < workers; i++) {
      load.workers.add(load.work(0));
    }
    return load;
  }

  private Load begin(int workersANode) {
    for (int node = 0; node < nodes.size(); node++) {
      for (int i = 0; i < workersANode; i++) {
        workers.add(work(node));
      }
    }
    return this;
  }

  /** One client, from its first request to its last. */
  private Future<Void> work(int node) {
    Promise<Void> done = Promise.promise();
    next(node, done);
    return done.future();
  }

  private void next(int node, Promise<Void> done) {
    if (stopped) {
      done.complete();
      return;
    }
    once(node)
        .onSuccess(
            sample -> {
              boolean moves = moving && (sample.closes() || sample.status() == NO_ANSWER);
              next(moves ? Math.min(node + 1, nodes.size() - 1) : node, done);
            });
  }

  private Future<Sample> once(int node) {
    long sentNanos = System.nanoTime();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(nodes.get(node).port())
            .setURI(path)
            .putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + secret);
    return client
        .request(options)
        .compose(request -> request.send())
        .compose(response -> response.end().map(ended -> sample(node, response, sentNanos)))
        .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .otherwise(failure -> new Sample(node, NO_ANSWER, sentNanos, System.nanoTime(), false, ""))
        .onSuccess(this::note);
  }

  private static Sample sample(int node, HttpClientResponse response, long sentNanos) {
    String connection = response.getHeader(HttpHeaders.CONNECTION);
    String retryAfter = response.getHeader("Retry-After");
    return new Sample(
        node,
        response.statusCode(),
        sentNanos,
        System.nanoTime(),
        "close".equalsIgnoreCase(connection),
        retryAfter == null ? "" : retryAfter);
  }

  private void note(Sample sample) {
    samples.add(sample);
    answered.incrementAndGet();
    if (sample.admitted()) {
      admitted.incrementAndGet();
    }
  }

  /**
   * Lets the clients ask for a moment, makes a change, and lets them ask for another one; ends them
   * then. Requests of before the answer to the change may be admitted or refused (401).
   */
  Afterwards through(Runnable change) {
    int before = ThreadLocalRandom.current().nextInt(1, ANSWERS_BEFORE_MAX);
    awaitAnswers(before);
    change.run();
    long changedNanos = System.nanoTime();
    awaitAnswers(answered() + ANSWERS_AFTER);
    int late = 0;
    int refused = 0;
    for (Sample sample : stop()) {
      assertThat(sample.status()).isIn(200, 401);
      boolean after = sample.sentNanos() - changedNanos >= 0;
      late += after && sample.admitted() ? 1 : 0;
      refused += after && !sample.admitted() ? 1 : 0;
    }
    return new Afterwards(late, refused);
  }

  private void awaitAnswers(long goal) {
    await().pollInterval(Duration.ofMillis(1)).until(() -> answered() >= goal);
  }

  /** Requests admitted so far. */
  long admitted() {
    return admitted.get();
  }

  /** Requests answered so far, failed ones included. */
  long answered() {
    return answered.get();
  }

  /** What was noted so far. */
  List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** What was noted so far that is like that. */
  List<Sample> samples(Predicate<Sample> like) {
    return samples.stream().filter(like).toList();
  }

  /** Ends when every client has its last answer; everything noted. */
  List<Sample> stop() {
    stopped = true;
    Await.result(Future.join(workers));
    return samples();
  }

  @Override
  public void close() {
    stop();
    Await.result(vertx.close());
  }
}
