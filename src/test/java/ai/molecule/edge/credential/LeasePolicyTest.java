package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.Limit;
import org.junit.jupiter.api.Test;

final class LeasePolicyTest {
  private static final long GREAT_DEMAND = 1_000_000;

  private final LeasePolicy twoNodesOfTwoLoops = new LeasePolicy(() -> 2, 2);

  @Test
  void aKeyThatRefillsLessThanATokenInALeasesLifeLeasesNothing() {
    // 600 a minute would be one in the 100 ms that a lease lives.
    Limit slow = new Limit(599, 100_000);

    assertThat(twoNodesOfTwoLoops.want(slow, GREAT_DEMAND, 1)).isEqualTo(1);
  }

  @Test
  void aLeaseHoldsNoMoreThanTheBucketRefillsInItsLife() {
    // 60 000 a minute are 1000 a second, 100 in 100 ms.
    Limit limit = new Limit(60_000, 100_000);

    assertThat(twoNodesOfTwoLoops.want(limit, GREAT_DEMAND, 1)).isEqualTo(100);
  }

  @Test
  void aLeaseHoldsNoMoreThanThisLoopsPartOfHalfTheBurst() {
    // Half of 160, by two nodes of two loops.
    Limit limit = new Limit(60_000_000, 160);

    assertThat(twoNodesOfTwoLoops.want(limit, GREAT_DEMAND, 1)).isEqualTo(20);
  }

  @Test
  void aLeaseFollowsDemand() {
    assertThat(twoNodesOfTwoLoops.want(new Limit(60_000_000, 1_000_000), 7, 1)).isEqualTo(7);
  }

  @Test
  void aRequestGetsItsCostWhateverTheLimit() {
    assertThat(twoNodesOfTwoLoops.want(new Limit(1, 1), GREAT_DEMAND, 3)).isEqualTo(3);
  }
}
