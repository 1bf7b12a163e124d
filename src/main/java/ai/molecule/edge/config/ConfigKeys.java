package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.OrgsConfig;
import ai.molecule.edge.controlplane.WorkspacesConfig;
import ai.molecule.edge.controlplane.orgs.WorkspaceQuota;
import ai.molecule.edge.controlplane.usage.UsageConfig;
import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.controlplane.webhooks.WebhooksConfig;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.proxy.UpstreamsConfig;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.redis.RedisMode;
import ai.molecule.edge.telemetry.LoggingConfig;
import ai.molecule.edge.telemetry.ManagementConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of configuration keys, in the order of {@code conf/edge.yaml}. The file, the
 * environment variables and {@code docs/configuration.md} are held to it by tests. Tiers are the
 * one thing beside it, since their names are free.
 */
final class ConfigKeys {
  private static final List<ConfigKey<?>> KEYS = new ArrayList<>();

  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int PORT_MAX = 65_535;
  private static final int ADMIN_TOKEN_CHARS_MIN = 32;
  private static final Kind<String> HOST =
      new Kind.Text(Pattern.compile("[0-9A-Za-z.:_-]{1,253}"), "a host name or an address");

  private static final HttpConfig HTTP = HttpConfig.defaults();
  static final ConfigKey<String> HTTP_HOST =
      key("http.host", HOST, HTTP.host(), "Address the public listener binds to.");
  static final ConfigKey<Integer> HTTP_PORT =
      whole("http.port", 0, PORT_MAX, HTTP.port(), "Port of the public listener; 0 takes any.");
  static final ConfigKey<Integer> HTTP_EVENT_LOOPS =
      whole(
          "http.event_loops",
          0,
          256,
          HTTP.eventLoops(),
          "Threads that serve requests; 0 is one a core.");
  static final ConfigKey<Integer> HTTP_CONNECTIONS_MAX =
      whole(
          "http.connections_max",
          1,
          1_000_000,
          HTTP.connectionsMax(),
          "Open connections; one more is closed at once.");
  static final ConfigKey<Integer> HTTP_HEADERS_MAX =
      whole("http.headers_max", 8, 1_000, HTTP.headersMax(), "Headers of one request.");
  static final ConfigKey<Integer> HTTP_HEADERS_BYTES_MAX =
      size(
          "http.headers_bytes_max",
          1 << 10,
          1 << 20,
          HTTP.headersBytesMax(),
          "Bytes of all headers of one request together.");
  static final ConfigKey<Integer> HTTP_REQUEST_LINE_BYTES_MAX =
      size(
          "http.request_line_bytes_max",
          1 << 8,
          1 << 16,
          HTTP.requestLineBytesMax(),
          "Bytes of the request line.");
  static final ConfigKey<Integer> HTTP_BODY_BYTES_MAX =
      size(
          "http.body_bytes_max",
          1 << 10,
          1 << 24,
          HTTP.bodyBytesMax(),
          "Bytes of a body that the control plane reads.");
  static final ConfigKey<Duration> HTTP_IDLE_TIMEOUT =
      span(
          "http.idle_timeout",
          Duration.ofSeconds(1),
          HOUR,
          HTTP.idleTimeout(),
          "A connection without traffic is closed after this.");
  static final ConfigKey<Duration> HTTP_HEADER_TIMEOUT =
      span(
          "http.header_timeout",
          Duration.ofMillis(100),
          MINUTE,
          HTTP.headerTimeout(),
          "The headers of a request must be there within this.");
  static final ConfigKey<Duration> HTTP_BODY_TIMEOUT =
      span(
          "http.body_timeout",
          Duration.ofMillis(100),
          Duration.ofMinutes(10),
          HTTP.bodyTimeout(),
          "The body of a request must be there within this.");

