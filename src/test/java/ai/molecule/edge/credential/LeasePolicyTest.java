package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.Limit;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeasePolicyTest {
  private static final long INSATIABLE = 1_000_000_000L;

  private final LeasePolicy oneOfThreeNodes = new LeasePolicy(() -> 3, 2);

  @Test
  void aKeyWithASmallLimitTakesExactlyWhatARequestCosts() {
    for (Limit small : List.of(new Limit(1, 40), new Limit(60, 60), new Limit(6_000, 700))) {
      assertThat(oneOfThreeNodes.want(small, INSATIABLE, 1)).isEqualTo(1);
      assertThat(oneOfThreeNodes.want(small, INSATIABLE, 5)).isEqualTo(5);
    }
  }

  @Test
  void allLoopsOfAllNodesTogetherLeaseASixteenthOfABurst() {
    Limit limit = new Limit(96_000, 96_000);
    assertThat(oneOfThreeNodes.want(limit, INSATIABLE, 1) - 1).isEqualTo(96_000 / 16 / 3 / 2);
  }

  @Test
  void aLeaseHoldsNoMoreThanTheBucketRefillsWhileItLives() {
    Limit slow = new Limit(600, 1_000_000);
    assertThat(slow.leaseSlotMicros()).isEqualTo(1_000_000);
    assertThat(oneOfThreeNodes.want(slow, INSATIABLE, 1) - 1).isEqualTo(600 * 2 / 60);
    assertThat(oneOfThreeNodes.want(new Limit(60, 1_000_000), INSATIABLE, 1)).isEqualTo(1);
  }

  @Test
  void aLeaseFollowsDemandBelowThat() {
    Limit limit = new Limit(96_000, 96_000);
    assertThat(oneOfThreeNodes.want(limit, 0, 1)).isEqualTo(1);
    assertThat(oneOfThreeNodes.want(limit, 30, 1)).isEqualTo(31);
  }
}
