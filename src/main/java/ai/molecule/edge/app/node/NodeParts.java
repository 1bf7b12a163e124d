package ai.molecule.edge.app.node;

import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.LookupConfig;
import ai.molecule.edge.controlplane.usage.ClosingRounds;
import ai.molecule.edge.controlplane.usage.HourCloser;
import ai.molecule.edge.credential.AbsenceCache;
import ai.molecule.edge.credential.CallFlusher;
import ai.molecule.edge.credential.ChangeOutbox;
import ai.molecule.edge.credential.KeyLookup;
import ai.molecule.edge.credential.KeyStore;
import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.LastUseFlusher;
import ai.molecule.edge.credential.LeasePolicy;
import ai.molecule.edge.credential.OutageTier;
import ai.molecule.edge.credential.PostgresLookup;
import ai.molecule.edge.credential.SingleFlightLookup;
import ai.molecule.edge.credential.SingleFlightLookup.Sharing;
import ai.molecule.edge.credential.TierMeter;
import ai.molecule.edge.credential.coherence.EventLoopCaches;
import ai.molecule.edge.credential.coherence.NodeCoherence;
import ai.molecule.edge.credential.coherence.PostgresSessionStore;
import ai.molecule.edge.credential.coherence.SessionTimes;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.ratelimit.LocalBuckets;
import ai.molecule.edge.telemetry.AccessLog;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue;
import ai.molecule.edge.telemetry.LabelValue.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * What the event loops of one node share, put together. The order of the tiers is written in {@link
 * LoopParts}.
 *
 * @param config the node's configuration
 * @param pools its connections to Postgres
 * @param store keys in Postgres
 * @param outbox committed changes that still have to be announced
 * @param lastUse when keys were last used here
 * @param flusher carries them to Postgres
 * @param calls carries the calls that keys were admitted with to Postgres
 * @param closing closes the hours of metering
 * @param absences credentials found to belong to no key
 * @param fills reads of the primary that may be shared while they run
 * @param outage who decides while Redis is away
 * @param leases how many tokens to ask for
 * @param caches the caches of all event loops
 * @param sessions the session table and the notification channels
 * @param coherence the revocation protocol at work
 * @param orgs what brings orgs up and takes them down
 * @param webhooks what tells partners of events
 * @param meters the node's meters
 * @param meter counts which tier decided
 * @param accessLog the lines about requests
 */
record NodeParts(
    EdgeConfig config,
    PostgresPools pools,
    KeyStore store,
    ChangeOutbox outbox,
    LastUse lastUse,
    LastUseFlusher flusher,
    CallFlusher calls,
    ClosingRounds closing,
    AbsenceCache absences,
    KeyLookup fills,
    OutageTier outage,
    LeasePolicy leases,
    EventLoopCaches caches,
    PostgresSessionStore sessions,
    NodeCoherence coherence,
    OrgParts orgs,
    WebhookParts webhooks,
    EdgeMeters meters,
    TierMeter meter,
    AccessLog accessLog) {
  private static final LabelValue.Tier[] TIERS = LabelValue.Tier.values();

  /** Puts a node together. Connects to Postgres by and by; nothing here waits for it. */
  static NodeParts create(Vertx vertx, EdgeConfig config, EdgeMeters meters) {
    TierMeter meter = tier -> meters.decidedBy(TIERS[tier.ordinal()]);
    LookupConfig lookup = config.lookup();
    PostgresPools pools = pools(vertx, config, meters);
    LastUse lastUse = new LastUse(LastUse.KEYS_MAX_DEFAULT);
    LastUseFlusher flusher = new LastUseFlusher(vertx, lastUse, pools, meters::lastUseFlushed);
    flusher.start(config.lastUseFlushInterval());
    CallFlusher calls = new CallFlusher(vertx, lastUse, pools, meters::callsCounted);
    calls.start(config.lastUseFlushInterval());
    ClosingRounds closing =
        new ClosingRounds(vertx, new HourCloser(pools, config.usage()), meters::hoursClosed);
    closing.start(config.usage().closeInterval());
    EventLoopCaches caches = new EventLoopCaches();
    SessionTimes times = SessionTimes.DEFAULT;
    PostgresSessionStore sessions = sessions(config, pools, times);
    KeyLookup primary = MeteredLookup.of(new PostgresLookup(pools), meters);
    OutageTier outage =
        new OutageTier(
            new SingleFlightLookup(primary, Sharing.NOT_BEGUN, lookup.fillsMax()),
            new LocalBuckets(LocalBuckets.BUCKETS_MAX_DEFAULT, System::nanoTime),
            sessions::nodesAlive,
            System::nanoTime,
            meter);
    return new NodeParts(
        config,
        pools,
        new KeyStore(pools),
        new ChangeOutbox(pools),
        lastUse,
        flusher,
        calls,
        closing,
        new AbsenceCache(
            lookup.cachedAbsencesMax(), lookup.absenceTtl().toNanos(), System::nanoTime),
        new SingleFlightLookup(primary, Sharing.RUNNING, lookup.fillsMax()),
        outage,
        new LeasePolicy(sessions::nodesAlive, config.http().eventLoopsEffective()),
        caches,
        sessions,
        NodeCoherence.start(vertx, sessions, caches, times),
        OrgParts.create(vertx, config, pools),
        new WebhookParts(pools, config.webhooks(), meters),
        meters,
        meter,
        new AccessLog(config.logging().access()));
  }

  private static PostgresPools pools(Vertx vertx, EdgeConfig config, EdgeMeters meters) {
    return PostgresPools.create(
        vertx,
        config.postgres(),
        (op, nanos, failed) -> meters.storeCall(Store.POSTGRES, op, nanos, failed));
  }

  private static PostgresSessionStore sessions(
      EdgeConfig config, PostgresPools pools, SessionTimes times) {
    return new PostgresSessionStore(
        PostgresPools.connectOptions(config.postgres(), "partner-edge-coherence"),
        pools.control(),
        NodeName.of(config.http().port()),
        times);
  }

  /** Whether other nodes were alive when this one looked last. */
  private boolean isBesideOthers() {
    return sessions.nodesAlive() > 1;
  }

  /**
   * Whether Redis has the longer of its deadlines: beside other nodes, where tokens given out by
   * this one alone would come on top of theirs, and without a session, when nobody else is left to
   * ask and giving up would mean a 503.
   */
  boolean isPatient() {
    return isBesideOthers() || !coherence.isValid(System.nanoTime());
  }

  /** Writes what is still to be written, ends the session and lets go of Postgres. */
  Future<Void> close() {
    return Future.join(orgs.stop(), webhooks.stop())
        .otherwiseEmpty()
        .compose(stopped -> closing.stop())
        .compose(
            stopped ->
                Future.join(flusher.stop().otherwiseEmpty(), calls.stop().otherwiseEmpty())
                    .<Void>mapEmpty())
        .compose(flushed -> coherence.close().otherwiseEmpty())
        .compose(closed -> pools.close());
  }
}
