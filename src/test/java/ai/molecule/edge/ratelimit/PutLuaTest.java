package ai.molecule.edge.ratelimit;

import static ai.molecule.edge.ratelimit.LuaBucket.EPOCH_START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PutLuaTest {
  private static final Limit LIMIT = new Limit(60, 10);
  private static final long SOON = EPOCH_START_MICROS + 100_000;

  @Test
  void whateverTheOrderTheHighestVersionStands() {
    for (List<Integer> order :
        List.of(
            List.of(1, 2),
            List.of(2, 1),
            List.of(1, 2, 3),
            List.of(1, 3, 2),
            List.of(2, 1, 3),
            List.of(2, 3, 1),
            List.of(3, 1, 2),
            List.of(3, 2, 1))) {
      LuaBucket bucket = new LuaBucket();
      long highest = 0;
      for (int version : order) {
        // Even versions are tombstones.
        List<Object> reply = bucket.put(header(version, version % 2 == 0 ? 1 : 0), SOON, false);
        boolean wins = version > highest;
        highest = Math.max(highest, version);
        assertThat(reply).containsExactly(wins ? 1L : 0L, highest, highest % 2 == 0 ? 1L : 0L);
      }
      AdmitReply answer = bucket.take(SOON, 0);
      assertThat(answer.version()).isEqualTo(highest);
      assertThat(answer.state()).isEqualTo(highest % 2 == 0 ? 1 : 0);
    }
  }

  @Test
  void aRecordOfAnotherIncarnationLosesWhateverItsVersion() {
    LuaBucket bucket = new LuaBucket();
    bucket.put(header(9, 0), SOON, false);
    bucket.restart(8, EPOCH_START_MICROS);
    bucket.proclaimEpoch();
    assertThat(bucket.put(header(2, 1), SOON, false)).containsExactly(1L, 2L, 1L);
  }

  @Test
  void aNewKeyBeginsWithAFullBucketEvenRightAfterARestart() {
    LuaBucket bucket = new LuaBucket();
    bucket.put(header(1, 0), SOON, true);
    assertThat(bucket.bucketTtlMillis()).isBetween(10_000L, 11_000L);
    assertThat(bucket.take(SOON, 10).isAdmitted()).isTrue();
  }

  @Test
  void puttingItAgainDoesNotFillItAgain() {
    LuaBucket bucket = new LuaBucket();
    bucket.put(header(1, 0), SOON, true);
    assertThat(bucket.take(SOON, 10).isAdmitted()).isTrue();
    bucket.put(header(1, 0), SOON, true);
    assertThat(bucket.take(SOON, 1).isAdmitted()).isFalse();
    bucket.redis("DEL", bucket.bucketKey());
    bucket.put(header(2, 0), SOON, true);
    assertThat(bucket.take(SOON, 1).isAdmitted()).isFalse();
  }

  private static RecordHeader header(long version, int state) {
    return new RecordHeader(version, state, 0, -1, LIMIT, 0, null);
  }
}
