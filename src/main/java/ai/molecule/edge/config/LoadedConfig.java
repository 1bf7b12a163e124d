package ai.molecule.edge.config;

import ai.molecule.edge.controlplane.webhooks.Targets;
import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.edge.RoutesConfig;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.ratelimit.Limit;
import ai.molecule.edge.telemetry.LoggingConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

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
    return !values.has(PostgresSection.URI);
  }

  /** Where the embedded stores keep their files. */
  public Path dataDir() {
    return dataDir;
  }

  /** What is logged and how. */
  public LoggingConfig logging() {
    return LoggingSection.read(values);
  }

  /** The way to Postgres; only when it is named. */
  public PostgresConfig postgres() {
    return PostgresSection.read(values, values.find(PostgresSection.URI).orElseThrow());
  }

  /** The admin token in plain text, if it was given so. */
  public Optional<String> adminTokenText() {
    return values.find(AdminSection.TOKEN);
  }

  /** The admin token, if one was given. */
  public Optional<AdminToken> adminToken() {
    return AdminSection.read(values);
  }

  /** Whether the key for the secrets of webhooks was given. */
  public boolean hasWebhookKey() {
    return values.has(WebhooksSection.SECRET_KEY);
  }

  /** The whole configuration, for stores that are named. */
  public EdgeConfig complete() {
    return complete(
        values.find(PostgresSection.URI).orElseThrow(),
        values.find(RedisSection.URI).orElseThrow(),
        adminToken().orElseThrow());
  }

  /**
   * The whole configuration, for stores that are named.
   *
   * @param generatedToken in plain text; used when none is configured
   */
  public EdgeConfig complete(String generatedToken) {
    return complete(
        values.find(PostgresSection.URI).orElseThrow(),
        values.find(RedisSection.URI).orElseThrow(),
        generatedToken);
  }

  /**
   * The whole configuration, for embedded stores.
   *
   * @param generatedToken in plain text; used when none is configured
   */
  public EdgeConfig complete(String postgresUri, String redisUri, String generatedToken) {
    return complete(
        postgresUri, redisUri, adminToken().orElseGet(() -> AdminSection.hashed(generatedToken)));
  }

  private EdgeConfig complete(String postgresUri, String redisUri, AdminToken admin) {
    Targets targetsByDefault = needsStores() ? Targets.LOOPBACK : Targets.PUBLIC;
    return new EdgeConfig(
        HttpSection.read(values),
        ManagementSection.read(values),
        admin,
        PostgresSection.read(values, postgresUri),
        RedisSection.read(values, redisUri),
        LimitsSection.read(values),
        tiers,
        OrgsSection.read(values),
        WebhooksSection.read(values, targetsByDefault),
        routes,
        UpstreamsSection.read(values),
        OverloadSection.read(values),
        UsageSection.read(values),
        WorkspacesSection.read(values),
        LookupSection.read(values),
        LastUseSection.read(values),
        DrainSection.read(values),
        logging(),
        dataDir);
  }
}
