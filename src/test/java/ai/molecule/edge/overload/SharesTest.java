package ai.molecule.edge.overload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SharesTest {
  @Test
  void oneWhoHasHisShareLeavesTheOthersTheirs() {
    Shares shares = new Shares(2);
    assertThat(shares.tryBegin("acme")).isTrue();
    assertThat(shares.tryBegin("acme")).isTrue();
    assertThat(shares.tryBegin("acme")).isFalse();
    assertThat(shares.tryBegin("globex")).isTrue();
    assertThat(shares.underWay()).isEqualTo(3);
    shares.end("acme");
    assertThat(shares.tryBegin("acme")).isTrue();
    assertThat(shares.tryBegin("acme")).isFalse();
  }

  @Test
  void manyThreadsNeverHaveMoreThanTheirShareAndLeaveNothingBehind() throws InterruptedException {
    Shares shares = new Shares(3);
    int most = Contention.most(() -> shares.tryBegin("acme"), () -> shares.end("acme"));
    assertThat(most).isBetween(1, 3);
    assertThat(shares.underWay()).isZero();
  }
}
