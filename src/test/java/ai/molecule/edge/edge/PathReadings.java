package ai.molecule.edge.edge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How servers are known to read paths, each from the text on the wire to the text they serve; and
 * paths that they read differently.
 */
public final class PathReadings {
  private static final String[] PIECES = {
    "/",
    "/",
    "/",
    "/up",
    "/admin",
    "admin",
    ".",
    "..",
    "/..",
    "/../admin",
    ";",
    ";x",
    "a",
    "cp",
    "%2e",
    "%2E",
    "%2e%2e",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "%00",
    "%3b",
    "%3B..",
    "%",
    "%2",
    "%41",
    "%61dmin",
    "%c0%ae",
    "%c1%a1",
    "%e0%80%af",
    "%C3%A9",
    "%25",
    "%252e",
    "%252E%252e",
    "%252f",
    "%255c",
    "%2500",
    "%2561dmin",
    "%25c0%25ae",
    "%25c1%25a1dmin",
    "%253b",
    "%25252e",
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
  private static final Pattern SLASHES = Pattern.compile("/+");
  private static final Pattern AFTER_NUL = Pattern.compile("\0.*");
  private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");

  static final List<UnaryOperator<String>> ONCE =
      List.of(
          path -> dotless(decoded(path)),
          path -> decoded(dotless(path)),
          path -> dotless(decoded(path).replace('\\', '/')),
          path -> dotless(withoutParameters(decoded(path))),
          path -> decoded(dotless(withoutParameters(path))),
          path -> dotless(merged(decoded(path))),
          path -> decoded(dotless(merged(path))),
          path -> dotless(AFTER_NUL.matcher(decoded(path)).replaceAll("")));

  /** As careless servers do. */
  static final List<UnaryOperator<String>> TWICE =
      List.of(
          path -> dotless(decoded(decoded(path))),
          path -> decoded(decoded(dotless(path))),
          path -> dotless(merged(decoded(decoded(path)).replace('\\', '/'))),
          path -> dotless(withoutParameters(decoded(decoded(path)))),
          path -> dotless(AFTER_NUL.matcher(decoded(decoded(path))).replaceAll("")));

  private PathReadings() {}

  /** A target that is not far from one with other readings. */
  public static String target(Random random) {
    StringBuilder target = new StringBuilder(random.nextBoolean() ? "/up" : "/");
    for (int pieces = random.nextInt(6); pieces > 0; pieces--) {
      target.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return target.toString();
  }

  static String decoded(String path) {
    if (path.indexOf('%') < 0) {
      return path;
    }
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
        .replace("\u00c1\u00a1", "a")
        .replace("\u00c0\u00af", "/")
        .replace("\u00e0\u0080\u00af", "/")
        .replace("\u00f0\u0080\u0080\u00ae", ".");
  }

  static String withoutParameters(String path) {
    return path.indexOf(';') < 0 ? path : PARAMETERS.matcher(path).replaceAll("");
  }

  private static String merged(String path) {
    return SLASHES.matcher(path).replaceAll("/");
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
