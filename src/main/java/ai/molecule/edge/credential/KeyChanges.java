package ai.molecule.edge.credential;

import ai.molecule.edge.postgres.TransactionFrame;
import io.vertx.core.Future;
import java.util.List;
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
  private final KeyCreations creations;
  private final ChangeOutbox outbox;
  private final KeyPublication publication;

  /** Changes keys in {@code store} and publishes through {@code publication}. */
  public KeyChanges(KeyStore store, ChangeOutbox outbox, KeyPublication publication) {
    this.store = store;
    this.creations = store.creations();
    this.outbox = outbox;
    this.publication = publication;
  }

  /**
   * Creates a key, with {@code frame} around the transaction's work.
   *
   * @return the key as stored, which works on every node by now; fails with a problem, and then
   *     there is no such key
   */
  public Future<KeyRecord> create(
      KeyRecord key, AuditContext context, TransactionFrame<Committed> frame) {
    Future<Committed> created =
        key.orgId() == null && !frame.writes()
            ? creations.create(key, context, frame)
            : store.create(key, context, frame);
    return created.compose(this::publishCreated);
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
   * Replaces a key, with {@code frame} around the transaction's work.
   *
   * @return the successor, once it and the predecessor's end are in force on every node; fails like
   *     {@link #update}
   */
  public Future<KeyRecord> rotate(
      Reach reach,
      UUID id,
      Rotation rotation,
      AuditContext context,
      TransactionFrame<Committed> frame) {
    return store.rotate(reach, id, rotation, context, frame).compose(this::publish);
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

  /**
   * Sees to it that a change committed earlier, perhaps by a node that is gone, is published: does
   * nothing when it is, else publishes it again.
   *
   * @param outboxId of the change; 0 is one that needs no publication
   * @return completes when it is in force on every node; fails with {@code store_unavailable} when
   *     it is not
   */
  public Future<Void> finish(long outboxId) {
    if (outboxId == Committed.UNCHANGED) {
      return Future.succeededFuture();
    }
    return outbox
        .find(outboxId)
        .compose(
            pending -> {
              if (pending.isEmpty()) {
                return Future.succeededFuture();
              }
              List<KeyRecord> keys = pending.get().keys();
              Future<Void> published = publication.changed(keys);
              // As in publishCreated: a key that never was another is found in Postgres.
              return (keys.stream().allMatch(key -> key.version() == 1)
                  ? published.onSuccess(done -> finished(outboxId)).otherwiseEmpty()
                  : published.onSuccess(done -> finished(outboxId)));
            });
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
