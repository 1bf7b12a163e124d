package ai.molecule.edge.config;

import static ai.molecule.edge.config.ConfigKeys.*;

import ai.molecule.edge.controlplane.OrgsConfig;
import ai.molecule.edge.controlplane.WorkspacesConfig;
import ai.molecule.edge.controlplane.orgs.WorkspaceQuota;
import ai.molecule.edge.controlplane.usage.UsageConfig;
import ai.molecule.edge.controlplane.webhooks.SealingKey;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.WebhooksConfig;
import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.credential.KeyHash;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.exchange.CallerAddresses;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.proxy.UpstreamsConfig;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.telemetry.LoggingConfig;
import ai.molecule.edge.telemetry.ManagementConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A configuration that was read and checked. What it may leave open (the stores and the admin
 * token, when stores are embedded) is put in by {@link #complete}.
 */
public final class LoadedConfig {
  private final ConfigValues values;
  private final Map<String, Limit> tiers;
  private final Path dataDir;
  private final RoutesConfig routes;

  LoadedConfig(ConfigValues values, Map<String, Limit> tiers, Path dataDir, RoutesConfig routes) {
    this.values = values;
    this.tiers = tiers;
    this.dataDir = dataDir;
    this.routes = routes;
  }

  /** Whether no store is named, so that the embedded ones are to be started. */
  public boolean needsStores() {
    return !values.has(POSTGRES_URI);
  }

  /** Where the embedded stores keep their files. */
  public Path dataDir() {
    return dataDir;
  }

  /** What is logged and how. */
  public LoggingConfig logging() {
    return new LoggingConfig(
        values.get(LOGGING_FORMAT), values.get(LOGGING_LEVEL), values.get(LOGGING_ACCESS));
  }

  /** The way to Postgres; only when it is named. */
  public PostgresConfig postgres() {
    return postgres(values.find(POSTGRES_URI).orElseThrow());
  }

  /** The admin token in plain text, if it was given so. */
  public Optional<String> adminTokenText() {
    return values.find(ADMIN_TOKEN);
  }

  /** The admin token, if one was given. */
  public Optional<AdminToken> adminToken() {
    return adminTokenText()
        .map(LoadedConfig::hashed)
        .or(() -> values.find(ADMIN_TOKEN_SHA256).map(LoadedConfig::ofHex));
  }

  /** Whether the key for the secrets of webhooks was given. */
  public boolean hasWebhookKey() {
    return values.has(WEBHOOKS_SECRET_KEY);
  }

  /** The whole configuration, for stores that are named. */
  public EdgeConfig complete() {
    return complete(
        values.find(POSTGRES_URI).orElseThrow(),
        values.find(REDIS_URI).orElseThrow(),
        adminToken().orElseThrow());
  }

  /**
   * The whole configuration, for embedded stores.
   *
   * @param generatedToken in plain text; used when none is configured
   */
  public EdgeConfig complete(String postgresUri, String redisUri, String generatedToken) {
    return complete(postgresUri, redisUri, adminToken().orElseGet(() -> hashed(generatedToken)));
  }

  private EdgeConfig complete(String postgresUri, String redisUri, AdminToken admin) {
    return new EdgeConfig(
        http(),
        new ManagementConfig(values.get(MANAGEMENT_HOST), values.get(MANAGEMENT_PORT)),
        admin,
        postgres(postgresUri),
        redis(redisUri),
        new Limit(values.get(LIMITS_RATE_LIMIT), values.get(LIMITS_BURST)),
        tiers,
        orgs(),
        webhooks(),
        routes,
        upstreams(),
        overload(),
        new UsageConfig(
            values.get(USAGE_CLOSE_INTERVAL),
            values.get(USAGE_SETTLE_AFTER),
            values.get(USAGE_CLOSE_BATCH_MAX),
            values.get(USAGE_RANGE_DAYS_MAX)),
        workspaces(),
        lookup(),
        values.get(LAST_USE_FLUSH_INTERVAL),
        new DrainConfig(
            values.get(DRAIN_ANNOUNCE), values.get(DRAIN_FINISH), values.get(DRAIN_FLUSH)),
        logging(),
        dataDir);
  }

  private static AdminToken hashed(String token) {
    byte[] text = token.getBytes(StandardCharsets.US_ASCII);
    return new AdminToken(CredentialHasher.create().hash(text));
  }

  private static AdminToken ofHex(String sha256) {
    return new AdminToken(KeyHash.ofDigest(HexFormat.of().parseHex(sha256)));
  }

  private HttpConfig http() {
    return new HttpConfig(
        values.get(HTTP_HOST),
        values.get(HTTP_PORT),
        values.get(HTTP_EVENT_LOOPS),
        values.get(HTTP_CONNECTIONS_MAX),
        values.get(HTTP_HEADERS_MAX),
        values.get(HTTP_HEADERS_BYTES_MAX),
        values.get(HTTP_REQUEST_LINE_BYTES_MAX),
        values.get(HTTP_BODY_BYTES_MAX),
        values.get(HTTP_IDLE_TIMEOUT),
        values.get(HTTP_HEADER_TIMEOUT),
        values.get(HTTP_BODY_TIMEOUT),
        new FrontConfig(tls(), http2(), values.get(CALLERS_PROXY_PROTOCOL), callers()));
  }

  private Optional<TlsConfig> tls() {
    Optional<Path> certificate = values.find(TLS_CERTIFICATE_FILE).map(Path::of);
    Optional<Path> key = values.find(TLS_KEY_FILE).map(Path::of);
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          certificate.isPresent()
              ? "tls.key_file is required with tls.certificate_file"
              : "tls.certificate_file is required with tls.key_file");
    }
    if (certificate.isEmpty() && values.has(TLS_CLIENT_CA_FILE)) {
      throw new IllegalArgumentException("tls.client_ca_file is of no use without TLS");
    }
    return certificate.map(
        file ->
            new TlsConfig(
                file,
                key.orElseThrow(),
                values.get(TLS_CLIENT_CERTIFICATES),
                values.find(TLS_CLIENT_CA_FILE).map(Path::of),
                values.get(TLS_HANDSHAKE_TIMEOUT),
                values.get(TLS_RELOAD_INTERVAL)));
  }

  private Http2Config http2() {
    return new Http2Config(
        values.get(HTTP2_STREAMS_MAX),
        values.get(HTTP2_RESETS_MAX),
        values.get(HTTP2_CONTROL_FRAMES_MAX),
        values.get(HTTP2_CONTINUATIONS_MAX),
        values.get(HTTP2_WINDOW));
  }

  private CallerAddresses callers() {
    List<String> ranges =
        values
            .find(CALLERS_TRUSTED_PEERS)
            .map(text -> List.of(text.split(" ?, ?")))
            .orElse(List.of());
    for (String range : ranges) {
      if (AddressRanges.canonical(range).isEmpty()) {
        throw new IllegalArgumentException("callers.trusted_peers has what is no CIDR range");
      }
    }
    return new CallerAddresses(AddressRanges.of(ranges), values.get(CALLERS_FORWARDED_HOPS));
  }

  private PostgresConfig postgres(String uri) {
    return new PostgresConfig(
        uri,
        values.find(POSTGRES_PASSWORD).orElse(null),
        values.get(POSTGRES_AUTH_POOL_SIZE),
        values.get(POSTGRES_CONTROL_POOL_SIZE),
        values.get(POSTGRES_POOL_QUEUE_MAX),
        values.get(POSTGRES_CONNECT_TIMEOUT),
        values.get(POSTGRES_ACQUIRE_TIMEOUT),
        values.get(POSTGRES_STATEMENT_TIMEOUT),
        values.get(POSTGRES_IDLE_TIMEOUT));
  }

  private RedisConfig redis(String uris) {
    return new RedisConfig(
        List.of(uris.split(",")),
        values.get(REDIS_MODE),
        values.find(REDIS_MASTER_NAME).orElse(null),
        values.get(REDIS_COMMAND_TIMEOUT),
        values.get(REDIS_SHARED_COMMAND_TIMEOUT),
        values.get(REDIS_CONNECT_TIMEOUT),
        values.get(REDIS_RECONNECT_DELAY_MIN),
        values.get(REDIS_RECONNECT_DELAY_MAX),
        values.get(REDIS_IN_FLIGHT_MAX),
        values.get(REDIS_BREAKER_FAILURES),
        values.get(REDIS_BREAKER_OPEN));
  }

  private OrgsConfig orgs() {
    return new OrgsConfig(
        values.get(ORGS_PER_PARTNER_MAX),
        values.find(ORGS_PUBLIC_URL).orElse(null),
        values.find(ORGS_PROVISIONER_URL).orElse(null),
        values.find(ORGS_PROVISIONER_SECRET).orElse(null),
        values.get(ORGS_PROVISIONER_TIMEOUT),
        values.get(ORGS_ATTEMPTS_MAX),
        values.get(ORGS_RETRY_DELAY_MIN),
        values.get(ORGS_RETRY_DELAY_MAX),
        values.get(ORGS_EXPORTS_MAX),
        values.get(ORGS_EXPORT_TIMEOUT));
  }

  private UpstreamsConfig upstreams() {
    return new UpstreamsConfig(
        values.get(UPSTREAMS_CONNECTIONS_MAX),
        values.get(UPSTREAMS_QUEUE_MAX),
        values.get(UPSTREAMS_CONNECT_TIMEOUT),
        values.get(UPSTREAMS_KEEP_ALIVE),
        values.get(UPSTREAMS_IDLE_TIMEOUT),
        values.get(UPSTREAMS_HEAD_BYTES_MAX),
        values.get(UPSTREAMS_STREAMS_PER_KEY_MAX),
        values.get(UPSTREAMS_EJECTION_FAILURES),
        values.get(UPSTREAMS_EJECTION_TIME));
  }

  private OverloadConfig overload() {
    return new OverloadConfig(
        values.get(OVERLOAD_CALLS_MIN),
        values.get(OVERLOAD_CALLS_MAX),
        values.get(OVERLOAD_REVOCATIONS_MAX),
        values.get(OVERLOAD_UPSTREAM_MIN),
        values.get(OVERLOAD_UPSTREAM_MAX),
        values.get(OVERLOAD_PARTNER_MAX));
  }

  private WorkspacesConfig workspaces() {
    return new WorkspacesConfig(
        new WorkspaceQuota(
            values.get(WORKSPACES_FREE_MAX),
            values.get(WORKSPACES_STARTER_MAX),
            values.get(WORKSPACES_PRO_MAX),
            values.get(WORKSPACES_ENTERPRISE_MAX),
            values.get(WORKSPACES_TOKENS_MAX)),
        new Limit(values.get(WORKSPACES_RATE_LIMIT), values.get(WORKSPACES_BURST)),
        values.get(WORKSPACES_HEARTBEATS_WAITING_MAX));
  }

  /** Without a key of its own while none is configured: the caller puts it in. */
  private WebhooksConfig webhooks() {
    return new WebhooksConfig(
        values.get(WEBHOOKS_PER_OWNER_MAX),
        values
            .find(WEBHOOKS_SECRET_KEY)
            .map(SealingKey::parse)
            .orElseGet(() -> WebhooksConfig.defaults().sealingKey()),
        values.find(WEBHOOKS_TARGETS).orElse(needsStores() ? Targets.LOOPBACK : Targets.PUBLIC),
        values.get(WEBHOOKS_TIMEOUT),
        values.get(WEBHOOKS_IN_FLIGHT_MAX),
        values.get(WEBHOOKS_PER_WEBHOOK_MAX),
        values.get(WEBHOOKS_RETENTION));
  }

  private LookupConfig lookup() {
    return new LookupConfig(
        values.get(LOOKUP_CACHED_KEYS_MAX),
        values.get(LOOKUP_CACHED_ABSENCES_MAX),
        values.get(LOOKUP_ABSENCE_TTL),
        values.get(LOOKUP_FILLS_MAX));
  }

  /** What the sections' own checks find, beyond the bounds of single keys. */
  List<ConfigProblem> invalidSections(Set<String> alreadyRefused) {
    List<ConfigProblem> problems = new ArrayList<>();
    if (!alreadyRefused.contains("postgres")) {
      String uri = values.find(POSTGRES_URI).orElse(Placeholders.POSTGRES_URI);
      check("postgres", () -> postgres(uri), problems);
    }
    if (Collections.disjoint(alreadyRefused, Set.of("http", "http2", "tls", "callers"))) {
      check("tls", this::tls, problems);
      check("callers", this::callers, problems);
      if (problems.stream().noneMatch(one -> one.key().matches("(tls|callers)\\..*"))) {
        check("callers", this::http, problems);
      }
    }
    if (!alreadyRefused.contains("orgs")) {
      check("orgs", this::orgs, problems);
    }
    if (!alreadyRefused.contains("redis")) {
      String uri = values.find(REDIS_URI).orElse(Placeholders.REDIS_URI);
      check("redis", () -> redis(uri), problems);
    }
    return problems;
  }

  /** A section's complaint begins with the name of the key it is about. */
  private void check(String section, Runnable make, List<ConfigProblem> problems) {
    try {
      make.run();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      String full = message.startsWith(section + ".") ? message : section + "." + message;
      int space = full.indexOf(' ');
      String key = space < 0 ? full : full.substring(0, space);
      String rest = space < 0 ? "is not allowed" : full.substring(space + 1);
      problems.add(new ConfigProblem(key, values.source(key), rest));
    }
  }

  /** What must be given for {@code purpose} and is not. */
  List<ConfigProblem> missing(ConfigLoader.Purpose purpose) {
    List<ConfigProblem> problems = new ArrayList<>();
    boolean postgres = values.has(POSTGRES_URI);
    boolean redis = values.has(REDIS_URI);
    switch (purpose) {
      case MIGRATE -> require(POSTGRES_URI, postgres, "to migrate", problems);
      case SERVE -> {
        require(POSTGRES_URI, postgres || !redis, "when redis.uri is given", problems);
        require(REDIS_URI, redis || !postgres, "when postgres.uri is given", problems);
        boolean embedded = !postgres && !redis;
        require(
            ADMIN_TOKEN,
            embedded || adminToken().isPresent(),
            "with stores that are not embedded (or admin.token_sha256)",
            problems);
      }
      case SERVE_WITHOUT_EMBEDDED_STORES -> {
        String why = "because this build has no embedded stores";
        require(POSTGRES_URI, postgres, why, problems);
        require(REDIS_URI, redis, why, problems);
        require(ADMIN_TOKEN, adminToken().isPresent(), "(or admin.token_sha256)", problems);
      }
    }
    return problems;
  }

  private static void require(
      ConfigKey<?> key, boolean there, String when, List<ConfigProblem> problems) {
    if (!there) {
      String message = "is required " + when + "; allowed: " + key.kind().allowed();
      problems.add(new ConfigProblem(key.name(), key.variable(), message));
    }
  }
}