  private static final Kind<String> FILE =
      new Kind.Text(Pattern.compile("[^\\x00]{1,1000}"), "a path");
  static final ConfigKey<String> TLS_CERTIFICATE_FILE =
      key(
          "tls.certificate_file",
          FILE,
          null,
          "The chain of certificates in PEM; with it the public listener speaks TLS 1.2 and 1.3,"
              + " and HTTP/2.");
  static final ConfigKey<String> TLS_KEY_FILE =
      key("tls.key_file", FILE, null, "The private key in PEM; with tls.certificate_file.");
  static final ConfigKey<TlsConfig.ClientCertificates> TLS_CLIENT_CERTIFICATES =
      key(
          "tls.client_certificates",
          new Kind.Choice<>(TlsConfig.ClientCertificates.class),
          TlsConfig.ClientCertificates.NONE,
          "Whether clients show certificates, beside their credentials.");
  static final ConfigKey<String> TLS_CLIENT_CA_FILE =
      key(
          "tls.client_ca_file",
          FILE,
          null,
          "Who signs the clients' certificates, in PEM; unless tls.client_certificates is none.");
  static final ConfigKey<Duration> TLS_HANDSHAKE_TIMEOUT =
      span(
          "tls.handshake_timeout",
          Duration.ofMillis(100),
          MINUTE,
          Duration.ofSeconds(10),
          "A connection must have come to terms within this.");
  static final ConfigKey<Duration> TLS_RELOAD_INTERVAL =
      span(
          "tls.reload_interval",
          Duration.ofMillis(100),
          HOUR,
          Duration.ofSeconds(10),
          "How often the files are looked at; new ones are used for new connections.");

  private static final Http2Config HTTP2 = Http2Config.defaults();
  static final ConfigKey<Integer> HTTP2_STREAMS_MAX =
      whole(
          "http2.streams_max", 1, 10_000, HTTP2.streamsMax(), "Requests at once on a connection.");
  static final ConfigKey<Integer> HTTP2_RESETS_MAX =
      whole(
          "http2.resets_max",
          1,
          1_000_000,
          HTTP2.resetsMax(),
          "Requests that a connection may cancel in http2.window; past it, it is closed.");
  static final ConfigKey<Integer> HTTP2_CONTROL_FRAMES_MAX =
      whole(
          "http2.control_frames_max",
          10,
          1_000_000,
          HTTP2.controlFramesMax(),
          "PING, SETTINGS, PRIORITY and unknown frames that a connection may send in http2.window;"
              + " past it, it is closed.");
  static final ConfigKey<Integer> HTTP2_CONTINUATIONS_MAX =
      whole(
          "http2.continuations_max",
          1,
          1_000,
          HTTP2.continuationsMax(),
          "Small CONTINUATION frames of one head; past it, the connection is closed.");
  static final ConfigKey<Duration> HTTP2_WINDOW =
      span(
          "http2.window",
          Duration.ofSeconds(1),
          Duration.ofMinutes(10),
          HTTP2.window(),
          "How long resets and control frames are counted, in whole seconds.");

  static final ConfigKey<String> CALLERS_TRUSTED_PEERS =
      key(
          "callers.trusted_peers",
          new Kind.Text(
              Pattern.compile("[0-9A-Fa-f:./]+( ?, ?[0-9A-Fa-f:./]+)*"),
              "CIDR ranges, separated by commas"),
          null,
          "Who may report another address than its own: the proxies right before the edge.");
  static final ConfigKey<FrontConfig.ProxyProtocol> CALLERS_PROXY_PROTOCOL =
      key(
          "callers.proxy_protocol",
          new Kind.Choice<>(FrontConfig.ProxyProtocol.class),
          FrontConfig.ProxyProtocol.NONE,
          "Whether connections begin with a header of the PROXY protocol; with required, trusted"
              + " peers alone may connect.");
  static final ConfigKey<Integer> CALLERS_FORWARDED_HOPS =
      whole(
          "callers.forwarded_hops",
          0,
          10,
          0,
          "Proxies that append to X-Forwarded-For, which counts from trusted peers alone; 0 ignores"
              + " it.");

