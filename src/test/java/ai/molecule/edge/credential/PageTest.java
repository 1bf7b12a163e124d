package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where a page ends, and whether there is another. */
class PageTest {
  private static Cursor place(int item) {
    return new Cursor(Instant.ofEpochSecond(item), new UUID(0, item));
  }

  private static Page<Integer> cut(Integer... found) {
    return Page.cut(List.of(found), new PageRequest(2, null), PageTest::place);
  }

  @Test
  void whatFitsIsTheLastPage() {
    assertThat(cut()).isEqualTo(new Page<>(List.of(), null));
    assertThat(cut(9)).isEqualTo(new Page<>(List.of(9), null));
    assertThat(cut(9, 8)).isEqualTo(new Page<>(List.of(9, 8), null));
  }

  @Test
  void oneItemMoreIsNotShownAndSaysThatThereIsAnotherPageAfterTheLastShown() {
    assertThat(cut(9, 8, 7)).isEqualTo(new Page<>(List.of(9, 8), place(8)));
  }
}
