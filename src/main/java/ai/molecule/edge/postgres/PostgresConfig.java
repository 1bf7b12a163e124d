package ai.molecule.edge.postgres;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where Postgres is and how much of it a node may use. Immutable and checked: one that exists is
 * valid. It shows no password.
 *
 * @param uri {@code postgresql://user:password@host:port/database}, user and password
 *     percent-encoded; {@code ?sslmode=} (disable, prefer, require, verify-ca, verify-full) and
 *     {@code sslrootcert=} (a PEM file) as libpq has them
 * @param password used instead of the URI's when present, so that it can come from elsewhere
 * @param authPoolSize connections for key lookups and the last-use flush
 * @param controlPoolSize connections for the control plane
 * @param poolQueueMax calls that may wait for a connection, per pool; one more fails at once
 * @param connectTimeout for the TCP connection
 * @param acquireTimeout how long a call waits for a connection
 * @param statementTimeout how long the server may work on one statement
 * @param idleTimeout after which an unused connection is closed
 */
public record PostgresConfig(
    String uri,
    @Nullable String password,
    int authPoolSize,
    int controlPoolSize,
    int poolQueueMax,
    Duration connectTimeout,
    Duration acquireTimeout,
    Duration statementTimeout,
    Duration idleTimeout) {
  private static final int POOL_SIZE_MAX = 1_000;
  private static final int POOL_QUEUE_MAX = 100_000;
  private static final Duration TIMEOUT_MIN = Duration.ofMillis(10);
  private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

  public PostgresConfig {
    PostgresUri.parse(uri);
    between("auth_pool_size", authPoolSize, POOL_SIZE_MAX);
    between("control_pool_size", controlPoolSize, POOL_SIZE_MAX);
    between("pool_queue_max", poolQueueMax, POOL_QUEUE_MAX);
    bounded("connect_timeout", connectTimeout);
    bounded("acquire_timeout", acquireTimeout);
    bounded("statement_timeout", statementTimeout);
    bounded("idle_timeout", idleTimeout);
    if (idleTimeout.compareTo(statementTimeout) <= 0) {
      throw new IllegalArgumentException("idle_timeout must be longer than statement_timeout");
    }
  }

  /** The shipped settings, for the Postgres at {@code uri}. */
  public static PostgresConfig defaults(String uri) {
    return new PostgresConfig(
        uri,
        null,
        8,
        8,
        256,
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30));
  }

  /** How long one statement may take in all, from waiting for a connection to its answer. */
  public Duration statementDeadline() {
    return acquireTimeout.plus(statementTimeout);
  }

  /** How long one transaction may take in all, with its retries. */
  public Duration transactionDeadline() {
    return acquireTimeout.plus(statementTimeout.multipliedBy(2));
  }

  PostgresUri parsedUri() {
    return PostgresUri.parse(uri);
  }

  /** The password to log in with; empty for a server that asks for none. */
  String effectivePassword() {
    if (password != null) {
      return password;
    }
    String inUri = parsedUri().password();
    return inUri == null ? "" : inUri;
  }

  private static void between(String field, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(field + " must be 1 to " + max + ", not " + value);
    }
  }

  private static void bounded(String field, Duration value) {
    if (value.compareTo(TIMEOUT_MIN) < 0 || value.compareTo(TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException(
          field + " must be " + TIMEOUT_MIN + " to " + TIMEOUT_MAX + ", not " + value);
    }
  }

  @Override
  public String toString() {
    return "PostgresConfig["
        + parsedUri()
        + ", pools "
        + authPoolSize
        + "+"
        + controlPoolSize
        + "]";
  }
}