  private static final ManagementConfig MANAGEMENT = ManagementConfig.defaults();
  static final ConfigKey<String> MANAGEMENT_HOST =
      key(
          "management.host",
          HOST,
          MANAGEMENT.host(),
          "Address the operations listener (health, metrics) binds to.");
  static final ConfigKey<Integer> MANAGEMENT_PORT =
      whole(
          "management.port",
          0,
          PORT_MAX,
          MANAGEMENT.port(),
          "Port of the operations listener; 0 takes any.");

  static final ConfigKey<String> ADMIN_TOKEN =
      secret(
          "admin.token",
          new Kind.Text(
              Pattern.compile("[\\x21-\\x7e]{" + ADMIN_TOKEN_CHARS_MIN + ",255}"),
              ADMIN_TOKEN_CHARS_MIN + " to 255 visible ASCII characters"),
          "The platform admin's token in plain text, for development.");
  static final ConfigKey<String> ADMIN_TOKEN_SHA256 =
      key(
          "admin.token_sha256",
          new Kind.Text(Pattern.compile("[0-9a-f]{64}"), "64 lower-case hexadecimal digits"),
          null,
          "SHA-256 of the platform admin's token; instead of admin.token.");

  private static final PostgresConfig POSTGRES = PostgresConfig.defaults(Placeholders.POSTGRES_URI);
  static final ConfigKey<String> POSTGRES_URI =
      secret(
          "postgres.uri",
          new Kind.Text(
              Pattern.compile("postgres(ql)?://\\S+"),
              "postgresql://user:password@host:port/database"),
          "Where Postgres is; without it the embedded one is started.");
  static final ConfigKey<String> POSTGRES_PASSWORD =
      secret(
          "postgres.password",
          new Kind.Text(Pattern.compile(".{1,1024}"), "1 to 1024 characters"),
          "Used instead of the password in postgres.uri.");
  static final ConfigKey<Integer> POSTGRES_AUTH_POOL_SIZE =
      whole(
          "postgres.auth_pool_size",
          1,
          1_000,
          POSTGRES.authPoolSize(),
          "Connections for key lookups and the times of last use.");
  static final ConfigKey<Integer> POSTGRES_CONTROL_POOL_SIZE =
      whole(
          "postgres.control_pool_size",
          1,
          1_000,
          POSTGRES.controlPoolSize(),
          "Connections for the control plane.");
  static final ConfigKey<Integer> POSTGRES_POOL_QUEUE_MAX =
      whole(
          "postgres.pool_queue_max",
          1,
          100_000,
          POSTGRES.poolQueueMax(),
          "Calls that may wait for a connection, per pool.");
  static final ConfigKey<Duration> POSTGRES_CONNECT_TIMEOUT =
      postgresSpan("connect_timeout", POSTGRES.connectTimeout(), "Deadline of a connection.");
  static final ConfigKey<Duration> POSTGRES_ACQUIRE_TIMEOUT =
      postgresSpan(
          "acquire_timeout", POSTGRES.acquireTimeout(), "How long a call waits for a connection.");
  static final ConfigKey<Duration> POSTGRES_STATEMENT_TIMEOUT =
      postgresSpan(
          "statement_timeout",
          POSTGRES.statementTimeout(),
          "How long the server may work on one statement.");
  static final ConfigKey<Duration> POSTGRES_IDLE_TIMEOUT =
      postgresSpan(
          "idle_timeout",
          POSTGRES.idleTimeout(),
          "An unused connection is closed after this; longer than statement_timeout.");

