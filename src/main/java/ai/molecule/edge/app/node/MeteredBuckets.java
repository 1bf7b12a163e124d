package ai.molecule.edge.app.node;

import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.PutReply;
import ai.molecule.edge.redis.Incarnation;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.Store;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * Measures how long Redis takes, and counts what fails.
 *
 * @param next who asks it
 */
record MeteredBuckets(BucketStore next, EdgeMeters meters) implements BucketStore {
  @Override
  public Future<Incarnation> incarnation(String place) {
    return next.incarnation(place);
  }

  @Override
  public String server(String bucketKey) {
    return next.server(bucketKey);
  }

  @Override
  public long awayNanos(String bucketKey) {
    return next.awayNanos(bucketKey);
  }

  @Override
  public Future<AdmitReply> admit(AdmitAsk ask) {
    return measured(StoreOp.ADMIT, next.admit(ask));
  }

  @Override
  public Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl) {
    return measured(StoreOp.PUT, next.put(noted, place, record, ttl));
  }

  @Override
  public Future<PutReply> putNow(
      String place, String bucketKey, Buffer record, Duration ttl, Duration fullBucketTtl) {
    return measured(StoreOp.PUT, next.putNow(place, bucketKey, record, ttl, fullBucketTtl));
  }

  private <T> Future<T> measured(StoreOp op, Future<T> call) {
    long begun = System.nanoTime();
    return call.onComplete(
        done -> meters.storeCall(Store.REDIS, op, System.nanoTime() - begun, done.failed()));
  }
}
