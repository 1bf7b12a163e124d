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
import java.util.function.Consumer;

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

  /** The shipped settings, for those stores and that admin. */
  public static EdgeConfig defaults(
      AdminToken admin, PostgresConfig postgres, RedisConfig redis, Path dataDir) {
    return new EdgeConfig(
        HttpConfig.defaults(),
        ManagementConfig.defaults(),
        admin,
        postgres,
        redis,
        LimitsSection.SHIPPED,
        Map.of(),
        OrgsConfig.defaults(),
        WebhooksConfig.defaults(),
        RoutesConfig.none(),
        UpstreamsConfig.defaults(),
        OverloadConfig.defaults(),
        UsageConfig.defaults(),
        WorkspacesConfig.defaults(),
        LookupConfig.defaults(),
        LastUseSection.SHIPPED,
        DrainConfig.defaults(),
        LoggingConfig.defaults(),
        dataDir);
  }

  /** This configuration with another public listener. */
  public EdgeConfig withHttp(HttpConfig other) {
    return change(parts -> parts.http = other);
  }

  /** This configuration with another operations listener. */
  public EdgeConfig withManagement(ManagementConfig other) {
    return change(parts -> parts.management = other);
  }

  /** This configuration with another way to Postgres. */
  public EdgeConfig withPostgres(PostgresConfig other) {
    return change(parts -> parts.postgres = other);
  }

  /** This configuration with other settings of webhooks. */
  public EdgeConfig withWebhooks(WebhooksConfig others) {
    return change(parts -> parts.webhooks = others);
  }

  /** This configuration with other routes. */
  public EdgeConfig withRoutes(RoutesConfig others) {
    return change(parts -> parts.routes = others);
  }

  /** This configuration with upstreams spoken to in another way. */
  public EdgeConfig withUpstreams(UpstreamsConfig others) {
    return change(parts -> parts.upstreams = others);
  }

  /** This configuration with other bounds of what is under way. */
  public EdgeConfig withOverload(OverloadConfig other) {
    return change(parts -> parts.overload = other);
  }

  /** This configuration with usage metered in another way. */
  public EdgeConfig withUsage(UsageConfig other) {
    return change(parts -> parts.usage = other);
  }

  /** This configuration with other bounds of workspaces. */
  public EdgeConfig withWorkspaces(WorkspacesConfig others) {
    return change(parts -> parts.workspaces = others);
  }

  /** This configuration with keys looked up and remembered in another way. */
  public EdgeConfig withLookup(LookupConfig other) {
    return change(parts -> parts.lookup = other);
  }

  /** This configuration with another way to leave. */
  public EdgeConfig withDrain(DrainConfig other) {
    return change(parts -> parts.drain = other);
  }

  /** This configuration with another log. */
  public EdgeConfig withLogging(LoggingConfig other) {
    return change(parts -> parts.logging = other);
  }

  /** This configuration with other limits that have names. */
  public EdgeConfig withTiers(Map<String, Limit> others) {
    return change(parts -> parts.tiers = others);
  }

  private EdgeConfig change(Consumer<EdgeConfigParts> change) {
    EdgeConfigParts parts = new EdgeConfigParts(this);
    change.accept(parts);
    return parts.whole();
  }
}