  private static final RedisConfig REDIS = RedisConfig.defaults(Placeholders.REDIS_URI);
  static final ConfigKey<String> REDIS_URI =
      secret(
          "redis.uri",
          new Kind.Text(
              Pattern.compile("rediss?://[^\\s,]+(,rediss?://[^\\s,]+)*"),
              "redis://host:port or rediss://host:port; all sentinels, or some servers of a"
                  + " cluster, separated by commas"),
          "Where Redis is; without it the embedded one is started.");
  static final ConfigKey<RedisMode> REDIS_MODE =
      key(
          "redis.mode",
          new Kind.Choice<>(RedisMode.class),
          REDIS.mode(),
          "How the servers are arranged.");
  static final ConfigKey<String> REDIS_MASTER_NAME =
      key(
          "redis.master_name",
          new Kind.Text(Pattern.compile("[0-9A-Za-z._-]{1,100}"), "1 to 100 of 0-9A-Za-z._-"),
          null,
          "The name the sentinels know the master by; with mode sentinel only.");
  static final ConfigKey<Duration> REDIS_COMMAND_TIMEOUT =
      span(
          "redis.command_timeout",
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          REDIS.commandTimeout(),
          "Deadline of a command.");
  static final ConfigKey<Duration> REDIS_SHARED_COMMAND_TIMEOUT =
      span(
          "redis.shared_command_timeout",
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          REDIS.sharedCommandTimeout(),
          "The same beside other nodes, where waiting is better than a share of the limit, and"
              + " while Postgres is out of reach; the longer of the two counts.");
  static final ConfigKey<Duration> REDIS_CONNECT_TIMEOUT =
      span(
          "redis.connect_timeout",
          Duration.ofMillis(10),
          MINUTE,
          REDIS.connectTimeout(),
          "Deadline of a whole connection attempt.");
  static final ConfigKey<Duration> REDIS_RECONNECT_DELAY_MIN =
      span(
          "redis.reconnect_delay_min",
          MILLI,
          MINUTE,
          REDIS.reconnectDelayMin(),
          "Pause before the second attempt; doubles with each further one.");
  static final ConfigKey<Duration> REDIS_RECONNECT_DELAY_MAX =
      span(
          "redis.reconnect_delay_max",
          MILLI,
          MINUTE,
          REDIS.reconnectDelayMax(),
          "The longest pause; not below reconnect_delay_min.");
  static final ConfigKey<Integer> REDIS_IN_FLIGHT_MAX =
      whole(
          "redis.in_flight_max",
          1,
          65_536,
          REDIS.inFlightMax(),
          "Commands that a connection may owe answers to.");
  static final ConfigKey<Integer> REDIS_BREAKER_FAILURES =
      whole(
          "redis.breaker_failures",
          1,
          1_000,
          REDIS.breakerFailures(),
          "Failures in a row that open the breaker.");
  static final ConfigKey<Duration> REDIS_BREAKER_OPEN =
      span(
          "redis.breaker_open",
          MILLI,
          MINUTE,
          REDIS.breakerOpen(),
          "How long the breaker stays open before one command probes.");

  static final ConfigKey<Integer> LIMITS_RATE_LIMIT =
      whole(
          "limits.rate_limit",
          1,
          Limit.RATE_PER_MINUTE_MAX,
          60,
          "Requests a minute of a key that names neither a tier nor a limit.");
  static final ConfigKey<Integer> LIMITS_BURST =
      whole("limits.burst", 1, Limit.BURST_MAX, 60, "Requests at once of such a key.");

