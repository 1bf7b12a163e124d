package ai.molecule.edge.edge;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** What an upstream says a request has really cost, in tokens. */
final class TrueCost {
  /** Nothing is said, or no number of tokens. */
  static final long UNSAID = -1;

  private static final CharSequence MOL_COST = AsciiString.cached("Mol-Cost");
  private static final int DIGITS_MAX = 9;

  private TrueCost() {}

  /** The tokens, or {@link #UNSAID}. */
  static long of(HttpHeaders answer) {
    return parse(answer.get(MOL_COST));
  }

  private static long parse(@Nullable String text) {
    if (text == null || text.isEmpty() || text.length() > DIGITS_MAX) {
      return UNSAID;
    }
    long cost = 0;
    for (int at = 0; at < text.length(); at++) {
      char digit = text.charAt(at);
      if (digit < '0' || digit > '9') {
        return UNSAID;
      }
      cost = 10 * cost + digit - '0';
    }
    return cost;
  }
}
