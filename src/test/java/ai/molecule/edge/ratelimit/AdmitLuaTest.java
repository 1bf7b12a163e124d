package ai.molecule.edge.ratelimit;

import static ai.molecule.edge.ratelimit.LuaBucket.EPOCH_START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.molecule.edge.ratelimit.AdmitAsk.Debit;
import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.AdmitReply.Status;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AdmitLuaTest {
  private static final long SECOND = 1_000_000;
  private static final long LATER = EPOCH_START_MICROS + 3_600 * SECOND;
  private static final long TOKEN = 60_000_000;

  /** One call, some time after the one before; time may stand still or jump back. */
  record Call(long afterMicros, int cost, int want, long slotMicros) {}

  @Property(tries = 300)
  void theScriptDoesWhatTheModelDoes(
      @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls) {
    LuaBucket bucket = new LuaBucket().limited(limit);
    BucketModel model = BucketModel.afterRestart(limit, EPOCH_START_MICROS);
    long now = EPOCH_START_MICROS;
    for (Call call : calls) {
      now += call.afterMicros;
      AdmitReply answer = bucket.take(now, call.cost, call.want, call.slotMicros);
      BucketModel.Grant grant = model.take(now, call.cost, call.want, call.slotMicros);
      assertThat(answer.granted()).isEqualTo(grant.granted());
      assertThat(answer.remaining()).isEqualTo(grant.remaining());
      if (answer.isAdmitted()) {
        assertThat(BigInteger.valueOf(bucket.units())).isEqualTo(model.units());
        assertThat(bucket.bucketTtlMillis())
            .as("kept until full, and past every lease")
            .isBetween(answer.fullInMillis() + 200, answer.fullInMillis() + 1_000);
      }
    }
  }

  @Property(tries = 60)
  void itKeepsToTheModelWhenTheLimitChanges(
      @ForAll("limits") Limit first,
      @ForAll("limits") Limit second,
      @ForAll("calls") List<Call> calls) {
    LuaBucket bucket = new LuaBucket().limited(first);
    BucketModel model = BucketModel.afterRestart(first, EPOCH_START_MICROS);
    long now = EPOCH_START_MICROS + 120 * SECOND;
    // One call before the change, so that there is a bucket to change; one that leases, some to
    // see.
    assertThat(bucket.take(now, 1, 3, Lease.SLOT_MICROS_MIN).granted())
        .isEqualTo(model.take(now, 1, 3, Lease.SLOT_MICROS_MIN).granted());
    bucket.limited(second, 2);
    model.limit(second);
    for (Call call : calls) {
      now += Math.max(0, call.afterMicros);
      assertThat(bucket.take(now, call.cost, call.want, call.slotMicros).granted())
          .isEqualTo(model.take(now, call.cost, call.want, call.slotMicros).granted());
    }
  }

  @Provide
  Arbitrary<Limit> limits() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.integers().between(1, 6_000)),
                net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(6_000, 60_000_000))),
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(1, 127)),
                net.jqwik.api.Tuple.of(3, Arbitraries.integers().between(128, 400)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(1, 1_000_000))))
        .as(Limit::new);
  }

  @Provide
  Arbitrary<List<Call>> calls() {
    Arbitrary<Long> gaps =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(4, Arbitraries.longs().between(0, 60_000)),
            net.jqwik.api.Tuple.of(2, Arbitraries.longs().between(0, 20 * SECOND)),
            net.jqwik.api.Tuple.of(1, Arbitraries.longs().between(-3 * SECOND, 0)),
            net.jqwik.api.Tuple.of(1, Arbitraries.of(50_000L, 100_000L, 1L)));
    return Combinators.combine(
            gaps,
            Arbitraries.integers().between(0, 5),
            Arbitraries.integers().between(1, 60),
            Arbitraries.of(50_000L, 70_001L, 250_000L, 1_000_000L, 5_000_000L))
        .as(Call::new)
        .list()
        .ofMinSize(5)
        .ofMaxSize(40);
  }

  @Example
  void nothingIsLostAtTheLargestNumbers() {
    Limit largest = new Limit(Limit.RATE_PER_MINUTE_MAX, Limit.BURST_MAX);
    LuaBucket fast = new LuaBucket().limited(largest);
    long yearsLater = EPOCH_START_MICROS + 20L * 365 * 86_400 * SECOND;
    assertThat(fast.take(yearsLater, 1).remaining()).isEqualTo(999_999);
    assertThat(fast.units()).isEqualTo(999_999 * TOKEN);
    assertThat(fast.take(yearsLater, 999_999).remaining()).isZero();
    assertThat(fast.take(yearsLater + 7, 1).remaining()).isEqualTo(6);
    assertThat(fast.units()).isEqualTo(6 * TOKEN);

    LuaBucket slow = new LuaBucket().limited(new Limit(1, Limit.BURST_MAX));
    long full = EPOCH_START_MICROS + 2 * SECOND + Limit.BURST_MAX * TOKEN;
    AdmitReply oneTooEarly = slow.take(full - 1, Limit.BURST_MAX);
    assertThat(oneTooEarly.status()).isEqualTo(Status.LIMITED);
    assertThat(oneTooEarly.remaining()).isEqualTo(999_999);
    assertThat(slow.take(full, Limit.BURST_MAX).isAdmitted()).isTrue();
    assertThat(slow.units()).isZero();
    slow.take(full + 2 * TOKEN, 1);
    slow.take(full + 2 * TOKEN + 3, 1);
    assertThat(slow.units()).isEqualTo(3);
    assertThat(slow.bucketTtlMillis()).isGreaterThan(Limit.BURST_MAX * 59_999L);
  }

  @Example
  void afterARestartBucketsAreEmptyOnceOlderLeasesHaveEnded() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 10));
    assertThat(bucket.take(LATER, 10).granted()).isEqualTo(10);
    long restarted = LATER + SECOND;
    bucket.restart(8, restarted);
    bucket.proclaimEpoch();
    assertThat(bucket.take(restarted, 1).status())
        .as("its record is forgotten")
        .isEqualTo(Status.MISS);
    bucket.limited(new Limit(60, 10));
    assertThat(bucket.take(restarted, 1).status()).isEqualTo(Status.LIMITED);
    assertThat(bucket.take(restarted + 1_099_999, 1).status()).isEqualTo(Status.LIMITED);
    assertThat(bucket.take(restarted + 1_100_000, 1).isAdmitted()).isTrue();
    assertThat(bucket.take(restarted + 1_100_000, 1).isAdmitted()).isFalse();
  }

  @Example
  void aScriptOfAnOvertakenEpochTouchesNothing() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 10));
    bucket.take(LATER, 1);
    bucket.redis("SET", "i:{test}", "another");
    LuaBucket older = bucket;
    older.restart(6, EPOCH_START_MICROS);
    assertThatThrownBy(() -> older.limited(new Limit(60, 10)))
        .hasMessageStartingWith("STALE_EPOCH");
  }

  @Example
  void aRecordIsSentOnlyWhenItIsNews() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 10), 5);
    assertThat(bucket.present(LATER, 0, 0).record()).isNotNull();
    assertThat(bucket.present(LATER, 4, 0).record()).isNotNull();
    AdmitReply known = bucket.present(LATER, 5, 0);
    assertThat(known.record()).isNull();
    assertThat(known.version()).isEqualTo(5);
    assertThat(known.redisTimeMicros()).isEqualTo(LATER);
  }

  @Example
  void aMissingRecordIsAMissAndTheBucketIsUntouched() {
    LuaBucket bucket = new LuaBucket();
    AdmitReply answer = bucket.take(LATER, 1);
    assertThat(answer.status()).isEqualTo(Status.MISS);
    assertThat(answer.bucketSeen()).isFalse();
    assertThat(bucket.bucketExists()).isFalse();
  }

  @Example
  void aKeyThatMayNotPassTakesNothing() {
    Limit limit = new Limit(60, 10);
    RecordHeader active = new RecordHeader(1, 0, 0, 0b0110, limit, 0, null);
    assertThat(statusOf(active, 0b0010, LATER)).isEqualTo("ADMITTED 0");
    assertThat(statusOf(active, 0b1010, LATER)).isEqualTo("PEEKED 0");
    for (int state : new int[] {1, 2, 3, 4}) {
      assertThat(statusOf(new RecordHeader(1, state, 0, -1, limit, 0, null), 0, LATER))
          .isEqualTo("PEEKED " + state);
    }
  }

  @Example
  void pastNotAfterAKeyIsExpiredOrRotated() {
    Limit limit = new Limit(60, 10);
    long millis = LATER / 1_000;
    int grace = RecordHeader.FLAG_NOT_AFTER_IS_GRACE;
    RecordHeader expiring = new RecordHeader(1, 0, 0, -1, limit, millis, null);
    assertThat(statusOf(expiring, 0, LATER - 1)).isEqualTo("ADMITTED 0");
    assertThat(statusOf(expiring, 0, LATER)).isEqualTo("PEEKED 5");
    assertThat(statusOf(new RecordHeader(1, 0, grace, -1, limit, millis, null), 0, LATER))
        .isEqualTo("PEEKED 3");
    assertThat(statusOf(new RecordHeader(1, 1, 0, -1, limit, millis, null), 0, LATER))
        .isEqualTo("PEEKED 1");
  }

  private static String statusOf(RecordHeader header, int needed, long now) {
    LuaBucket bucket = new LuaBucket();
    bucket.put(header, now, false);
    AdmitReply answer = bucket.present(now, 0, needed);
    assertThat(bucket.bucketExists()).isEqualTo(answer.isAdmitted());
    return answer.status() + " " + answer.state();
  }

  @Example
  void addressRulesAreCheckedBeforeATokenIsTaken() {
    LuaBucket bucket = new LuaBucket();
    int rules = RecordHeader.FLAG_IP_RULES;
    bucket.put(new RecordHeader(3, 0, rules, -1, new Limit(60, 10), 0, null), LATER, false);
    assertThat(bucket.present(LATER, 2, 0).status()).isEqualTo(Status.PEEKED);
    assertThat(bucket.present(LATER, 3, 0).status()).isEqualTo(Status.ADMITTED);
  }

  @Example
  void aRotatedKeyIsAdmittedFromItsLineagesBucketAlone() {
    LuaBucket successor = new LuaBucket();
    String root = new LuaBucket().h();
    RecordHeader rooted = new RecordHeader(1, 0, 0, -1, new Limit(60, 10), 0, root);
    successor.put(rooted, LATER, true);
    assertThat(successor.bucketExists()).isFalse();
    AdmitReply elsewhere = successor.take(LATER, 1);
    assertThat(elsewhere.status()).isEqualTo(Status.PEEKED);
    assertThat(elsewhere.bucketSeen()).isFalse();
    AdmitReply beside =
        successor.admit(
            LATER,
            new AdmitAsk(
                successor.recordPlace(), BucketKeys.bucket(root), 1, 0, 1, Lease.NONE, Debit.NONE));
    assertThat(beside.status()).isEqualTo(Status.ADMITTED);
    assertThat(beside.remaining()).isEqualTo(9);
  }

  @Example
  void aRefusalSaysWhenTheTokensWillBeThere() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 10));
    assertThat(bucket.take(LATER, 8).remaining()).isEqualTo(2);
    AdmitReply costly = bucket.take(LATER, 5);
    assertThat(costly.status()).isEqualTo(Status.LIMITED);
    assertThat(costly.waitMillis()).isEqualTo(3_000);
    assertThat(costly.remaining()).isEqualTo(2);
    assertThat(costly.fullInMillis()).isEqualTo(8_000);
    assertThat(bucket.take(LATER, 2).isAdmitted()).as("a cheaper one passes").isTrue();
    assertThat(bucket.take(LATER + 4_999_999, 5).isAdmitted()).isFalse();
    assertThat(bucket.take(LATER + 5 * SECOND, 5).isAdmitted()).isTrue();
  }

  @Example
  void anActiveRecordIsKeptLongerWhenItIsSent() {
    LuaBucket bucket = new LuaBucket().limited(new Limit(60, 10));
    bucket.redis("PEXPIRE", bucket.recordPlace(), 1_900_000);
    bucket.present(LATER, 1, 0);
    assertThat(bucket.recordTtlMillis()).isLessThanOrEqualTo(1_900_000);
    bucket.present(LATER, 0, 0);
    assertThat(bucket.recordTtlMillis()).isGreaterThan(3_590_000);
  }
}
