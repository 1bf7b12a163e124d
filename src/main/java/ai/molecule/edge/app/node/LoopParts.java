package ai.molecule.edge.app.node;

import ai.molecule.edge.config.LookupConfig;
import ai.molecule.edge.controlplane.orgs.OrgChanges;
import ai.molecule.edge.controlplane.orgs.WorkspaceChanges;
import ai.molecule.edge.credential.AdmissionTier;
import ai.molecule.edge.credential.ChangeRedo;
import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyFills;
import ai.molecule.edge.credential.KeyPublication;
import ai.molecule.edge.credential.LeaseRenewals;
import ai.molecule.edge.credential.LeasedTier;
import ai.molecule.edge.credential.RedisTier;
import ai.molecule.edge.edge.Streams;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.SharedBuckets;
import ai.molecule.edge.redis.RedisAccess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * What one event loop has for itself: its Redis connection, its cache, and over them the tiers in
 * their order. Made and used on that loop.
 *
 * @param redis the loop's way to Redis
 * @param gate the way in
 * @param streams what lasts beyond one answer, and ends with its key
 * @param changes the way to change keys
 * @param orgs the way to change orgs
 * @param workspaces the way to change workspaces
 * @param redo finishes changes that others left behind
 */
record LoopParts(
    RedisAccess redis,
    Gate gate,
    Streams streams,
    KeyChanges changes,
    OrgChanges orgs,
    WorkspaceChanges workspaces,
    ChangeRedo redo) {
  private static final Duration REDO_PERIOD = Duration.ofSeconds(1);

  /** Puts the parts of the calling event loop together. */
  static LoopParts create(Vertx vertx, NodeParts node) {
    LookupConfig lookup = node.config().lookup();
    RedisAccess redis = RedisAccess.open(vertx, node.config().redis(), node::isPatient);
    BucketStore buckets = new MeteredBuckets(new SharedBuckets(redis), node.meters());
    int cachedKeysMax =
        Math.max(1, lookup.cachedKeysMax() / node.config().http().eventLoopsEffective());
    KeyCache cache = new KeyCache(cachedKeysMax, node.lastUse());
    node.caches().add(vertx.getOrCreateContext(), cache);
    KeyPublication publication = new KeyPublication(buckets, node.coherence());
    KeyChanges changes = new KeyChanges(node.store(), node.outbox(), publication);
    Gate gate =
        Gate.create(tiers(vertx, node, cache, buckets), node.config().admin(), node.lastUse());
    int loops = node.config().http().eventLoopsEffective();
    Streams streams =
        new Streams(vertx, gate, Math.ceilDiv(node.config().upstreams().streamsPerKeyMax(), loops));
    cache.tell(streams);
    return new LoopParts(
        redis,
        gate,
        streams,
        changes,
        new OrgChanges(
            node.pools(),
            node.store(),
            changes,
            node.config().orgs().perPartnerMax(),
            node.orgs()::wake),
        new WorkspaceChanges(
            node.pools(), node.store(), changes, node.config().workspaces().quota()),
        new ChangeRedo(node.outbox(), publication, REDO_PERIOD));
  }

  /** Stops redoing changes and lets go of Redis, on the loop itself. */
  Future<Void> close(Vertx vertx) {
    redo.stop(vertx);
    return redis.close();
  }

  /** T0 over T1 and T2 over T3: leased, Redis, Postgres. */
  private static AdmissionTier tiers(
      Vertx vertx, NodeParts node, KeyCache cache, BucketStore buckets) {
    return new LeasedTier(
        cache,
        new RedisTier(
            buckets,
            cache,
            node.absences(),
            new KeyFills(node.fills(), buckets),
            node.outage(),
            node.leases(),
            new LeaseRenewals(
                buckets,
                cache,
                node.leases(),
                node.outage(),
                System::nanoTime,
                (delay, action) -> vertx.setTimer(delay, fired -> action.run())),
            node.coherence()::isValid,
            System::nanoTime,
            node.meter()),
        node.coherence()::isValid,
        System::nanoTime,
        node.meter());
  }
}
