package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BalancerTest {
  private static final UpstreamsConfig CONFIG = UpstreamsConfig.defaults();
  private static final long EJECTION_NANOS = CONFIG.ejectionTime().toNanos();

  private final Random random = new Random(3);
  private long now = Long.MAX_VALUE - EJECTION_NANOS; // nanoTime may wrap at any moment

  private List<Upstream> upstreams(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Upstream(new UpstreamAddress("h", i + 1), CONFIG))
        .toList();
  }

  private Balancer over(List<Upstream> upstreams) {
    return new Balancer(upstreams, () -> now, random::nextInt);
  }

  private void eject(Upstream upstream) {
    for (int i = 0; i < CONFIG.ejectionFailures(); i++) {
      upstream.failed(now);
    }
  }

  private Set<Upstream> chosen(Balancer balancer) {
    Set<Upstream> chosen = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      chosen.add(balancer.choose(null));
    }
    return chosen;
  }

  @Test
  void ofTwoTheOneWithFewerRequestsIsChosen() {
    List<Upstream> two = upstreams(2);
    two.getFirst().begin();
    assertThat(chosen(over(two))).containsExactly(two.getLast());
  }

  @Test
  void requestsThatLastAreSpreadEvenly() {
    List<Upstream> upstreams = upstreams(5);
    Balancer balancer = over(upstreams);
    for (int i = 0; i < 1_000; i++) {
      balancer.choose(null).begin();
    }
    assertThat(upstreams).allMatch(upstream -> Math.abs(upstream.underWay() - 200) <= 5);
  }

  @Test
  void theBusiestIsNeverChosenWhateverTheOthers() {
    List<Upstream> upstreams = upstreams(4);
    upstreams.get(2).begin();
    assertThat(chosen(over(upstreams))).hasSize(3).doesNotContain(upstreams.get(2));
  }

  @Test
  void oneThatFailsInARowIsLeftOutForAWhile() {
    List<Upstream> three = upstreams(3);
    eject(three.get(1));
    Balancer balancer = over(three);
    assertThat(chosen(balancer)).hasSize(2).doesNotContain(three.get(1));
    now += EJECTION_NANOS;
    assertThat(chosen(balancer)).hasSize(3);
  }

  @Test
  void afterwardsOneFailureLeavesItOutForLonger() {
    List<Upstream> three = upstreams(3);
    Upstream bad = three.get(1);
    eject(bad);
    now += EJECTION_NANOS;
    bad.failed(now);
    now += EJECTION_NANOS;
    assertThat(bad.isEjected(now)).isTrue();
    now += EJECTION_NANOS;
    assertThat(bad.isEjected(now)).isFalse();
  }

  @Test
  void anAnswerMakesUpForFailures() {
    Upstream upstream = upstreams(1).getFirst();
    for (int i = 0; i < 50; i++) {
      for (int j = 1; j < CONFIG.ejectionFailures(); j++) {
        upstream.failed(now);
      }
      upstream.succeeded();
    }
    assertThat(upstream.isEjected(now)).isFalse();
  }

  @Test
  void whenMoreThanHalfFailAllAreTriedAgain() {
    List<Upstream> three = upstreams(3);
    eject(three.get(0));
    eject(three.get(1));
    assertThat(chosen(over(three))).hasSize(3);
  }

  @Test
  void aFurtherAttemptGoesElsewhereWhereThereIsAnElsewhere() {
    List<Upstream> two = upstreams(2);
    Balancer balancer = over(two);
    assertThat(balancer.choose(two.getFirst())).isSameAs(two.getLast());
    eject(two.getLast());
    assertThat(balancer.choose(two.getFirst())).isSameAs(two.getFirst());
    List<Upstream> one = upstreams(1);
    assertThat(over(one).choose(one.getFirst())).isSameAs(one.getFirst());
  }

  @Test
  void anOnlyOneIsChosenHoweverItFails() {
    List<Upstream> one = new ArrayList<>(upstreams(1));
    eject(one.getFirst());
    assertThat(over(one).choose(null)).isSameAs(one.getFirst());
  }
}