  private static final OrgsConfig ORGS = OrgsConfig.defaults();
  private static final Kind<String> WEB_ADDRESS =
      new Kind.Text(
          Pattern.compile("https?://[0-9A-Za-z.:_\\[\\]-]{1,253}(/[0-9A-Za-z._~-]{1,100})*"),
          "http(s)://host:port and perhaps a path, without a slash at its end");
  static final ConfigKey<Integer> ORGS_PER_PARTNER_MAX =
      whole(
          "orgs.per_partner_max",
          1,
          1_000_000,
          ORGS.perPartnerMax(),
          "Orgs a partner may have at a time.");
  static final ConfigKey<String> ORGS_PUBLIC_URL =
      key(
          "orgs.public_url",
          WEB_ADDRESS,
          null,
          "Where callers reach the edge, for the URLs in answers; without it what the request"
              + " was sent to.");
  static final ConfigKey<String> ORGS_PROVISIONER_URL =
      key(
          "orgs.provisioner_url",
          WEB_ADDRESS,
          null,
          "The control plane that provisions orgs; without it the edge does it itself.");
  static final ConfigKey<String> ORGS_PROVISIONER_SECRET =
      secret(
          "orgs.provisioner_secret",
          new Kind.Text(
              Pattern.compile("[\\x21-\\x7e]{32,255}"), "32 to 255 visible ASCII characters"),
          "The key that signs requests to the control plane; with orgs.provisioner_url only.");
  static final ConfigKey<Duration> ORGS_PROVISIONER_TIMEOUT =
      span(
          "orgs.provisioner_timeout",
          Duration.ofMillis(100),
          Duration.ofMinutes(5),
          ORGS.provisionerTimeout(),
          "Deadline of one try of a step.");
  static final ConfigKey<Integer> ORGS_ATTEMPTS_MAX =
      whole(
          "orgs.attempts_max",
          1,
          100,
          ORGS.attemptsMax(),
          "Tries of a step before the org has failed; a teardown never gives up.");
  static final ConfigKey<Duration> ORGS_RETRY_DELAY_MIN =
      span(
          "orgs.retry_delay_min",
          MILLI,
          MINUTE,
          ORGS.pauseMin(),
          "Pause before the second try; doubles with each further one, less some jitter.");
  static final ConfigKey<Duration> ORGS_RETRY_DELAY_MAX =
      span(
          "orgs.retry_delay_max",
          MILLI,
          HOUR,
          ORGS.pauseMax(),
          "The longest pause; not below orgs.retry_delay_min.");
  static final ConfigKey<Integer> ORGS_EXPORTS_MAX =
      whole(
          "orgs.exports_max",
          1,
          100,
          ORGS.exportsMax(),
          "Exports of orgs at a time; one more is answered 503. Each has a connection of the"
              + " control pool.");
  static final ConfigKey<Duration> ORGS_EXPORT_TIMEOUT =
      span(
          "orgs.export_timeout",
          Duration.ofSeconds(1),
          HOUR,
          ORGS.exportTimeout(),
          "Deadline of one export, its reader's time included; it is cut short then.");

  private static final UsageConfig USAGE = UsageConfig.defaults();
  static final ConfigKey<Duration> USAGE_CLOSE_INTERVAL =
      span(
          "usage.close_interval",
          Duration.ofMillis(100),
          MINUTE,
          USAGE.closeInterval(),
          "How often hours that are over are looked for.");
  static final ConfigKey<Duration> USAGE_SETTLE_AFTER =
      span(
          "usage.settle_after",
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          USAGE.settleAfter(),
          "How long after its end an hour waits for calls still to be written.");
  static final ConfigKey<Integer> USAGE_CLOSE_BATCH_MAX =
      whole(
          "usage.close_batch_max",
          1,
          10_000,
          USAGE.closeBatchMax(),
          "Hours closed in one transaction.");
  static final ConfigKey<Integer> USAGE_RANGE_DAYS_MAX =
      whole(
          "usage.range_days_max",
          31,
          366,
          USAGE.rangeDaysMax(),
          "Days of usage that one request may ask for.");
  private static final WebhooksConfig WEBHOOKS = WebhooksConfig.defaults();
  static final ConfigKey<String> WEBHOOKS_SECRET_KEY =
      secret(
          "webhooks.secret_key",
          new Kind.Text(
              Pattern.compile("[0-9A-Za-z+/]{42}[048AEIMQUYcgkosw]="), "32 bytes in base64"),
          "The key under which signing secrets are kept, the same on all nodes; without it one in"
              + " data_dir.");
  static final ConfigKey<Targets> WEBHOOKS_TARGETS =
      key(
          "webhooks.targets",
          new Kind.Choice<>(Targets.class),
          null,
          "Where webhooks may lead: https to public addresses, this machine too, or anywhere;"
              + " without it public, with embedded stores loopback.");
  static final ConfigKey<Integer> WEBHOOKS_PER_OWNER_MAX =
      whole(
          "webhooks.per_owner_max",
          1,
          1_000,
          WEBHOOKS.perOwnerMax(),
          "Webhooks of a partner, and of each of its orgs.");
  static final ConfigKey<Duration> WEBHOOKS_TIMEOUT =
      span(
          "webhooks.timeout",
          Duration.ofMillis(100),
          MINUTE,
          WEBHOOKS.timeout(),
          "Deadline of one attempt to deliver.");
  static final ConfigKey<Integer> WEBHOOKS_IN_FLIGHT_MAX =
      whole(
          "webhooks.in_flight_max",
          1,
          10_000,
          WEBHOOKS.inFlightMax(),
          "Attempts at once of one node.");
  static final ConfigKey<Integer> WEBHOOKS_PER_WEBHOOK_MAX =
      whole(
          "webhooks.per_webhook_max",
          1,
          1_000,
          WEBHOOKS.perWebhookMax(),
          "Attempts at once to one webhook, by all nodes together; one while it fails.");
  static final ConfigKey<Duration> WEBHOOKS_RETENTION =
      span(
          "webhooks.retention",
          HOUR,
          Duration.ofDays(90),
          WEBHOOKS.retention(),
          "How long deliveries that have ended can be seen and replayed.");

