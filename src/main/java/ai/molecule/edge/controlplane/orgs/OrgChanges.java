package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Committed;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyEdit;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.OrgKeys;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.postgres.TransactionFrame;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.UUID;

/**
 * The one path of every change to an org: the org first, then the versions of its keys, audit,
 * outbox and jobs in one transaction; then its keys to Redis and every node; then the answer. A
 * repeated call publishes again, so that its answer means the same. One an event loop.
 */
public final class OrgChanges {
  private final PostgresPools pools;
  private final KeyStore keyStore;
  private final KeyChanges keyChanges;
  private final OrgWrites writes;
  private final Runnable jobsAdded;

  /**
   * Changes orgs in Postgres and publishes their keys through {@code keyChanges}.
   *
   * @param perPartnerMax orgs a partner may have at a time
   * @param jobsAdded told when there are new jobs, so that they need not wait to be found
   */
  public OrgChanges(
      PostgresPools pools,
      KeyStore keyStore,
      KeyChanges keyChanges,
      int perPartnerMax,
      Runnable jobsAdded) {
    this.pools = pools;
    this.keyStore = keyStore;
    this.keyChanges = keyChanges;
    this.writes = new OrgWrites(perPartnerMax);
    this.jobsAdded = jobsAdded;
  }

  /** Creates an org with nothing around it. */
  public Future<Org> create(Org org, AuditContext context) {
    return create(org, context, TransactionFrame.none());
  }

  /**
   * Creates an org and has it provisioned, with {@code frame} around the transaction's work.
   *
   * @return the org; fails with {@code org_limit}, {@code slug_taken} or {@code external_id_taken}
   */
  public Future<Org> create(Org org, AuditContext context, TransactionFrame<Org> frame) {
    return pools
        .transaction(pools.control(), frame, connection -> writes.create(connection, org, context))
        .onSuccess(created -> jobsAdded.run());
  }

  /**
   * Creates an org and a key of it, both or neither, with {@code frame} around the transaction's
   * work.
   *
   * @return the key, which works on every node by now; fails like {@link #create}
   */
  public Future<KeyRecord> createWithKey(
      Org org,
      AuditContext orgContext,
      KeyRecord key,
      AuditContext keyContext,
      TransactionFrame<Committed> frame) {
    return pools
        .transaction(
            pools.control(),
            frame,
            connection ->
                writes
                    .create(connection, org, orgContext)
                    .compose(made -> keyStore.createWithin(connection, key, keyContext)))
        .onSuccess(created -> jobsAdded.run())
        .compose(keyChanges::publishCreated);
  }

  /**
   * Changes what can change by request.
   *
   * @return the org as it is now; fails with {@code not_found}, {@code wrong_state} for one that is
   *     going, or {@code seats_exhausted} for fewer seats than members
   */
  public Future<Org> update(Reach reach, OrgRef ref, OrgEdit edit, AuditContext context) {
    return pools.transaction(
        pools.control(),
        connection ->
            OrgWrites.locked(connection, reach, ref)
                .compose(
                    org -> {
                      OrgWrites.demand(
                          !org.status().isGoing(), "An org that is going cannot be changed.");
                      OrgFields before = OrgFields.of(org);
                      OrgFields after = edit.apply(before);
                      return after.equals(before)
                          ? Future.succeededFuture(org)
                          : OrgWrites.update(connection, org, after, context);
                    }));
  }

  /**
   * Suspends a running org; its keys are refused everywhere when this completes.
   *
   * @return the org as it is now; fails with {@code not_found} or {@code wrong_state}
   */
  public Future<Org> suspend(Reach reach, OrgRef ref, AuditContext context) {
    return change(
        reach,
        ref,
        (connection, org) -> {
          if (org.status() == OrgStatus.SUSPENDED) {
            return unchanged(connection, org);
          }
          OrgWrites.demand(
              org.status() == OrgStatus.RUNNING, "Only a running org can be suspended.");
          return OrgWrites.move(
              connection, org, OrgStatus.SUSPENDED, EventType.ORG_SUSPENDED, context);
        });
  }

  /**
   * Lets a suspended org run again.
   *
   * @return the org as it is now; fails with {@code not_found} or {@code wrong_state}
   */
  public Future<Org> resume(Reach reach, OrgRef ref, AuditContext context) {
    return change(
        reach,
        ref,
        (connection, org) -> {
          OrgWrites.demand(
              org.status() == OrgStatus.SUSPENDED, "Only a suspended org can be resumed.");
          return OrgWrites.move(connection, org, OrgStatus.RUNNING, EventType.ORG_RESUMED, context);
        });
  }

  /**
   * Begins to tear an org down: billing is closed, and its keys are dead everywhere when this
   * completes.
   *
   * @return the org, going; fails with {@code not_found}
   */
  public Future<Org> delete(Reach reach, OrgRef ref, AuditContext context) {
    return change(
            reach,
            ref,
            (connection, org) ->
                org.status().isGoing()
                    ? unchanged(connection, org)
                    : OrgWrites.delete(connection, org, context))
        .onComplete(done -> jobsAdded.run());
  }

  /**
   * Revokes a key that may have come with an ephemeral org; the org is deleted in the same
   * transaction when no key of that lineage lives on.
   *
   * @return the key as it is now, in force everywhere, the keys of its org too; fails like {@link
   *     KeyChanges#update}
   */
  public Future<KeyRecord> revokeKey(Reach reach, UUID id, KeyEdit edit, AuditContext context) {
    return pools
        .transaction(
            pools.control(),
            connection -> KeyRevocation.Locked.of(connection, reach, id),
            (connection, locked) ->
                KeyRevocation.within(connection, keyStore, locked, edit, context))
        .compose(
            revoked -> {
              if (revoked.orgGoes()) {
                jobsAdded.run();
              }
              return keyChanges
                  .publishAll(revoked.key())
                  .compose(published -> keyChanges.publishAll(revoked.ofOrg()))
                  .map(published -> revoked.key().key());
            });
  }

  /** A change of a locked org, as a part of a transaction. */
  private interface Work {
    Future<OrgChange> on(SqlConnection connection, Org org);
  }

  private Future<Org> change(Reach reach, OrgRef ref, Work work) {
    return pools
        .transaction(
            pools.control(),
            connection ->
                OrgWrites.locked(connection, reach, ref).compose(org -> work.on(connection, org)))
        .compose(changed -> keyChanges.publishAll(changed.keys()).map(changed.org()));
  }

  private static Future<OrgChange> unchanged(SqlConnection connection, Org org) {
    return OrgKeys.unchanged(connection, org.id()).map(keys -> new OrgChange(org, keys));
  }
}
