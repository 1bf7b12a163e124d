package ai.molecule.edge.ratelimit;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.redis.RedisScript;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * One key's record and bucket in the test Redis, driven by the production script texts at times the
 * test chooses. Only the line before the text differs: it takes the time from the last argument.
 */
final class LuaBucket {
  static final String ADMIT = RedisScript.load(SharedBuckets.class, "admit.lua").source();
  static final String PUT = RedisScript.load(SharedBuckets.class, "put.lua").source();

  /** As large as microseconds get in this century. */
  static final long EPOCH_START_MICROS = 1_800_000_000_000_000L;

  private static final LuaConsole CONSOLE = new LuaConsole();
  private static final String EPOCH_PLACE = "i:{test}";

  private final String admit;
  private final String h = UUID.randomUUID().toString().replace("-", "") + "_".repeat(11);
  private long incarnation = 7;
  private long epochStartMicros = EPOCH_START_MICROS;

  LuaBucket() {
    this(ADMIT);
  }

  LuaBucket(String admit) {
    this.admit = admit;
  }

  String h() {
    return h;
  }

  String recordPlace() {
    return BucketKeys.record(h, h);
  }

  String bucketKey() {
    return BucketKeys.bucket(h);
  }

  /** Redis loses its memory's name: what was written counts no more. */
  void restart(long newIncarnation, long startMicros) {
    incarnation = newIncarnation;
    epochStartMicros = startMicros;
  }

  /** An active record with that limit, and version 1. */
  LuaBucket limited(Limit limit) {
    return limited(limit, 1);
  }

  LuaBucket limited(Limit limit, long version) {
    put(new RecordHeader(version, 0, 0, -1, limit, 0, null), 0, false);
    return this;
  }

  /** What put.lua answered: won, version, state. */
  @SuppressWarnings("unchecked")
  List<Object> put(RecordHeader header, long nowMicros, boolean fullBucket) {
    byte[] record = header.encode(Buffer.buffer("{}")).getBytes();
    return (List<Object>)
        (fullBucket
            ? eval(PUT, List.of(recordPlace(), bucketKey()), nowMicros, record, 3_600_000)
            : eval(PUT, List.of(recordPlace()), nowMicros, record, 3_600_000));
  }

  /** Asks for tokens for a request, or for 0 to look. */
  AdmitReply take(long nowMicros, int cost) {
    return take(nowMicros, cost, Debit.NONE);
  }

  /** The same, settling first. */
  AdmitReply take(long nowMicros, int cost, Debit debit) {
    return admit(nowMicros, ask(0, 0, cost, Lease.NONE, debit));
  }

  /** Asks for tokens for a request and for some to lease, {@code want} together. */
  AdmitReply take(long nowMicros, int cost, int want, long leaseSlotMicros) {
    Lease lease = new Lease(Math.max(0, want - cost), leaseSlotMicros);
    return admit(nowMicros, ask(0, 0, cost, lease, Debit.NONE));
  }

  /** Asks for one token for a request that needs those scopes, of whoever knows that version. */
  AdmitReply present(long nowMicros, long knownVersion, int neededMask) {
    return admit(nowMicros, ask(knownVersion, neededMask, 1, Lease.NONE, Debit.NONE));
  }

  private AdmitAsk ask(long knownVersion, int neededMask, int cost, Lease lease, Debit debit) {
    return new AdmitAsk(recordPlace(), bucketKey(), knownVersion, neededMask, cost, lease, debit);
  }

  AdmitReply admit(long nowMicros, AdmitAsk ask) {
    ByteBuffer asked = ByteBuffer.allocate(AdmitAsk.BYTES_MAX);
    ask.encode(asked);
    byte[] reply =
        (byte[])
            eval(
                admit,
                List.of(ask.recordPlace(), ask.bucketKey()),
                nowMicros,
                (Object) Arrays.copyOf(asked.array(), asked.position()));
    return AdmitReply.of(Buffer.buffer(reply), ask);
  }

  /** The bucket's k in units; it has to exist. */
  long units() {
    return Buffer.buffer((byte[]) CONSOLE.ask("GET", bucketKey())).getLong(4);
  }

  boolean bucketExists() {
    return CONSOLE.ask("GET", bucketKey()) != null;
  }

  long bucketTtlMillis() {
    return (Long) CONSOLE.ask("PTTL", bucketKey());
  }

  long recordTtlMillis() {
    return (Long) CONSOLE.ask("PTTL", recordPlace());
  }

  Object redis(Object... words) {
    return CONSOLE.ask(words);
  }

  /** Makes the epoch in Redis the one of this bucket. */
  void proclaimEpoch() {
    CONSOLE.ask("SET", EPOCH_PLACE, epoch());
  }

  private String epoch() {
    return "test " + incarnation + "/" + epochStartMicros;
  }

  private Object eval(String text, List<String> keys, long nowMicros, Object... args) {
    String header =
        "local INCARNATION, EPOCH_START_MICROS, EPOCH_PLACE, EPOCH, FIXED_NOW = %d, %d, '%s', '%s',"
            + " tonumber(ARGV[#ARGV])\n";
    Object[] words = new Object[3 + keys.size() + args.length + 1];
    words[0] = "EVAL";
    words[1] =
        (String.format(header, incarnation, epochStartMicros, EPOCH_PLACE, epoch()) + text)
            .getBytes(StandardCharsets.UTF_8);
    words[2] = keys.size();
    int next = 3;
    for (String key : keys) {
      words[next++] = key;
    }
    for (Object arg : args) {
      words[next++] = arg;
    }
    words[next] = nowMicros;
    return CONSOLE.ask(words);
  }
}