  private static final WorkspacesConfig WORKSPACES = WorkspacesConfig.defaults();
  static final ConfigKey<Integer> WORKSPACES_FREE_MAX =
      workspaces("free_max", WORKSPACES.quota().free());
  static final ConfigKey<Integer> WORKSPACES_STARTER_MAX =
      workspaces("starter_max", WORKSPACES.quota().starter());
  static final ConfigKey<Integer> WORKSPACES_PRO_MAX =
      workspaces("pro_max", WORKSPACES.quota().pro());
  static final ConfigKey<Integer> WORKSPACES_ENTERPRISE_MAX =
      workspaces("enterprise_max", WORKSPACES.quota().enterprise());
  static final ConfigKey<Integer> WORKSPACES_TOKENS_MAX =
      whole(
          "workspaces.tokens_max",
          1,
          1_000,
          WORKSPACES.quota().tokensMax(),
          "Tokens a workspace may have at a time.");
  static final ConfigKey<Integer> WORKSPACES_RATE_LIMIT =
      whole(
          "workspaces.rate_limit",
          1,
          Limit.RATE_PER_MINUTE_MAX,
          WORKSPACES.tokenLimit().ratePerMinute(),
          "Requests a minute of a workspace token made from now on.");
  static final ConfigKey<Integer> WORKSPACES_BURST =
      whole(
          "workspaces.burst",
          1,
          Limit.BURST_MAX,
          WORKSPACES.tokenLimit().burst(),
          "Requests at once of such a token.");
  static final ConfigKey<Integer> WORKSPACES_HEARTBEATS_WAITING_MAX =
      whole(
          "workspaces.heartbeats_waiting_max",
          1,
          1_000_000,
          WORKSPACES.heartbeatsWaitingMax(),
          "Workspaces whose heartbeats wait to be written, per thread; one more is answered 503.");

  private static final LookupConfig LOOKUP = LookupConfig.defaults();
  static final ConfigKey<Integer> LOOKUP_CACHED_KEYS_MAX =
      whole(
          "lookup.cached_keys_max",
          100,
          10_000_000,
          LOOKUP.cachedKeysMax(),
          "Keys kept in memory.");
  static final ConfigKey<Integer> LOOKUP_CACHED_ABSENCES_MAX =
      whole(
          "lookup.cached_absences_max",
          100,
          10_000_000,
          LOOKUP.cachedAbsencesMax(),
          "Unknown credentials remembered.");
  static final ConfigKey<Duration> LOOKUP_ABSENCE_TTL =
      span(
          "lookup.absence_ttl",
          MILLI,
          MINUTE,
          LOOKUP.absenceTtl(),
          "How long an unknown credential is remembered.");
  static final ConfigKey<Integer> LOOKUP_FILLS_MAX =
      whole(
          "lookup.fills_max",
          1,
          10_000,
          LOOKUP.fillsMax(),
          "Lookups in Postgres at once; one more is answered 503.");

