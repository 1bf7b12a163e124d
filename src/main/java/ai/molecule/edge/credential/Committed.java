package ai.molecule.edge.credential;

import java.util.List;

/**
 * A committed change.
 *
 * @param keys the keys as they are now, the one that was asked for first; after a rotation the
 *     successor, then the predecessor
 * @param outboxId the outbox row to take away with {@link ChangeOutbox#done} once every node knows;
 *     0 when there is none: nothing changed, or a key was created, which nobody has to forget
 */
public record Committed(List<KeyRecord> keys, long outboxId) {
  /** The outbox id of a call that changed nothing that anybody may remember. */
  public static final long UNCHANGED = 0;

  public Committed {
    keys = List.copyOf(keys);
  }

  /** The key that was asked for. */
  public KeyRecord key() {
    return keys.getFirst();
  }

  /** Whether anything changed that has to be announced. */
  public boolean changed() {
    return outboxId != UNCHANGED;
  }
}
