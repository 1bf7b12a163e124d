package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgProgress;
import ai.molecule.edge.controlplane.orgs.OrgSweeps;
import ai.molecule.edge.controlplane.provisioning.EmbeddedProvisioner;
import ai.molecule.edge.controlplane.provisioning.OrgJobs;
import ai.molecule.edge.controlplane.provisioning.OrgSweeper;
import ai.molecule.edge.controlplane.provisioning.Provisioner;
import ai.molecule.edge.controlplane.provisioning.RetryPolicy;
import ai.molecule.edge.controlplane.provisioning.StepMachine;
import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.credential.CallFlusher;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.PostgresLookup;
import ai.molecule.edge.exchange.Call;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.JdbcPool;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisLink;
import ai.molecule.edge.stores.TestStores;
import com.zaxxer.hikari.HikariDataSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A control plane on one event loop, listening, over a Postgres and a Redis that are real; and a
 * client. It is the only node and has no cache, so coherence has nothing to do.
 */
final class ControlPlaneUnderTest implements AutoCloseable {
  static final String ADMIN = "the-admin-token-of-these-tests-0123456789";

  static final String KEYS = "/cp/admin/partner-keys";

  /** The path of a key that nobody has made. */
  static final String UNKNOWN_KEY = KEYS + "/01890000-0000-7000-8000-0000000000ff";

  final Vertx vertx = Vertx.vertx();
  final List<Call> completed = Collections.synchronizedList(new ArrayList<>());
  final PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
  final PostgresPools pools;
  private final int perPartnerMax;
  private final HttpServer server;
  private final HikariDataSource jdbc;
  private final List<OrgJobs> jobs = new CopyOnWriteArrayList<>();
  private volatile OrgChanges changes;
  private Context loop;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Without jobs: orgs stay as they are made. */
  ControlPlaneUnderTest() {
    this(10_000);
  }

  ControlPlaneUnderTest(int perPartnerMax) {
    this.perPartnerMax = perPartnerMax;
    Await.result(new Migrations(vertx, config, Duration.ofSeconds(10), told -> {}).migrate());
    this.pools = PostgresPools.create(vertx, config);
    this.jdbc = JdbcPool.create(config, "test-jobs", 8);
    this.loop = vertx.getOrCreateContext();
    Promise<HttpServer> listening = Promise.promise();
    loop.runOnContext(go -> listen().onComplete(listening));
    this.server = Await.result(listening.future());
  }

  private Future<HttpServer> listen() {
    RedisConfig config =
        RedisConfig.defaults(TestStores.redisUri()).withCommandTimeout(Duration.ofSeconds(1));
    RedisLink redis = RedisLink.open(vertx, config);
    AdminToken admin =
        new AdminToken(CredentialHasher.create().hash(ADMIN.getBytes(StandardCharsets.US_ASCII)));
    LastUse lastUse = new LastUse(LastUse.KEYS_MAX_DEFAULT);
    Gate gate = Gate.create(new StoreTier(new PostgresLookup(pools)), admin, lastUse);
    CallFlusher calls = new CallFlusher(vertx, lastUse, pools, (counted, late) -> {});
    ControlPlaneParts parts =
        ControlPlaneParts.over(
            pools, redis, perPartnerMax, calls::flushNow, () -> jobs.forEach(OrgJobs::wake));
    this.changes = parts.changes();
    return redis
        .connected()
        .compose(
            connected ->
                vertx
                    .createHttpServer(new HttpServerOptions().setPort(0).setHost("127.0.0.1"))
                    .requestHandler(parts.router(vertx, gate, completed::add))
                    .listen());
  }

  /** The routes, with nothing connected: for looking at them. */
  static List<ControlRoute> offline() {
    Vertx idle = Vertx.vertx();
    PostgresConfig nowhere = PostgresConfig.defaults("postgresql://u:p@127.0.0.1:1/d");
    ControlPlaneParts parts =
        ControlPlaneParts.over(
            PostgresPools.create(idle, nowhere),
            RedisLink.open(idle, RedisConfig.defaults("redis://127.0.0.1:1")),
            1,
            Future::succeededFuture,
            () -> {});
    Await.result(idle.close());
    return parts.operations().routes();
  }

