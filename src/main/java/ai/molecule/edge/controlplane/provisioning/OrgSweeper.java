package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.OrgSweeps;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Reach;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what others forgot: deletes ephemeral orgs whose time is up, on the same path as a caller
 * does, and gives orgs that are neither at rest nor at work their jobs back. Its work is done on
 * the event loop that owns the change path.
 */
public final class OrgSweeper {
  private static final Logger LOG = LoggerFactory.getLogger(OrgSweeper.class);
  private static final int BATCH_MAX = 50;
  private static final Duration RESTING_FOR = Duration.ofSeconds(10);
  private static final AuditContext EXPIRED = AuditContext.ofEdge("org.deleted");

  private final OrgSweeps sweeps;
  private final OrgChanges changes;
  private final Context loop;

  /**
   * A sweeper.
   *
   * @param changes the change path, which belongs to {@code loop}
   */
  public OrgSweeper(OrgSweeps sweeps, OrgChanges changes, Context loop) {
    this.sweeps = sweeps;
    this.changes = changes;
    this.loop = loop;
  }

  /**
   * One round, from any thread.
   *
   * @return completes with the number of jobs that had been forgotten; what could not be deleted is
   *     left to the next round
   */
  public Future<Integer> sweep() {
    return sweeps
        .expired(BATCH_MAX)
        .compose(this::deleteAll)
        .compose(deleted -> sweeps.revive(RESTING_FOR));
  }

  private Future<Void> deleteAll(List<UUID> orgs) {
    Future<Void> deleted = Future.succeededFuture();
    for (UUID org : orgs) {
      deleted = deleted.compose(before -> delete(org));
    }
    return deleted;
  }

  private Future<Void> delete(UUID org) {
    return Future.<Void>future(
            deleted ->
                loop.runOnContext(
                    go ->
                        changes
                            .delete(new Reach.Everything(), new OrgRef.ById(org), EXPIRED)
                            .<Void>mapEmpty()
                            .onComplete(deleted)))
        .otherwise(
            failure -> {
              LOG.warn("org {} is past its time and not deleted yet: {}", org, failure.toString());
              return null;
            });
  }
}
