package ai.molecule.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.controlplane.webhooks.CourierMeter;
import ai.molecule.edge.credential.TierMeter;
import ai.molecule.edge.proxy.UpstreamOutcome;
import ai.molecule.edge.ratelimit.Decision;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What meters call things is what those who count them call them. */
class LabelValueTest {
  /** Telemetry knows nothing of what is counted, so the constants are matched by their places. */
  @ParameterizedTest
  @MethodSource
  void constantsThatAreMatchedByTheirPlaceHaveOneName(Enum<?>[] counted, LabelValue[] shown) {
    assertThat(Arrays.stream(shown).map(LabelValue::name).toList()).isEqualTo(names(counted));
  }

  static Stream<Arguments> constantsThatAreMatchedByTheirPlaceHaveOneName() {
    return Stream.of(
        Arguments.of(TierMeter.Tier.values(), LabelValue.Tier.values()),
        Arguments.of(Decision.Outcome.values(), LabelValue.Outcome.values()),
        Arguments.of(UpstreamOutcome.values(), LabelValue.Upstream.values()),
        Arguments.of(CourierMeter.Outcome.values(), LabelValue.WebhookOutcome.values()));
  }

  private static List<String> names(Enum<?>[] constants) {
    return Arrays.stream(constants).<String>map(Enum::name).toList();
  }

  @Test
  void methodsAreShownAsTheyAreSentAndEverythingElseInLowerCase() {
    assertThat(LabelValue.Method.PATCH.text()).isEqualTo("PATCH");
    assertThat(LabelValue.StoreOp.LOOKUP.text()).isEqualTo("lookup");
    assertThat(LabelValue.Repetition.IN_FLIGHT.text()).isEqualTo("in_flight");
  }
}
