package ai.molecule.edge.credential;

import java.util.List;

/**
 * A committed change that not every node is known to have heard of.
 *
 * @param outboxId its row, to take away with {@link ChangeOutbox#done}
 * @param keys the changed keys as they are now, which may be newer than the change
 */
public record PendingChange(long outboxId, List<KeyRecord> keys) {
  public PendingChange {
    keys = List.copyOf(keys);
  }
}
