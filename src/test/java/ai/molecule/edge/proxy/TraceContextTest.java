package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String VALID = "00-" + TRACE + "-00f067aa0ba902b7-01";

  @Test
  void aValidTraceGoesOnUnderANewParentWithItsFlags() {
    String next = TraceContext.next(TraceContext.valid(List.of(VALID))).toString();
    assertThat(next).matches("00-" + TRACE + "-[0-9a-f]{16}-01").isNotEqualTo(VALID);
  }

  @Test
  void withoutOneATraceBegins() {
    String one = TraceContext.next(null).toString();
    String other = TraceContext.next(null).toString();
    assertThat(one).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00").isNotEqualTo(other);
    assertThat(TraceContext.valid(List.of(one))).isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01extra"
      })
  void whatIsNoTraceIsNotGoneOnWith(String sent) {
    assertThat(TraceContext.valid(List.of(sent))).isNull();
  }

  @Test
  void ofALaterVersionWhatIsKnownGoesOn() {
    String later = "01-" + TRACE + "-00f067aa0ba902b7-01-more";
    assertThat(TraceContext.next(TraceContext.valid(List.of(later))).toString())
        .startsWith("00-" + TRACE + "-")
        .endsWith("-01");
  }

  @Test
  void twoTracesAreNone() {
    assertThat(TraceContext.valid(List.of(VALID, VALID))).isNull();
    assertThat(TraceContext.valid(List.of())).isNull();
  }
}
