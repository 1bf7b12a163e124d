package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The invariant: whatever way a server behind the edge reads a path that passed — decodes it first
 * or last, removes dot segments, merges slashes, cuts parameters off, takes backslashes for slashes
 * — it finds the segments that the edge found by splitting at slashes and nothing else.
 */
final class CanonicalTargetTest {
  private static final int CASES = Integer.getInteger("edge.path-cases", 200_000);
  private static final long SEED = 20_260_101;
  private static final String[] PIECES = {
    "/",
    "/",
    "/",
    ".",
    "..",
    ";",
    "a",
    "cp",
    "%2e",
    "%2E",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "%00",
    "%3b",
    "%",
    "%2",
    "%41",
    "%c0%ae",
    "%e0%80%af",
    "%C3%A9",
    "%25",
    "%20",
    "?",
    "#",
    "\u00e4",
    "~",
    "-",
    "%7E",
    "x=1",
    "%0a",
    " ",
    ":",
    "@",
    "%f0%80%80%ae",
    "%ef%bc%8f"
  };
  private static final Pattern ENCODED = Pattern.compile("%([0-9A-Fa-f]{2})");

  /** How servers are known to read paths, each from the text on the wire to the text they serve. */
  private static final List<UnaryOperator<String>> READINGS =
      List.of(
          path -> dotless(decoded(path)),
          path -> decoded(dotless(path)),
          path -> dotless(decoded(path).replace('\\', '/')),
          path -> dotless(withoutParameters(decoded(path))),
          path -> decoded(dotless(withoutParameters(path))),
          path -> dotless(decoded(path).replaceAll("/+", "/")),
          path -> decoded(dotless(path.replaceAll("/+", "/"))),
          path -> dotless(decoded(path).replaceAll("\0.*", "")));

  @Test
  void everyReadingOfAPathThatPassesIsTheSame() {
    Random random = new Random(SEED);
    int passed = 0;
    for (int i = 0; i < CASES; i++) {
      String target = target(random);
      if (CanonicalTarget.holds(target)) {
        passed++;
        String path = target.split("\\?", 2)[0];
        for (UnaryOperator<String> reading : READINGS) {
          assertThat(withoutParameters(reading.apply(path)))
              .as(target)
              .isEqualTo(withoutParameters(decoded(path)));
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

  private static String target(Random random) {
    StringBuilder target = new StringBuilder("/");
    for (int pieces = random.nextInt(7); pieces > 0; pieces--) {
      target.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return target.toString();
  }

  private static String decoded(String path) {
    Matcher each = ENCODED.matcher(path);
    StringBuilder decoded = new StringBuilder();
    while (each.find()) {
      char c = (char) Integer.parseInt(each.group(1), 16);
      each.appendReplacement(decoded, Matcher.quoteReplacement(String.valueOf(c)));
    }
    return lenientUtf8(each.appendTail(decoded).toString());
  }

  /** Reads overlong forms too, as careless decoders do. */
  private static String lenientUtf8(String bytes) {
    return bytes
        .replace("\u00c0\u00ae", ".")
        .replace("\u00c0\u00af", "/")
        .replace("\u00e0\u0080\u00af", "/")
        .replace("\u00f0\u0080\u0080\u00ae", ".");
  }

  private static String withoutParameters(String path) {
    return path.replaceAll(";[^/]*", "");
  }

  /** RFC 3986, section 5.2.4, by a stack of segments. */
  private static String dotless(String path) {
    Deque<String> out = new ArrayDeque<>();
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      switch (segments[i]) {
        case "." -> {
          if (last) {
            out.addLast("");
          }
        }
        case ".." -> {
          out.pollLast();
          if (last) {
            out.addLast("");
          }
        }
        default -> out.addLast(segments[i]);
      }
    }
    return "/" + String.join("/", out);
  }
}
