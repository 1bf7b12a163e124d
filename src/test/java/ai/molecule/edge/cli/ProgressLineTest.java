package ai.molecule.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final String WIPED = "\r\u001b[K";

  private final StringWriter err = new StringWriter();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

  private ProgressLine line(boolean terminal) {
    return new ProgressLine(new PrintWriter(err), terminal, nanos::get);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void itIsQuietForASecondThenShowsNowAndThenAndIsWiped() {
    ProgressLine line = line(true);
    pass(Duration.ofMillis(999));
    line.show("soon");
    assertThat(err.toString()).isEmpty();
    pass(Duration.ofMillis(1));
    line.show("one");
    line.show("too often");
    pass(Duration.ofMillis(100));
    line.show("two");
    line.close();
    line.close();
    assertThat(err.toString()).isEqualTo(WIPED + "one" + WIPED + "two" + WIPED);
  }

  @Test
  void whatWasNeverShownIsNotWiped() {
    ProgressLine line = line(true);
    line.close();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void withoutATerminalItSaysNothing() {
    ProgressLine line = line(false);
    pass(Duration.ofSeconds(5));
    line.show("nobody reads this");
    line.close();
    assertThat(err.toString()).isEmpty();
  }
}
