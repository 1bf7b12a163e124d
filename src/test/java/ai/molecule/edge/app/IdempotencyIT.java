package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.app.local.Ports;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repeated calls while nodes and stores come and go. */
class IdempotencyIT {
  /** Idempotency-Keys, and callers of each at once. Full size: 200 and 50. */
  private static final int KEYS = Integer.getInteger("edge.idempotency.keys", 40);

  private static final int CALLERS = Integer.getInteger("edge.idempotency.callers", 10);
  private static final int KILLS = Math.max(2, KEYS / 20);
  private static final int IN_FLIGHT_MAX = 40;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path directory;

  /** A node in a process of its own that keeps its port from one life to the next. */
  private final class MortalNode implements AutoCloseable {
    private final int port;
    private final Map<String, String> environment;
    private EdgeProcess process;

    MortalNode(String postgresUri) throws IOException {
      this.port = Ports.scattered();
      this.environment =
          Map.of(
              "EDGE_HTTP_PORT",
              Integer.toString(port),
              "EDGE_POSTGRES_URI",
              postgresUri,
              "EDGE_REDIS_URI",
              TestStores.redisUri(),
              "EDGE_REDIS_COMMAND_TIMEOUT",
              "1s",
              "EDGE_ADMIN_TOKEN",
              EdgeNodes.ADMIN);
      this.process = EdgeProcess.start(directory, environment);
    }

    void awaitReady() {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                assertThat(process.isAlive()).as(process.out() + process.err()).isTrue();
                return process.isReady();
              });
    }

    void dieAndRise() throws InterruptedException {
      process.kill();
      process.exitCode();
      process = EdgeProcess.start(directory, environment);
      awaitReady();
    }

    @Override
    public void close() throws InterruptedException {
      process.close();
    }
  }

  /** Calls that are repeated until they are answered, at any of the nodes. */
  private static final class Callers {
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger cutOff = new AtomicInteger();
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
    private final Instant deadline = Instant.now().plus(PATIENCE);
    private final int[] ports;

    Callers(int... ports) {
      this.ports = ports;
    }

    private String untilMade(String name) throws InterruptedException {
      while (Instant.now().isBefore(deadline)) {
        inFlight.acquire();
        try {
          HttpResponse<String> answer = client.send(creation(name), BodyHandlers.ofString());
          if (answer.statusCode() == 201) {
            answered.incrementAndGet();
            return answer.body();
          }
          assertThat(answer.statusCode()).as(answer.body()).isIn(409, 503);
          assertThat(new JsonObject(answer.body()).getString("code"))
              .isIn("idempotency_in_flight", "store_unavailable");
        } catch (IOException killed) {
          cutOff.incrementAndGet();
        } finally {
          inFlight.release();
        }
      }
      throw new AssertionError("not made in time: " + name);
    }

    /** A key, and with it an org, of that name. */
    private HttpRequest creation(String name) {
      JsonObject body =
          RunningNode.body("orgs:read")
              .put("partner_id", "partner-of-" + name)
              .put("org", new JsonObject().put("slug", name).put("name", name));
      int port = ports[ThreadLocalRandom.current().nextInt(ports.length)];
      return HttpRequest.newBuilder(
              URI.create("http://127.0.0.1:" + port + "/cp/admin/partner-keys"))
          .timeout(Duration.ofSeconds(30))
          .header("Authorization", "Bearer " + EdgeNodes.ADMIN)
          .header("Content-Type", "application/json")
          .header("Idempotency-Key", "key-of-" + name)
          .POST(BodyPublishers.ofString(body.toString()))
          .build();
    }

    /** The status of a use of that credential, at that node. */
    private int use(int port, String credential) throws IOException, InterruptedException {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/cp/partner-key"))
                  .header("Authorization", "Bearer " + credential)
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    }
  }

  @Test
  void whileNodesAreKilledEachKeyMakesOneOrgAndAllItsCallersAreToldTheSame() throws Exception {
    String database = TestStores.freshDatabase();
    try (MortalNode one = new MortalNode(database);
        MortalNode two = new MortalNode(database);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      one.awaitReady();
      two.awaitReady();
      Callers callers = new Callers(one.port, two.port);
      List<List<Future<String>>> calls = new ArrayList<>();
      for (int key = 0; key < KEYS; key++) {
        String name = "once-" + key;
        List<Future<String>> ofKey = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
          Callable<String> call = () -> callers.untilMade(name);
          ofKey.add(threads.submit(call));
        }
        calls.add(ofKey);
      }
      killAtRandom(callers, one, two);

      Set<String> ids = new HashSet<>();
      for (List<Future<String>> ofKey : calls) {
        Set<String> answers = new HashSet<>();
        for (Future<String> call : ofKey) {
          answers.add(call.get());
        }
        assertThat(answers).as("answers under one key").hasSize(1);
        JsonObject made = new JsonObject(answers.iterator().next());
        ids.add(made.getString("org_id"));
        for (int port : callers.ports) {
          assertThat(callers.use(port, made.getString("key"))).isEqualTo(200);
        }
      }
      PostgresEye eye = new PostgresEye(database);
      assertThat(callers.cutOff).as("calls cut off by a kill").hasPositiveValue();
      assertThat(eye.texts("SELECT id FROM orgs")).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(ids).hasSize(KEYS);
      assertThat(eye.number("SELECT count(*) FROM partner_keys")).isEqualTo(KEYS);
      assertThat(eye.number("SELECT count(*) FROM audit_log WHERE action = 'key.created'"))
          .isEqualTo(KEYS);
    }
  }

  /** Kills one node or the other whenever some more calls have been answered. */
  private static void killAtRandom(Callers callers, MortalNode... nodes)
      throws InterruptedException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int step = KEYS * CALLERS / (KILLS + 1);
    for (int kill = 0; kill < KILLS; kill++) {
      int at = kill * step + random.nextInt(step);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> callers.answered.get() >= at);
      nodes[random.nextInt(nodes.length)].dieAndRise();
    }
  }

  @Test
  void aRotationThatIsNotInForceIsAnsweredOnlyWhenItIs() {
    try (RedisServerHandle redis = TestStores.startRedis();
        EdgeNodes nodes = EdgeNodes.on(TestStores.freshDatabase(), redis.uri()).impatient()) {
      RunningNode first = nodes.start();
      RunningNode second = nodes.start();
      Made old = first.create();
      assertThat(second.status(old)).isEqualTo(200);
      redis.stop();
      assertThat(rotate(first, old).statusCode()).isEqualTo(503);
      assertThat(rotate(second, old).statusCode()).isEqualTo(503);
      redis.start();

      await().atMost(PATIENCE).until(() -> rotate(second, old).statusCode() == 201);
      assertThat(first.status(old)).isEqualTo(401);
      assertThat(second.status(old)).isEqualTo(401);
      HttpResponse<String> told = rotate(first, old);
      assertThat(told.headers().firstValue("Idempotent-Replayed")).contains("true");
      String secret = new JsonObject(told.body()).getString("key");
      await().atMost(PATIENCE).until(() -> second.use(secret).statusCode() == 200);
    }
  }

  private static HttpResponse<String> rotate(RunningNode node, Made key) {
    return RunningNode.send(
        node.request("POST", key.path() + "/rotate", EdgeNodes.ADMIN)
            .header("Idempotency-Key", "rotate-once")
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString("{\"grace_seconds\":0}")));
  }
}