  private static final UpstreamsConfig UPSTREAMS = UpstreamsConfig.defaults();
  static final ConfigKey<Integer> UPSTREAMS_CONNECTIONS_MAX =
      whole(
          "upstreams.connections_max",
          1,
          100_000,
          UPSTREAMS.connectionsMax(),
          "Connections to one upstream.");
  static final ConfigKey<Integer> UPSTREAMS_QUEUE_MAX =
      whole(
          "upstreams.queue_max",
          0,
          1_000_000,
          UPSTREAMS.queueMax(),
          "Requests that may wait for a connection to one upstream; one more is answered 503.");
  static final ConfigKey<Duration> UPSTREAMS_CONNECT_TIMEOUT =
      span(
          "upstreams.connect_timeout",
          Duration.ofMillis(10),
          MINUTE,
          UPSTREAMS.connectTimeout(),
          "Deadline of a connection to an upstream.");
  static final ConfigKey<Duration> UPSTREAMS_KEEP_ALIVE =
      span(
          "upstreams.keep_alive",
          Duration.ofSeconds(1),
          HOUR,
          UPSTREAMS.keepAlive(),
          "An unused connection to an upstream is kept for this, in whole seconds; less than the"
              + " upstreams themselves keep it.");
  static final ConfigKey<Duration> UPSTREAMS_IDLE_TIMEOUT =
      span(
          "upstreams.idle_timeout",
          Duration.ofMillis(100),
          HOUR,
          UPSTREAMS.idleTimeout(),
          "An answer of which nothing comes for this is cut.");
  static final ConfigKey<Integer> UPSTREAMS_HEAD_BYTES_MAX =
      size(
          "upstreams.head_bytes_max",
          1 << 10,
          1 << 20,
          UPSTREAMS.headBytesMax(),
          "Bytes of the headers of an answer.");
  static final ConfigKey<Integer> UPSTREAMS_STREAMS_PER_KEY_MAX =
      whole(
          "upstreams.streams_per_key_max",
          1,
          100_000,
          UPSTREAMS.streamsPerKeyMax(),
          "Upgraded connections and event streams of one key.");
  static final ConfigKey<Integer> UPSTREAMS_EJECTION_FAILURES =
      whole(
          "upstreams.ejection_failures",
          1,
          1_000,
          UPSTREAMS.ejectionFailures(),
          "Failures in a row after which an upstream is left out for a while.");
  static final ConfigKey<Duration> UPSTREAMS_EJECTION_TIME =
      span(
          "upstreams.ejection_time",
          Duration.ofMillis(10),
          HOUR,
          UPSTREAMS.ejectionTime(),
          "How long; longer by as much each further time, up to twelve times.");

  private static final OverloadConfig OVERLOAD = OverloadConfig.defaults();
  static final ConfigKey<Integer> OVERLOAD_CALLS_MIN =
      whole(
          "overload.calls_min",
          1,
          10_000,
          OVERLOAD.callsMin(),
          "Control plane calls at once, however slow; where above calls_max, that counts.");
  static final ConfigKey<Integer> OVERLOAD_CALLS_MAX =
      whole(
          "overload.calls_max",
          1,
          10_000,
          OVERLOAD.callsMax(),
          "Control plane calls at once, however fast; one more is refused.");
  static final ConfigKey<Integer> OVERLOAD_REVOCATIONS_MAX =
      whole(
          "overload.revocations_max",
          1,
          10_000,
          OVERLOAD.revocationsMax(),
          "Revocations of keys and tokens at once, besides.");
  static final ConfigKey<Integer> OVERLOAD_UPSTREAM_MIN =
      whole(
          "overload.upstream_min",
          1,
          100_000,
          OVERLOAD.upstreamMin(),
          "Requests at once to one upstream, however slow; where above upstream_max, that counts.");
  static final ConfigKey<Integer> OVERLOAD_UPSTREAM_MAX =
      whole(
          "overload.upstream_max",
          1,
          100_000,
          OVERLOAD.upstreamMax(),
          "Requests at once to one upstream, however fast; one more is refused.");
  static final ConfigKey<Integer> OVERLOAD_PARTNER_MAX =
      whole(
          "overload.partner_max",
          1,
          100_000,
          OVERLOAD.partnerMax(),
          "Forwarded requests of one partner at once, streams aside; one more is refused.");

