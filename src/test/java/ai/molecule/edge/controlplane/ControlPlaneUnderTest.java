package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.audit.AuditStore;
import ai.molecule.edge.controlplane.idempotency.RememberedAnswers;
import ai.molecule.edge.controlplane.orgs.Heartbeats;
import ai.molecule.edge.controlplane.orgs.MemberStore;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgExports;
import ai.molecule.edge.controlplane.orgs.OrgProgress;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.controlplane.orgs.OrgSweeps;
import ai.molecule.edge.controlplane.orgs.WorkspaceChanges;
import ai.molecule.edge.controlplane.orgs.WorkspaceStore;
import ai.molecule.edge.controlplane.provisioning.EmbeddedProvisioner;
import ai.molecule.edge.controlplane.provisioning.OrgJobs;
import ai.molecule.edge.controlplane.provisioning.OrgSweeper;
import ai.molecule.edge.controlplane.provisioning.Provisioner;
import ai.molecule.edge.controlplane.provisioning.RetryPolicy;
import ai.molecule.edge.controlplane.provisioning.StepMachine;
import ai.molecule.edge.controlplane.usage.UsageStore;
import ai.molecule.edge.controlplane.webhooks.DeliveryStore;
import ai.molecule.edge.controlplane.webhooks.SealingKey;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.WebhookStore;
import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.credential.CallFlusher;
import ai.molecule.edge.credential.ChangeOutbox;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyPublication;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.PostgresLookup;
import ai.molecule.edge.exchange.Call;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.JdbcPool;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.ratelimit.SharedBuckets;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisLink;
import ai.molecule.edge.stores.TestStores;
import ai.molecule.edge.telemetry.EdgeMeters;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A control plane on one event loop, listening, over a Postgres and a Redis that are real; and a
 * client. It is the only node and has no cache, so coherence has nothing to do.
 */
final class ControlPlaneUnderTest implements AutoCloseable {
  static final String ADMIN = "the-admin-token-of-these-tests-0123456789";
  static final Map<String, Limit> TIERS = Map.of("gold", new Limit(600, 1200));
  static final Limit DEFAULT_LIMIT = new Limit(60, 60);
  static final int USAGE_DAYS_MAX = 93;
  static final SealingKey WEBHOOK_KEY = SealingKey.parse(SealingKey.generate());
  static final int WEBHOOKS_MAX = 5;
  static final BodyLimits BODIES = new BodyLimits(64 * 1024, Duration.ofSeconds(10));

  private static final String KEYS = "/cp/admin/partner-keys";

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
    Parts parts =
        parts(pools, redis, perPartnerMax, calls::flushNow, () -> jobs.forEach(OrgJobs::wake));
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
    Parts parts =
        parts(
            PostgresPools.create(idle, nowhere),
            RedisLink.open(idle, RedisConfig.defaults("redis://127.0.0.1:1")),
            1,
            Future::succeededFuture,
            () -> {});
    Await.result(idle.close());
    return ControlPlane.routes(
        parts.keys(),
        parts.orgs(),
        parts.members(),
        parts.usage(),
        parts.workspaces(),
        parts.ownWorkspace(),
        parts.audit(),
        parts.exports(),
        parts.webhooks());
  }

  /** What an event loop's router is made of. */
  private record Parts(
      KeysApi keys,
      OrgsApi orgs,
      MembersApi members,
      UsageApi usage,
      WorkspacesApi workspaces,
      OwnWorkspaceApi ownWorkspace,
      AuditApi audit,
      ExportApi exports,
      WebhooksApi webhooks,
      ConsoleApi console,
      Repetitions repetitions,
      OrgChanges changes) {
    Router router(Vertx vertx, Gate gate, Completion completion) {
      return ControlPlane.router(
          vertx,
          gate,
          keys,
          orgs,
          members,
          usage,
          workspaces,
          ownWorkspace,
          audit,
          exports,
          webhooks,
          List.of(console),
          repetitions,
          completion,
          BODIES,
          OperationBounds.create(
              OverloadConfig.defaults(), new EdgeMeters(new SimpleMeterRegistry())));
    }
  }

  private static Parts parts(
      PostgresPools pools,
      RedisLink redis,
      int perPartnerMax,
      Supplier<Future<Void>> flush,
      Runnable wake) {
    KeyStore store = new KeyStore(pools);
    KeyPublication publication =
        new KeyPublication(new SharedBuckets(redis), keys -> Future.succeededFuture());
    KeyChanges keyChanges = new KeyChanges(store, new ChangeOutbox(pools), publication);
    OrgChanges orgChanges = new OrgChanges(pools, store, keyChanges, perPartnerMax, wake);
    OrgStore orgs = new OrgStore(pools);
    InstantSource clock = InstantSource.system();
    EdgeMeters meters = new EdgeMeters(new SimpleMeterRegistry());
    WorkspacesConfig config = WorkspacesConfig.defaults();
    WorkspaceStore workspaces = new WorkspaceStore(pools);
    WorkspaceChanges workspaceChanges =
        new WorkspaceChanges(pools, store, keyChanges, config.quota());
    WorkspaceTokens tokens =
        new WorkspaceTokens(store, keyChanges, workspaceChanges, config.tokenLimit(), clock);
    WebhookStore webhooks = new WebhookStore(pools, WEBHOOK_KEY, WEBHOOKS_MAX);
    return new Parts(
        new KeysApi(store, keyChanges, orgChanges, TIERS, DEFAULT_LIMIT, clock, meters),
        new OrgsApi(orgs, orgChanges, new PublicAddress(null), clock),
        new MembersApi(new MemberStore(pools), clock),
        new UsageApi(orgs, new UsageStore(pools), flush, USAGE_DAYS_MAX, clock),
        new WorkspacesApi(workspaces, workspaceChanges, tokens),
        new OwnWorkspaceApi(
            workspaces, new Heartbeats(pools, config.heartbeatsWaitingMax()), tokens),
        new AuditApi(new AuditStore(pools)),
        new ExportApi(new OrgExports(pools, 2, Duration.ofMinutes(1))),
        new WebhooksApi(webhooks, new DeliveryStore(pools, webhooks), Targets.LOOPBACK, clock),
        new ConsoleApi(orgs),
        new Repetitions(new RememberedAnswers(pools), keyChanges, meters),
        orgChanges);
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
    return send("POST", KEYS, credential, body);
  }

  /** A key object with its {@code key}, made by the admin for acme. */
  JsonObject created(String... scopes) {
    return created(body(scopes));
  }

  JsonObject created(JsonObject body) {
    HttpResponse<String> response = create(ADMIN, body);
    if (response.statusCode() != 201) {
      throw new AssertionError(response.body());
    }
    return new JsonObject(response.body());
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
