package ai.molecule.edge.edge;

import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.RouteSpec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** What an upstream says a request has really cost, in tokens. */
final class TrueCost {
  private static final long UNSAID = -1;
  private static final CharSequence MOL_COST = AsciiString.cached("Mol-Cost");
  private static final int DIGITS_MAX = 9;

  private TrueCost() {}

  /** Settles what the answer says; whatever is no number of tokens says nothing. */
  static void settle(HttpHeaders answer, Gate gate, Exchange exchange, RouteSpec route) {
    long cost = parse(answer.get(MOL_COST));
    if (cost != UNSAID) {
      gate.settle(exchange, route, cost);
    }
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