  static final ConfigKey<Duration> LAST_USE_FLUSH_INTERVAL =
      span(
          "last_use.flush_interval",
          Duration.ofMillis(100),
          Duration.ofSeconds(4),
          Duration.ofSeconds(2),
          "How often the times of last use are written.");

  private static final DrainConfig DRAIN = DrainConfig.defaults();
  static final ConfigKey<Duration> DRAIN_ANNOUNCE =
      span(
          "drain.announce",
          Duration.ZERO,
          MINUTE,
          DRAIN.announce(),
          "How long answers ask clients to close before the listener closes.");
  static final ConfigKey<Duration> DRAIN_FINISH =
      span(
          "drain.finish",
          Duration.ZERO,
          HOUR,
          DRAIN.finish(),
          "How long requests in flight may take after that.");
  static final ConfigKey<Duration> DRAIN_FLUSH =
      span(
          "drain.flush",
          Duration.ZERO,
          MINUTE,
          DRAIN.flush(),
          "How long the last writes to the stores may take.");

  private static final LoggingConfig LOGGING = LoggingConfig.defaults();
  static final ConfigKey<LoggingConfig.Format> LOGGING_FORMAT =
      key(
          "logging.format",
          new Kind.Choice<>(LoggingConfig.Format.class),
          LOGGING.format(),
          "JSON lines or plain text; auto is plain on a terminal, else json.");
  static final ConfigKey<LoggingConfig.Level> LOGGING_LEVEL =
      key(
          "logging.level",
          new Kind.Choice<>(LoggingConfig.Level.class),
          LOGGING.level(),
          "The least important lines written.");
  static final ConfigKey<LoggingConfig.Access> LOGGING_ACCESS =
      key(
          "logging.access",
          new Kind.Choice<>(LoggingConfig.Access.class),
          LOGGING.access(),
          "Which requests get an access line: all, failures (status 500 and up) or none.");

  static final ConfigKey<String> DATA_DIR =
      key(
          "data_dir",
          new Kind.Text(Pattern.compile("[^\\x00]{1,1000}"), "a path"),
          ".edge",
          "Where the embedded stores keep their files.");

  static final ConfigKey<String> ROUTES_FILE =
      key(
          "routes_file",
          new Kind.Text(Pattern.compile("[^\\x00]{1,1000}"), "a path"),
          "conf/routes.yaml",
          "The routes to other services; read again when it changes.");

  /** All of them. */
  static final List<ConfigKey<?>> ALL = List.copyOf(KEYS);

  private ConfigKeys() {}

  private static <T> ConfigKey<T> key(
      String name, Kind<T> kind, @Nullable T byDefault, String meaning) {
    ConfigKey<T> key = new ConfigKey<>(name, kind, byDefault, false, meaning);
    KEYS.add(key);
    return key;
  }

  private static ConfigKey<String> secret(String name, Kind<String> kind, String meaning) {
    ConfigKey<String> key = new ConfigKey<>(name, kind, null, true, meaning);
    KEYS.add(key);
    return key;
  }

  private static ConfigKey<Integer> whole(
      String name, int min, int max, int byDefault, String meaning) {
    return key(name, new Kind.Whole(min, max), byDefault, meaning);
  }

  private static ConfigKey<Integer> size(
      String name, int min, int max, int byDefault, String meaning) {
    return key(name, new Kind.Size(min, max), byDefault, meaning);
  }

  private static ConfigKey<Duration> span(
      String name, Duration min, Duration max, Duration byDefault, String meaning) {
    return key(name, new Kind.Span(min, max), byDefault, meaning);
  }

  private static ConfigKey<Integer> workspaces(String name, int byDefault) {
    String plan = name.substring(0, name.indexOf('_'));
    return whole(
        "workspaces." + name,
        WorkspaceQuota.UNLIMITED,
        1_000_000,
        byDefault,
        "Workspaces of an org on the plan " + plan + "; 0 is any number.");
  }

  private static ConfigKey<Duration> postgresSpan(String name, Duration byDefault, String meaning) {
    return span(
        "postgres." + name, Duration.ofMillis(10), Duration.ofMinutes(10), byDefault, meaning);
  }
}
