package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The invariant: whatever way a server behind the edge reads a path that passed — decodes it first
 * or last, removes dot segments, merges slashes, cuts parameters off, takes backslashes for slashes
 * — it finds the segments that the edge found by splitting at slashes and nothing else.
 */
final class CanonicalTargetTest {
  private static final int CASES = Integer.getInteger("edge.path-cases", 200_000);
  private static final long SEED = 20_260_101;

  @Test
  void everyReadingOfAPathThatPassesIsTheSame() {
    Random random = new Random(SEED);
    int passed = 0;
    for (int i = 0; i < CASES; i++) {
      String target = PathReadings.target(random);
      if (CanonicalTarget.holds(target)) {
        passed++;
        String path = target.split("\\?", 2)[0];
        for (UnaryOperator<String> reading : PathReadings.ONCE) {
          assertThat(PathReadings.withoutParameters(reading.apply(path)))
              .as(target)
              .isEqualTo(PathReadings.withoutParameters(PathReadings.decoded(path)));
        }
      }
    }
    assertThat(passed).as("passed of %s", CASES).isGreaterThan(CASES / 200);
  }

  @Test
  void aPathThatAllReadingsAgreeOnAndThatIsPlainPasses() {
    for (String plain : List.of("/", "/a", "/a/", "/a.b/..c/d..", "/a;p=1/b", "/%C3%A9/%20?/../")) {
      assertThat(CanonicalTarget.holds(plain)).as(plain).isTrue();
    }
  }

  /** No other spelling of a path of unreserved characters passes: a route cannot be gone around. */
  @Test
  void aPrefixOfUnreservedCharactersHasOneSpelling() {
    String prefix = "/billing-v1.0_x~";
    for (int at = 1; at < prefix.length(); at++) {
      String encoded = "%" + Integer.toHexString(prefix.charAt(at));
      for (String spelling : List.of(encoded, encoded.toUpperCase(Locale.ROOT))) {
        String other = prefix.substring(0, at) + spelling + prefix.substring(at + 1);
        assertThat(CanonicalTarget.holds(other)).as(other).isFalse();
      }
    }
  }
}
