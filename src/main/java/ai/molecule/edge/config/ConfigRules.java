package ai.molecule.edge.config;

import ai.molecule.edge.config.ConfigLoader.Purpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * What must hold beyond the bounds of single keys: the rules of whole sections, and what must be
 * given for a purpose.
 */
final class ConfigRules {
  private final ConfigValues values;
  private final List<ConfigProblem> problems = new ArrayList<>();

  private ConfigRules(ConfigValues values) {
    this.values = values;
  }

  /**
   * Where the values break a rule.
   *
   * @param refused sections of which a key was refused already: what else would be said of them
   *     could be wrong
   */
  static List<ConfigProblem> broken(ConfigValues values, Purpose purpose, Set<String> refused) {
    ConfigRules rules = new ConfigRules(values);
    rules.checkSections(refused);
    rules.checkNeeds(purpose);
    return rules.problems;
  }

  private void checkSections(Set<String> refused) {
    if (!refused.contains("postgres")) {
      check("postgres", () -> PostgresSection.check(values));
    }
    if (Collections.disjoint(refused, Set.of("http", "http2", "tls", "callers"))) {
      boolean tls = check("tls", () -> TlsSection.read(values));
      boolean callers = check("callers", () -> CallersSection.read(values));
      if (tls && callers) {
        check("callers", () -> HttpSection.read(values));
      }
    }
    if (!refused.contains("orgs")) {
      check("orgs", () -> OrgsSection.read(values));
    }
    if (!refused.contains("redis")) {
      check("redis", () -> RedisSection.check(values));
    }
  }

  /** A section's complaint begins with the name of the key it is about. */
  private boolean check(String section, Runnable read) {
    try {
      read.run();
      return true;
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      String full = message.startsWith(section + ".") ? message : section + "." + message;
      int space = full.indexOf(' ');
      String key = space < 0 ? full : full.substring(0, space);
      String rest = space < 0 ? "is not allowed" : full.substring(space + 1);
      problems.add(new ConfigProblem(key, values.source(key), rest));
      return false;
    }
  }

  private void checkNeeds(Purpose purpose) {
    ConfigKey<String> postgresUri = PostgresSection.URI;
    ConfigKey<String> redisUri = RedisSection.URI;
    boolean postgres = values.has(postgresUri);
    boolean redis = values.has(redisUri);
    boolean admin = AdminSection.read(values).isPresent();
    switch (purpose) {
      case MIGRATE -> require(postgresUri, postgres, "to migrate");
      case SERVE -> {
        require(postgresUri, postgres || !redis, "when redis.uri is given");
        require(redisUri, redis || !postgres, "when postgres.uri is given");
      }
      case SERVE_WITHOUT_EMBEDDED_STORES -> {
        require(postgresUri, postgres, "because this build has no embedded stores");
        require(redisUri, redis, "because this build has no embedded stores");
        require(AdminSection.TOKEN, admin, "(or admin.token_sha256)");
      }
    }
  }

  private void require(ConfigKey<?> key, boolean there, String when) {
    if (!there) {
      String message = "is required " + when + "; allowed: " + key.kind().allowed();
      problems.add(new ConfigProblem(key.name(), key.variable(), message));
    }
  }
}