  /** Starts jobs with that provisioner, as a node of its own. */
  OrgJobs startJobs(Provisioner provisioner) {
    RetryPolicy retries = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5), () -> 0.5);
    StepMachine machine =
        new StepMachine(new OrgProgress(pools), provisioner, retries, Duration.ofSeconds(5));
    OrgJobs.Timing timing =
        new OrgJobs.Timing(
            8,
            Duration.ofMillis(100),
            Duration.ofMillis(200),
            Duration.ofMillis(100),
            Duration.ofSeconds(20));
    OrgJobs started = new OrgJobs(machine, jdbc, timing);
    started.start(new OrgSweeper(new OrgSweeps(pools), changes, loop));
    jobs.add(started);
    return started;
  }

  ControlPlaneUnderTest withJobs() {
    startJobs(new EmbeddedProvisioner(pools));
    return this;
  }

  int port() {
    return server.actualPort();
  }

  HttpResponse<String> get(String path, @Nullable String credential) {
    return send("GET", path, credential, null);
  }

  HttpResponse<String> post(String path, @Nullable String credential, @Nullable Object body) {
    return send("POST", path, credential, body);
  }

  HttpResponse<String> patch(String path, @Nullable String credential, Object body) {
    return send("PATCH", path, credential, body);
  }

  HttpResponse<String> delete(String path, @Nullable String credential) {
    return send("DELETE", path, credential, null);
  }

  /** Sends a request; a null credential or body is left out. */
  HttpResponse<String> send(
      String method, String path, @Nullable String credential, @Nullable Object body) {
    HttpRequest.Builder request = request(method, path, credential);
    if (body != null) {
      request.header("Content-Type", "application/json");
      request.method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
    }
    return send(request);
  }

  HttpRequest.Builder request(String method, String path, @Nullable String credential) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.noBody());
    return credential == null ? request : request.header("Authorization", "Bearer " + credential);
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  HttpResponse<String> create(String credential, JsonObject body) {
    return post(KEYS, credential, body);
  }

  /** A key object with its {@code key}, made by the admin for acme. */
  JsonObject created(String... scopes) {
    return created(body(scopes));
  }

  JsonObject created(JsonObject body) {
    return Answers.ok(create(ADMIN, body), 201);
  }

  /** A key of acme that manages keys and has those scopes besides. */
  JsonObject manager(String... more) {
    List<String> scopes = new ArrayList<>(List.of(more));
    scopes.add("admin:keys");
    return created(body(scopes.toArray(String[]::new)));
  }

  /** Replaces a key; without a body when {@code json} is null. */
  HttpResponse<String> rotate(JsonObject key, String credential, @Nullable String json) {
    return post(path(key) + "/rotate", credential, json);
  }

  /** A partner that nothing belongs to yet. */
  static String partner() {
    return "p-" + UUID.randomUUID().toString().substring(0, 8);
  }

  /** The body of a creation by the admin for acme. */
  static JsonObject body(String... scopes) {
    return new JsonObject()
        .put("name", "a key")
        .put("partner_id", "acme")
        .put("scopes", new JsonArray(List.of(scopes)));
  }

  static String path(JsonObject key) {
    return KEYS + "/" + key.getString("id");
  }

  /** A running org of that partner, put there by hand. */
  UUID org(String partnerId) {
    UUID id = UUID.randomUUID();
    query(
        "INSERT INTO orgs (id, partner_id, slug, status) VALUES ($1, $2, $3, 'running')",
        id,
        partnerId,
        "org-" + id.toString().substring(0, 8));
    return id;
  }

  RowSet<Row> query(String sql, Object... parameters) {
    return Await.result(pools.query(pools.control(), sql, Tuple.from(parameters)));
  }

  /** The actions in the audit log about that key, oldest first. */
  List<String> audited(JsonObject key) {
    List<String> actions = new ArrayList<>();
    query("SELECT action FROM audit_log WHERE target_id = $1 ORDER BY at", key.getString("id"))
        .forEach(row -> actions.add(row.getString(0)));
    return actions;
  }

  @Override
  public void close() {
    client.close();
    jobs.forEach(OrgJobs::stop);
    jdbc.close();
    Await.result(pools.close());
    Await.result(vertx.close());
  }
}
