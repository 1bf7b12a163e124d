package ai.molecule.edge.credential.coherence;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgNotification;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session table and the notification channels in Postgres. Sessions are made and renewed on the
 * one connection that LISTENs: a session that goes on proves that invalidations arrive. Everything
 * runs on the coherence context; {@link #nodesAlive} may be asked from any thread.
 */
public final class PostgresSessionStore implements SessionStore {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSessionStore.class);
  private static final String INVALIDATIONS = "edge_invalidations";

  /** Index: primary key, and node_sessions(expires_at) for what is swept away. */
  private static final String BEGIN =
      """
      WITH swept AS (
        DELETE FROM node_sessions
        WHERE session_id = $2 OR expires_at < clock_timestamp() - interval '1 hour')
      INSERT INTO node_sessions (session_id, node_name, started_at, expires_at, fenced)
      VALUES ($1, $3, clock_timestamp(),
              clock_timestamp() + make_interval(secs => $4::double precision), false)
      """;

  /** Index: primary key; the count runs over the few rows of node_sessions(expires_at). */
  private static final String RENEW =
      """
      UPDATE node_sessions
      SET expires_at = clock_timestamp() + make_interval(secs => $2::double precision)
      WHERE session_id = $1 AND expires_at > clock_timestamp() AND NOT fenced
      RETURNING (SELECT count(*)::int FROM node_sessions WHERE expires_at > clock_timestamp())
      """;

  /** One statement, one snapshot: it is taken before the notification is sent. */
  private static final String ANNOUNCE =
      """
      SELECT session_id FROM node_sessions WHERE expires_at > clock_timestamp()
      UNION ALL
      SELECT NULL FROM pg_notify($1, $2)
      """;

  /** Index: primary key. */
  private static final String FENCE =
      """
      UPDATE node_sessions SET fenced = true
      WHERE session_id = ANY($1)
      RETURNING session_id,
        extract(epoch FROM expires_at - clock_timestamp())::double precision AS seconds_left
      """;

  private final PgConnectOptions options;
  private final Pool control;
  private final String nodeName;
  private final SessionTimes times;
  private @Nullable PgConnection listening;
  private @Nullable Context context;
  private final ChangeAddress address = ChangeAddress.random();
  private final ConfirmationSender confirmations = new ConfirmationSender(this::onListening);
  private volatile int nodesAlive = 1;

  /**
   * A store that is not connected yet.
   *
   * @param options for the connection that LISTENs
   * @param control the pool that coordinators use
   */
  public PostgresSessionStore(
      PgConnectOptions options, Pool control, String nodeName, SessionTimes times) {
    this.options = options;
    this.control = control;
    this.nodeName = nodeName;
    this.times = times;
  }

  /** Who is told what arrives on the listening connection. */
  public interface Listener {
    /** An invalidation. */
    void invalidated(Invalidation invalidation);

    /** A confirmation. */
    void confirmed(Confirmation confirmation);

    /** The connection is gone; it is being made again. */
    void disconnected();
  }

  /** Whether the listening connection stands. */
  public boolean isListening() {
    return listening != null;
  }

  /** Nodes that held a session at the last renewal, at least 1. */
  public int nodesAlive() {
    return nodesAlive;
  }

  /** Connects and LISTENs; must be called on the coherence context. */
  public Future<Void> listen(Vertx vertx, Listener listener) {
    context = vertx.getOrCreateContext();
    return PgConnection.connect(vertx, options)
        .compose(
            connection ->
                connection
                    .query(
                        "LISTEN %s; LISTEN %s; LISTEN %s"
                            .formatted(
                                INVALIDATIONS,
                                ConfirmationSender.OF_ALL,
                                ConfirmationSender.channel(address)))
                    .execute()
                    .onFailure(failed -> connection.close())
                    .map(ok -> attach(connection, listener)))
        .mapEmpty();
  }

  /** Ends the session's row and the connection; for an orderly stop. */
  public Future<Void> close(@Nullable UUID sessionId) {
    PgConnection connection = listening;
    if (connection == null) {
      return Future.succeededFuture();
    }
    listening = null;
    Future<?> ended =
        sessionId == null
            ? Future.succeededFuture()
            : connection
                .preparedQuery("DELETE FROM node_sessions WHERE session_id = $1")
                .execute(Tuple.of(sessionId));
    return ended
        .timeout(1, TimeUnit.SECONDS)
        .transform(done -> connection.close())
        .otherwiseEmpty()
        .mapEmpty();
  }

  @Override
  public Future<Void> begin(UUID sessionId, @Nullable UUID replaced) {
    return onListening(BEGIN, Tuple.of(sessionId, replaced, nodeName, lengthSeconds())).mapEmpty();
  }

  @Override
  public Future<Boolean> renew(UUID sessionId) {
    return onListening(RENEW, Tuple.of(sessionId, lengthSeconds()))
        .map(
            rows -> {
              for (Row row : rows) {
                nodesAlive = Math.max(1, row.getInteger(0));
              }
              return rows.size() == 1;
            });
  }

  @Override
  public Future<Set<UUID>> announce(Invalidation invalidation) {
    return control
        .preparedQuery(ANNOUNCE)
        .execute(Tuple.of(INVALIDATIONS, invalidation.payload()))
        .timeout(times.length().toMillis(), TimeUnit.MILLISECONDS)
        .map(
            rows -> {
              Set<UUID> alive = new HashSet<>();
              for (Row row : rows) {
                UUID id = row.getUUID(0);
                if (id != null) {
                  alive.add(id);
                }
              }
              return alive;
            });
  }

  @Override
  public Future<Map<UUID, Duration>> fence(List<UUID> sessionIds) {
    return control
        .preparedQuery(FENCE)
        .execute(Tuple.of(sessionIds.toArray(UUID[]::new)))
        .timeout(times.length().toMillis(), TimeUnit.MILLISECONDS)
        .map(
            rows -> {
              Map<UUID, Duration> left = new HashMap<>();
              for (Row row : rows) {
                long nanos = (long) (row.getDouble(1) * 1e9);
                left.put(row.getUUID(0), Duration.ofNanos(nanos));
              }
              return left;
            });
  }

  /** An id for a change that this node announces: its confirmations come to this node alone. */
  public UUID newChangeId() {
    return address.newChangeId();
  }

  @Override
  public Future<Void> confirm(Confirmation confirmation) {
    return confirmations.send(confirmation);
  }

  private Future<RowSet<Row>> onListening(String sql, Tuple arguments) {
    PgConnection connection = listening;
    if (connection == null) {
      return Future.failedFuture("not connected to Postgres");
    }
    return connection
        .preparedQuery(sql)
        .execute(arguments)
        .timeout(times.length().toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(failed -> drop(connection));
  }

  /** A connection on which anything failed or went silent is not trusted any further. */
  private void drop(PgConnection connection) {
    if (connection == listening) {
      LOG.debug("closing the listening connection after a failure");
      connection.close();
    }
  }

  private PgConnection attach(PgConnection connection, Listener listener) {
    listening = connection;
    connection.closeHandler(
        closed -> {
          if (listening == connection) {
            listening = null;
            listener.disconnected();
          }
        });
    Consumer<PgNotification> route = notification -> route(notification, listener);
    connection.notificationHandler(route::accept);
    return connection;
  }

  private static void route(PgNotification notification, Listener listener) {
    String channel = notification.getChannel();
    if (channel.equals(INVALIDATIONS)) {
      Invalidation.parse(notification.getPayload()).ifPresent(listener::invalidated);
    } else if (channel.startsWith(ConfirmationSender.OF_ALL)) {
      Confirmation.parse(notification.getPayload()).ifPresent(listener::confirmed);
    } else {
      LOG.debug("a notification on {} is nothing to us", channel);
    }
  }

  private double lengthSeconds() {
    return times.length().toMillis() / 1000.0;
  }
}
