package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.KeyCache;
import ai.molecule.edge.credential.ModelCache;
import ai.molecule.edge.ratelimit.AdmitAsk;
import ai.molecule.edge.ratelimit.AdmitReply;
import ai.molecule.edge.ratelimit.BucketStore;
import ai.molecule.edge.ratelimit.PutReply;
import ai.molecule.edge.ratelimit.RecordHeader;
import ai.molecule.edge.redis.Incarnation;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Redis as one event loop, or one publication, sees it. */
record RedisPort(World world, @Nullable KeyCache cache, int run) implements BucketStore {
  /** The link answers by itself. It may know less than this; an older incarnation refuses more. */
  @Override
  public Future<Incarnation> incarnation(String place) {
    int now = world.redis.incarnation;
    world.current().noted = now;
    return Future.succeededFuture(new Incarnation("incarnation", now, now));
  }

  @Override
  public String server(String bucketKey) {
    return "";
  }

  @Override
  public long awayNanos(String bucketKey) {
    return 0;
  }

  @Override
  public Future<AdmitReply> admit(AdmitAsk ask) {
    Request request = world.current();
    request.waiting = Request.Waiting.ADMIT;
    request.questions++;
    request.known = (int) ask.knownVersion();
    request.generation = cache == null ? 0 : ModelCache.generation(cache, TheKey.HASH);
    Call call = world.newCall(Call.Kind.ADMIT);
    call.request = request;
    return call.future();
  }

  @Override
  public Future<PutReply> put(Incarnation noted, String place, Buffer record, Duration ttl) {
    Request request = world.current();
    request.waiting = Request.Waiting.PUT;
    Call call = world.newCall(Call.Kind.PUT);
    call.request = request;
    call.noted = (int) noted.number();
    call.version = version(record);
    return call.future();
  }

  @Override
  public Future<PutReply> putNow(
      String place, String bucketKey, Buffer record, Duration ttl, Duration fullBucketTtl) {
    PutReply written = new PutReply(true, version(record), 1);
    if (world.mutant == Mutant.NO_TOMBSTONE) {
      return Future.succeededFuture(written);
    }
    Call call = world.newCall(Call.Kind.PUT_NOW);
    call.run = run;
    call.version = version(record);
    if (world.mutant == Mutant.ANNOUNCED_BEFORE_REDIS) {
      call.orphan = true;
      return Future.succeededFuture(written);
    }
    return call.future();
  }

  private static int version(Buffer record) {
    return (int) RecordHeader.decode(record).header().version();
  }
}
