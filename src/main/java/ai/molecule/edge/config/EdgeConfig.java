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
 * The whole configuration of a node, checked: one that exists can be started with.
 *
 * @param http the public listener
 * @param management the operations listener
 * @param admin the platform admin's token, by its hash
 * @param postgres the way to Postgres
 * @param redis the way to Redis
 * @param defaultLimit the limit of a key that names neither a tier nor a limit
 * @param tiers named limits
 * @param orgs how orgs are made
 * @param webhooks how webhooks are kept and delivered to
 * @param routes the ways to other services
 * @param upstreams how those are spoken to
 * @param overload how much may be under way
 * @param usage how usage is metered
 * @param workspaces how many workspaces there may be, and how often they may call
 * @param lookup how keys are looked up and remembered
 * @param lastUseFlushInterval how often the times of last use are written
 * @param drain how the node leaves
 * @param logging what is logged and how
 * @param dataDir where the embedded stores keep their files
 */
public record EdgeConfig(
    HttpConfig http,
    ManagementConfig management,
    AdminToken admin,
    PostgresConfig postgres,
    RedisConfig redis,
    Limit defaultLimit,
    Map<String, Limit> tiers,
    OrgsConfig orgs,
    WebhooksConfig webhooks,
    RoutesConfig routes,
    UpstreamsConfig upstreams,
    OverloadConfig overload,
    UsageConfig usage,
    WorkspacesConfig workspaces,
    LookupConfig lookup,
    Duration lastUseFlushInterval,
    DrainConfig drain,
    LoggingConfig logging,
    Path dataDir) {

  public EdgeConfig {
    tiers = Map.copyOf(tiers);
  }

  /** A configuration with orgs, webhooks, usage and workspaces as shipped and no routes. */
  public EdgeConfig(
      HttpConfig http,
      ManagementConfig management,
      AdminToken admin,
      PostgresConfig postgres,
      RedisConfig redis,
      Limit defaultLimit,
      Map<String, Limit> tiers,
      LookupConfig lookup,
      Duration lastUseFlushInterval,
      DrainConfig drain,
      LoggingConfig logging,
      Path dataDir) {
    this(
        http,
        management,
        admin,
        postgres,
        redis,
        defaultLimit,
        tiers,
        OrgsConfig.defaults(),
        WebhooksConfig.defaults(),
        RoutesConfig.none(),
        UpstreamsConfig.defaults(),
        OverloadConfig.defaults(),
        UsageConfig.defaults(),
        WorkspacesConfig.defaults(),
        lookup,
        lastUseFlushInterval,
        drain,
        logging,
        dataDir);
  }

  /** This configuration with another public listener. */
  public EdgeConfig withHttp(HttpConfig other) {
    return new EdgeConfig(
        other,
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

  /** This configuration with another way to Postgres. */
  public EdgeConfig withPostgres(PostgresConfig other) {
    return new EdgeConfig(
        http,
        management,
        admin,
        other,
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

  /** This configuration with other routes. */
  public EdgeConfig withRoutes(RoutesConfig others) {
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
        others,
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

  /** This configuration, with upstreams spoken to in another way. */
  public EdgeConfig withUpstreams(UpstreamsConfig others) {
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
        others,
        overload,
        usage,
        workspaces,
        lookup,
        lastUseFlushInterval,
        drain,
        logging,
        dataDir);
  }

  /** This configuration, with other bounds of what is under way. */
  public EdgeConfig withOverload(OverloadConfig other) {
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
        other,
        usage,
        workspaces,
        lookup,
        lastUseFlushInterval,
        drain,
        logging,
        dataDir);
  }

  /** This configuration, with usage metered in another way. */
  public EdgeConfig withUsage(UsageConfig other) {
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
        other,
        workspaces,
        lookup,
        lastUseFlushInterval,
        drain,
        logging,
        dataDir);
  }

  /** This configuration, with other bounds of workspaces. */
  public EdgeConfig withWorkspaces(WorkspacesConfig others) {
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
        others,
        lookup,
        lastUseFlushInterval,
        drain,
        logging,
        dataDir);
  }

  /** This configuration with other settings of webhooks. */
  public EdgeConfig withWebhooks(WebhooksConfig others) {
    return new EdgeConfig(
        http,
        management,
        admin,
        postgres,
        redis,
        defaultLimit,
        tiers,
        orgs,
        others,
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
