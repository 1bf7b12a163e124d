package ai.molecule.edge.credential;

import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.PutReply;
import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Redis, which remembers what it was asked and answers when the test says so. */
final class AskedBuckets implements BucketStore {
  final List<AdmitAsk> asks = new ArrayList<>();
  final List<Promise<AdmitReply>> answers = new ArrayList<>();
  String server = "";
  long awayNanos;

  @Override
  public Future<AdmitReply> admit(AdmitAsk ask) {
    Promise<AdmitReply> answer = Promise.promise();
    asks.add(ask);
    answers.add(answer);
    return answer.future();
  }

  @Override
  public Future<Incarnation> incarnation(String place) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String server(String bucketKey) {
    return server;
  }

  @Override
  public long awayNanos(String bucketKey) {
    return awayNanos;
  }

  @Override
  public Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<PutReply> putNow(
      String place, String bucketKey, Buffer record, Duration ttl, Duration fullBucketTtl) {
    throw new UnsupportedOperationException();
  }
}
