package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.AdmitAsk.Lease;
import ai.molecule.edge.ratelimit.Limit;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeasePolicyTest {
  private static final long INSATIABLE = 1_000_000_000L;
  private static final Limit LARGE = new Limit(96_000, 96_000);

  private final LeasePolicy oneOfThreeNodes = new LeasePolicy(() -> 3, 2);

  @Test
  void aKeyWithASmallLimitLeasesNothing() {
    for (Limit small : List.of(new Limit(1, 40), new Limit(60, 60), new Limit(6_000, 700))) {
      assertThat(oneOfThreeNodes.lease(small, INSATIABLE)).isEqualTo(Lease.NONE);
    }
  }

  @Test
  void allLoopsOfAllNodesTogetherLeaseASixteenthOfABurst() {
    Limit fast = new Limit(60_000_000, 96_000);
    assertThat(oneOfThreeNodes.lease(fast, INSATIABLE).tokens()).isEqualTo(96_000 / 16 / 3 / 2);
  }

  @Test
  void aLeaseHoldsNoMoreThanTheBucketRefillsWhileItLives() {
    Limit slow = new Limit(600, 1_000_000);
    // Its part of 10 416 tokens would last for 2.0832 s, and 600 a minute refill 41 in twice that.
    assertThat(oneOfThreeNodes.lease(slow, 5_000)).isEqualTo(new Lease(41, 2_083_200));
    assertThat(oneOfThreeNodes.lease(new Limit(42, 1_000_000), 5_000)).isEqualTo(Lease.NONE);
  }

  @Test
  void aLeaseHoldsWhatDemandNeedsForFiveSeconds() {
    assertThat(oneOfThreeNodes.lease(LARGE, 0)).isEqualTo(Lease.NONE);
    assertThat(oneOfThreeNodes.lease(LARGE, 30)).isEqualTo(new Lease(150, 5_000_000));
  }

  @Test
  void demandThatUsesThePartUpSoonerGetsAShorterLease() {
    assertThat(oneOfThreeNodes.lease(new Limit(6_000_000, 96_000), 4_000))
        .isEqualTo(new Lease(1_000, 250_000));
  }
}
