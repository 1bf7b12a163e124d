package ai.molecule.edge.edge;

import ai.molecule.edge.proxy.HeaderPolicy;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.MultiMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the head of an upstream's answer says, and what of it goes to the client. */
final class AnswerHead {
  private static final String EVENT_STREAM = "text/event-stream";

  private AnswerHead() {}

  /** Copies what goes to the client. */
  static void copy(HttpHeaders from, MultiMap to) {
    List<String> nominated =
        from.contains(HttpHeaderNames.CONNECTION)
            ? HeaderPolicy.nominated(from.getAll(HttpHeaderNames.CONNECTION))
            : List.of();
    Iterator<Map.Entry<CharSequence, CharSequence>> each = from.iteratorCharSequence();
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      CharSequence name = header.getKey();
      if (HeaderPolicy.goesToClient(name)
          && (nominated.isEmpty()
              || !nominated.contains(name.toString().toLowerCase(Locale.ROOT)))) {
        to.add(name, header.getValue());
      }
    }
  }

  static boolean isEventStream(HttpHeaders headers) {
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
    return type != null && type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
  }
}
