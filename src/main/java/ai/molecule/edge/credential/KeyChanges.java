package ai.molecule.edge.credential;

import io.vertx.core.Future;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one path of every change to a key: commit in Postgres with version, audit row and outbox row;
 * then {@link KeyPublication Redis and every node}; then the answer. What is committed and not
 * published is finished by {@link ChangeRedo}. A repeated call publishes again, so that its answer
 * means the same. One an event loop.
 */
public final class KeyChanges {
  private static final Logger LOG = LoggerFactory.getLogger(KeyChanges.class);

  private final KeyStore store;
  private final ChangeOutbox outbox;
  private final KeyPublication publication;

  /** Changes keys in {@code store} and publishes through {@code publication}. */
  public KeyChanges(KeyStore store, ChangeOutbox outbox, KeyPublication publication) {
    this.store = store;
    this.outbox = outbox;
    this.publication = publication;
  }

  /**
   * Creates a key.
   *
   * @return the key as stored, which works on every node by now; fails with a problem, and then
   *     there is no such key
   */
  public Future<KeyRecord> create(KeyRecord key, AuditContext context) {
    return store.create(key, context).compose(this::publishCreated);
  }

  /**
   * Publishes a key that was created as a part of a larger transaction; ends as {@link #create}.
   */
  public Future<KeyRecord> publishCreated(Committed committed) {
    KeyRecord created = committed.key();
    return publication
        .created(created)
        .onSuccess(published -> finished(committed.outboxId()))
        .otherwiseEmpty()
        .map(created);
  }

  /**
   * Changes a key.
   *
   * @return the key as it is now, in force on every node; fails with the edit's problem, {@code
   *     not_found}, or {@code store_unavailable} when it is recorded but not in force everywhere
   */
  public Future<KeyRecord> update(Reach reach, UUID id, KeyEdit edit, AuditContext context) {
    return store.update(reach, id, edit, context).compose(this::publish);
  }

  /**
   * Replaces a key.
   *
   * @return the successor, once it and the predecessor's end are in force on every node; fails like
   *     {@link #update}
   */
  public Future<KeyRecord> rotate(Reach reach, UUID id, Rotation rotation, AuditContext context) {
    return store.rotate(reach, id, rotation, context).compose(this::publish);
  }

  private Future<KeyRecord> publish(Committed committed) {
    return publishAll(committed).map(committed.keys().get(0));
  }

  /**
   * Publishes keys that were changed as a part of a larger transaction, none or many.
   *
   * @return completes when they are in force on every node; fails with {@code store_unavailable}
   *     when they are recorded but not in force everywhere
   */
  public Future<Void> publishAll(Committed committed) {
    return publication
        .changed(committed.keys())
        .onSuccess(published -> finished(committed.outboxId()));
  }

  private void finished(long outboxId) {
    if (outboxId != 0) {
      outbox
          .done(outboxId)
          .onFailure(
              kept -> LOG.debug("change {} stays in the outbox: {}", outboxId, kept.toString()));
    }
  }
}
