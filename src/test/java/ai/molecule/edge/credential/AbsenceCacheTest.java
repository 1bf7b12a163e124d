package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AbsenceCacheTest {
  private final AtomicLong now = new AtomicLong();
  private final AbsenceCache absences = new AbsenceCache(3, 100, now::get);

  private static KeyHash hash(int n) {
    return new KeyHash(n, n, n, n);
  }

  @Test
  void anAbsenceIsBelievedUntilItsTimeIsUp() {
    absences.remember(hash(1));
    now.set(99);
    assertThat(absences.isAbsent(hash(1))).isTrue();
    now.set(100);
    assertThat(absences.isAbsent(hash(1))).isFalse();
    assertThat(absences.size()).isZero();
  }

  @Test
  void theOldestAbsenceMakesRoom() {
    for (int n = 1; n <= 4; n++) {
      absences.remember(hash(n));
    }
    assertThat(absences.size()).isEqualTo(3);
    assertThat(absences.isAbsent(hash(1))).isFalse();
    assertThat(absences.isAbsent(hash(4))).isTrue();
  }

  @Test
  void aKeyJustCreatedIsNotAbsent() {
    absences.remember(hash(1));
    absences.forget(hash(1));
    assertThat(absences.isAbsent(hash(1))).isFalse();
  }
}
