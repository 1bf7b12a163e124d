package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.OrgsConfig;
import ai.molecule.edge.controlplane.WorkspacesConfig;
import ai.molecule.edge.controlplane.usage.UsageConfig;
import ai.molecule.edge.controlplane.webhooks.WebhooksConfig;
import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.proxy.UpstreamsConfig;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.redis.RedisConfig;
import ai.molecule.edge.telemetry.LoggingConfig;
import ai.molecule.edge.telemetry.ManagementConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The parts of an {@link EdgeConfig}, free to be changed until they are put together again: what a
 * wither needs in a language without one for records. Confined to the method that makes it.
 */
final class EdgeConfigParts {
  HttpConfig http;
  ManagementConfig management;
  private final AdminToken admin;
  PostgresConfig postgres;
  private final RedisConfig redis;
  private final Limit defaultLimit;
  Map<String, Limit> tiers;
  private final OrgsConfig orgs;
  WebhooksConfig webhooks;
  RoutesConfig routes;
  UpstreamsConfig upstreams;
  OverloadConfig overload;
  UsageConfig usage;
  WorkspacesConfig workspaces;
  LookupConfig lookup;
  private final Duration lastUseFlushInterval;
  DrainConfig drain;
  LoggingConfig logging;
  private final Path dataDir;

  EdgeConfigParts(EdgeConfig from) {
    this.http = from.http();
    this.management = from.management();
    this.admin = from.admin();
    this.postgres = from.postgres();
    this.redis = from.redis();
    this.defaultLimit = from.defaultLimit();
    this.tiers = from.tiers();
    this.orgs = from.orgs();
    this.webhooks = from.webhooks();
    this.routes = from.routes();
    this.upstreams = from.upstreams();
    this.overload = from.overload();
    this.usage = from.usage();
    this.workspaces = from.workspaces();
    this.lookup = from.lookup();
    this.lastUseFlushInterval = from.lastUseFlushInterval();
    this.drain = from.drain();
    this.logging = from.logging();
    this.dataDir = from.dataDir();
  }

  /** The configuration of these parts. */
  EdgeConfig whole() {
    return new EdgeConfig(
        http,
        management,
        admin,
        postgres,
        redis,
        defaultLimit,
        tiers,
        orgs,
        webhooks,
        routes,
        upstreams,
        overload,
        usage,
        workspaces,
        lookup,
        lastUseFlushInterval,
        drain,
        logging,
        dataDir);
  }
}
