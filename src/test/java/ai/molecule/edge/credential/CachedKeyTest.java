package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.Limit;
import org.junit.jupiter.api.Test;

class CachedKeyTest {
  private static final KeyHash HASH = new KeyHash(1, 2, 3, 4);

  private final KeyRecord record = KeyRecords.active(HASH, new Limit(6_000, 100));
  private final LastUse lastUse = new LastUse(10);
  private final KeyCache cache = new KeyCache(2, lastUse);
  private final CachedKey key = new CachedKey(record, lastUse.cell(record.id()), 0);

  @Test
  void leasedTokensAreSpentOnceAndNotAfterTheirEnd() {
    key.lease(2, 0, 100);
    assertThat(key.take(1, 10)).isTrue();
    assertThat(key.take(1, 99)).isTrue();
    assertThat(key.take(1, 99)).isFalse();
    key.lease(2, 0, 100);
    assertThat(key.take(1, 100)).isFalse();
  }

  @Test
  void aSecondLeaseIsSpentAfterTheFirstAndEndsAtItsOwnTime() {
    key.lease(2, 0, 100);
    key.lease(3, 0, 150);
    assertThat(key.take(2, 10)).isTrue();
    assertThat(key.take(2, 120)).isTrue();
    assertThat(key.take(1, 150)).isFalse();
  }

  @Test
  void aLeaseThatEndsUnspentGivesWayToTheNext() {
    key.lease(2, 0, 100);
    key.lease(3, 0, 150);
    assertThat(key.take(3, 100)).isTrue();
    assertThat(key.take(1, 100)).isFalse();
  }

  @Test
  void aCostlyRequestIsPaidOutOfBothLeasesAndTheRestEndsWithTheSecond() {
    key.lease(3, 0, 100);
    key.lease(10, 0, 150);
    assertThat(key.take(5, 10)).isTrue();
    assertThat(key.take(8, 120)).isTrue();
    assertThat(key.take(1, 120)).isFalse();
  }

  /** A request that costs more than all that is held asks Redis, and gets a third one so. */
  @Test
  void aThirdLeaseDoesNotLengthenTheSecond() {
    key.lease(3, 0, 100);
    key.lease(10, 0, 150);
    assertThat(key.take(14, 10)).isFalse();
    key.lease(20, 10, 1_000);
    int spent = 0;
    while (key.take(1, 150)) {
      spent++;
    }
    assertThat(spent).isLessThanOrEqualTo(20);
  }

  @Test
  void aLeaseIsRenewedAtAThirdOfItsTokensOrInItsLastQuarterAndOnceAtATime() {
    key.lease(10, 0, 1_000);
    assertThat(key.take(6, 1)).isTrue();
    assertThat(key.wantsRenewal(1)).isFalse();
    assertThat(key.wantsRenewal(751)).isTrue();
    assertThat(key.take(1, 2)).isTrue();
    assertThat(key.wantsRenewal(2)).isTrue();
    key.renewing(true);
    assertThat(key.wantsRenewal(2)).isFalse();
    key.lease(10, 2, 1_500);
    key.renewing(false);
    assertThat(key.wantsRenewal(2)).as("the next lease is here already").isFalse();
  }

  @Test
  void aDenialHoldsForThatCostAndDearerOnesUntilItsTime() {
    key.deny(5, 100);
    assertThat(key.isDenied(5, 99)).isTrue();
    assertThat(key.isDenied(6, 99)).isTrue();
    assertThat(key.isDenied(4, 99)).isFalse();
    assertThat(key.isDenied(5, 100)).isFalse();
  }

  @Test
  void aReadThatBeganBeforeADropIsNotInstalled() {
    int before = cache.generation(HASH);
    cache.drop(HASH);
    assertThat(cache.install(record, before, 0)).isNull();
    assertThat(cache.get(HASH)).isNull();
    assertThat(cache.install(record, cache.generation(HASH), 0)).isNotNull();
  }

  @Test
  void aReadThatBeganBeforeEverythingWasDroppedIsNotInstalled() {
    int before = cache.generation(HASH);
    cache.dropAll();
    assertThat(cache.install(record, before, 0)).isNull();
  }

  @Test
  void anOlderVersionNeverReplacesANewerOne() {
    KeyRecord newer = KeyRecords.revoked(record);
    cache.install(newer, cache.generation(HASH), 0);
    CachedKey standing = cache.install(record, cache.generation(HASH), 0);
    assertThat(standing).isNotNull();
    assertThat(standing.record()).isEqualTo(newer);
  }

  @Test
  void aNewVersionBeginsWithoutLeases() {
    CachedKey first = cache.install(record, cache.generation(HASH), 0);
    assertThat(first).isNotNull();
    first.lease(10, 0, 1_000);
    CachedKey second = cache.install(KeyRecords.revoked(record), cache.generation(HASH), 0);
    assertThat(second).isNotNull();
    assertThat(second.take(1, 0)).isFalse();
  }

  @Test
  void theLeastRecentlyUsedKeyMakesRoom() {
    for (int n = 1; n <= 3; n++) {
      KeyRecord other = KeyRecords.active(new KeyHash(n, n, n, n), new Limit(60, 60));
      cache.install(other, cache.generation(other.hash()), 0);
    }
    assertThat(cache.size()).isEqualTo(2);
    assertThat(cache.get(new KeyHash(1, 1, 1, 1))).isNull();
  }
}
