package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.node.EdgeVertx;
import ai.molecule.edge.app.node.Node;
import ai.molecule.edge.config.DrainConfig;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.controlplane.webhooks.SealingKey;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisMode;
import ai.molecule.edge.stores.TestStores;
import ai.molecule.edge.telemetry.LoggingConfig;
import ai.molecule.edge.telemetry.ManagementConfig;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whole nodes in this JVM, each on a Vert.x of its own, as production puts them together. Closing
 * this closes them all and fails when an event loop of any of them was found blocked.
 */
final class EdgeNodes implements AutoCloseable {
  static final String ADMIN = "the-admin-token-of-these-tests-0123456789";

  private static final SealingKey WEBHOOK_KEY = SealingKey.parse(SealingKey.generate());
  private static final int EVENT_LOOPS = 2;

  private static boolean warm;

  /** The shipped one announces for a second, at the end of each test. */
  private static final DrainConfig QUICK_DRAIN =
      new DrainConfig(Duration.ofMillis(10), Duration.ofSeconds(10), Duration.ofSeconds(3));

  private final String postgresUri;
  private final String redisUri;
  private final BlockedLoops blocked = BlockedLoops.watch();
  private final List<RunningNode> running = new ArrayList<>();
  private UnaryOperator<EdgeConfig> settings = UnaryOperator.identity();
  private RedisMode redisMode = RedisMode.SERVER;
  private @Nullable String masterName;
  private Duration redisTimeout = Duration.ofSeconds(1);
  private LoggingConfig logging = LoggingConfig.defaults();

  private EdgeNodes(String postgresUri, String redisUri) {
    this.postgresUri = postgresUri;
    this.redisUri = redisUri;
  }

  /** No nodes yet, on a new database and the Redis that all tests share. */
  static EdgeNodes onSharedStores() {
    return on(TestStores.freshDatabase(), TestStores.redisUri());
  }

  /** No nodes yet, on those stores. */
  static EdgeNodes on(String postgresUri, String redisUri) {
    return new EdgeNodes(postgresUri, redisUri);
  }

  /** Changes the configuration of the nodes started from now on. */
  EdgeNodes with(UnaryOperator<EdgeConfig> change) {
    UnaryOperator<EdgeConfig> before = settings;
    settings = config -> change.apply(before.apply(config));
    return this;
  }

  /** The nodes started from now on write access lines of those requests. */
  EdgeNodes logging(LoggingConfig.Access access) {
    LoggingConfig shipped = LoggingConfig.defaults();
    logging = new LoggingConfig(shipped.format(), shipped.level(), access);
    return this;
  }

  /** Gives up on Redis soon: for tests in which it goes away. Not as soon as on a quiet machine. */
  EdgeNodes impatient() {
    redisTimeout = Duration.ofMillis(250);
    return this;
  }

  /** Asks sentinels, at the address given for Redis, for a master of that name. */
  EdgeNodes sentinels(String name) {
    redisMode = RedisMode.SENTINEL;
    masterName = name;
    return this;
  }

  /** Takes the addresses given for Redis, separated by commas, for servers of a cluster. */
  EdgeNodes cluster() {
    redisMode = RedisMode.CLUSTER;
    return this;
  }

  /** Starts that many nodes. */
  EdgeNodes start(int nodes) {
    for (int i = 0; i < nodes; i++) {
      start();
    }
    return this;
  }

  /** Starts one more node. */
  RunningNode start() {
    return start(postgresUri, redisUri);
  }

  /** Starts one more node, which reaches the same stores under other addresses. */
  RunningNode start(String postgresAddress, String redisAddress) {
    EdgeConfig config = config(postgresAddress, redisAddress);
    EdgeVertx edge = EdgeVertx.create(EVENT_LOOPS);
    Node node =
        Await.result(
            Node.start(edge, config, step -> {})
                .recover(
                    failure ->
                        edge.vertx().close().transform(closed -> Future.failedFuture(failure))));
    RunningNode started = new RunningNode(edge, node, config);
    running.add(started);
    if (!warm) {
      warm = true;
      warmUp(started);
      blocked.forget();
    }
    return started;
  }

  /**
   * Takes the ways that requests take once, so that this JVM has loaded and compiled some of it.
   */
  private static void warmUp(RunningNode node) {
    for (int i = 0; i < 20; i++) {
      RunningNode.Made key = node.create();
      node.useAtOnce(key, 4);
      RunningNode.Made successor = node.rotate(key, 0);
      node.patch(successor, new JsonObject().put("disabled", true));
      node.use(key);
      node.send("GET", RunningNode.KEYS, EdgeNodes.ADMIN, null);
      node.revoke(successor);
    }
    node.operations("/metrics");
  }

  /** The configuration that a node gets. */
  EdgeConfig config(String postgresAddress, String redisAddress) {
    AdminToken admin =
        new AdminToken(CredentialHasher.create().hash(ADMIN.getBytes(StandardCharsets.US_ASCII)));
    EdgeConfig shipped =
        EdgeConfig.defaults(
            admin,
            PostgresConfig.defaults(postgresAddress),
            redis(redisAddress),
            Path.of("unused"));
    return settings.apply(
        shipped
            .withHttp(shipped.http().withAddress("127.0.0.1", 0).withEventLoops(EVENT_LOOPS))
            .withManagement(new ManagementConfig("127.0.0.1", 0))
            .withTiers(Map.of("gold", new Limit(600, 1200)))
            .withWebhooks(
                shipped.webhooks().withSealingKey(WEBHOOK_KEY).withTargets(Targets.LOOPBACK))
            .withDrain(QUICK_DRAIN)
            .withLogging(logging));
  }

  private RedisConfig redis(String address) {
    RedisConfig one = RedisConfig.defaults("redis://unused").withCommandTimeout(redisTimeout);
    return new RedisConfig(
        List.of(address.split(",")),
        redisMode,
        masterName,
        one.commandTimeout(),
        one.sharedCommandTimeout(),
        one.connectTimeout(),
        one.reconnectDelayMin(),
        one.reconnectDelayMax(),
        one.inFlightMax(),
        one.breakerFailures(),
        one.breakerOpen());
  }

  String postgresUri() {
    return postgresUri;
  }

  String redisUri() {
    return redisUri;
  }

  /** A node by the order in which they were started, from 0. */
  RunningNode node(int index) {
    return running.get(index);
  }

  /** One of the nodes. */
  RunningNode any() {
    return running.get(ThreadLocalRandom.current().nextInt(running.size()));
  }

  /** All nodes started and not closed. */
  List<RunningNode> all() {
    return List.copyOf(running);
  }

  /** Closes one node, with a drain. */
  void stop(RunningNode node) {
    running.remove(node);
    node.close();
  }

  @Override
  public void close() {
    List<RunningNode> all = all();
    running.clear();
    all.forEach(RunningNode::close);
    blocked.close();
    assertThat(blocked.reports()).as("event loops found blocked").isEmpty();
  }
}
