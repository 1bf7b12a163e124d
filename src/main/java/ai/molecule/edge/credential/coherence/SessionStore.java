package ai.molecule.edge.credential.coherence;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table of node sessions and the two notification channels: what the protocol needs of
 * Postgres. Its clock is Postgres's own.
 */
public interface SessionStore {
  /**
   * Makes a new session that ends {@code length} from now, and removes {@code replaced}, the same
   * node's last one, unless it is null.
   */
  Future<Void> begin(UUID sessionId, @Nullable UUID replaced);

  /** Prolongs a session; false when it has ended or is fenced, and then nothing changes. */
  Future<Boolean> renew(UUID sessionId);

  /**
   * Reads the sessions alive and, after that, notifies every node of {@code invalidation}.
   *
   * @return the ids of the sessions that were alive
   */
  Future<Set<UUID>> announce(Invalidation invalidation);

  /**
   * Fences sessions: they cannot be renewed any more.
   *
   * @return for each that still has a row, how long it goes on; one without a row was replaced, and
   *     its successor began with nothing
   */
  Future<Map<UUID, Duration>> fence(List<UUID> sessionIds);

  /** Tells the coordinator that this node forgot. */
  Future<Void> confirm(Confirmation confirmation);
}
