package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.proxy.HeaderPolicy;
import ai.molecule.edge.proxy.TraceContext;
import ai.molecule.edge.proxy.Upstream;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as the upstream gets it: what may go through of the client's, and what the
 * edge says itself. One per event loop.
 */
final class UpstreamHead {
  static final CharSequence TARGET_ORG_ID = HttpHeaders.createOptimized("X-Mol-Target-Org-Id");
  private static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
  private static final CharSequence X_FORWARDED_FOR =
      HttpHeaders.createOptimized("X-Forwarded-For");
  private static final CharSequence X_FORWARDED_HOST =
      HttpHeaders.createOptimized("X-Forwarded-Host");
  private static final CharSequence X_FORWARDED_PROTO =
      HttpHeaders.createOptimized("X-Forwarded-Proto");
  private static final CharSequence FORWARDED = HttpHeaders.createOptimized("Forwarded");
  private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
  private static final CharSequence TRACESTATE = HttpHeaders.createOptimized("tracestate");
  private static final CharSequence HTTP = new AsciiString("http");
  private static final CharSequence HTTPS = new AsciiString("https");

  private final Identity.Cache identities = new Identity.Cache();

  /**
   * Writes the headers of the request into {@code to}, which is empty.
   *
   * @param org the org that the request is about, checked against the key's reach
   */
  void write(MultiMap to, Exchange exchange, KeyRecord key, Optional<UUID> org, Upstream upstream) {
    HttpServerRequest request = exchange.request();
    to.add(HttpHeaders.HOST, upstream.authority());
    copy(request, to);
    identities.of(key).addTo(to);
    if (org.isPresent()) {
      to.add(TARGET_ORG_ID, org.get().toString());
    }
    to.add(X_REQUEST_ID, exchange.requestIdText());
    trace(request.headers(), to);
    forwarded(exchange, to);
  }

  private static void copy(HttpServerRequest request, MultiMap to) {
    MultiMap from = request.headers();
    List<String> nominated =
        from.contains(HttpHeaders.CONNECTION)
            ? HeaderPolicy.nominated(from.getAll(HttpHeaders.CONNECTION))
            : List.of();
    if (from instanceof io.netty.handler.codec.http.HttpHeaders http1) {
      Iterator<Map.Entry<CharSequence, CharSequence>> each = http1.iteratorCharSequence();
      while (each.hasNext()) {
        Map.Entry<CharSequence, CharSequence> header = each.next();
        CharSequence name = header.getKey();
        if (HeaderPolicy.goesToUpstream(name) && !isNominated(nominated, name)) {
          to.add(name, header.getValue());
        }
      }
      return;
    }
    for (Map.Entry<String, String> header : from) {
      String name = header.getKey();
      if (HeaderPolicy.goesToUpstream(name) && !isNominated(nominated, name)) {
        to.add(name, header.getValue());
      }
    }
    if (request.version() == HttpVersion.HTTP_2) {
      joinCookies(to);
    }
  }

  private static boolean isNominated(List<String> nominated, CharSequence name) {
    return !nominated.isEmpty() && nominated.contains(name.toString().toLowerCase(Locale.ROOT));
  }

  /** HTTP/2 may cut cookies into crumbs, HTTP/1.1 may not (RFC 9113, section 8.2.3). */
  private static void joinCookies(MultiMap to) {
    List<String> crumbs = to.getAll(HttpHeaders.COOKIE);
    if (crumbs.size() > 1) {
      to.set(HttpHeaders.COOKIE, String.join("; ", new ArrayList<>(crumbs)));
    }
  }

  private static void trace(MultiMap from, MultiMap to) {
    String valid = from.contains(TRACEPARENT) ? TraceContext.valid(from.getAll(TRACEPARENT)) : null;
    to.add(TRACEPARENT, TraceContext.next(valid));
    if (valid != null) {
      from.getAll(TRACESTATE).forEach(state -> to.add(TRACESTATE, state));
    }
  }

  private static void forwarded(Exchange exchange, MultiMap to) {
    HttpServerRequest request = exchange.request();
    String client = exchange.callerAddress();
    String host = host(request);
    CharSequence scheme = request.isSSL() ? HTTPS : HTTP;
    to.add(X_FORWARDED_FOR, client);
    to.add(X_FORWARDED_PROTO, scheme);
    if (host != null) {
      to.add(X_FORWARDED_HOST, host);
    }
    to.add(FORWARDED, forwarded(client, host, scheme));
  }

  /** What the client calls the edge: the front filter has seen that there is one, and only one. */
  private static @Nullable String host(HttpServerRequest request) {
    String host = request.getHeader(HttpHeaders.HOST);
    if (host != null) {
      return host;
    }
    HostAndPort authority = request.authority();
    return authority == null ? null : authority.toString();
  }

  /** RFC 7239; an IPv6 address is quoted, in brackets. */
  private static String forwarded(String client, @Nullable String host, CharSequence scheme) {
    StringBuilder text = new StringBuilder(80).append("for=");
    if (client.indexOf(':') >= 0) {
      text.append("\"[").append(client).append("]\"");
    } else {
      text.append(client);
    }
    if (host != null) {
      text.append(";host=\"").append(host).append('"');
    }
    return text.append(";proto=").append(scheme).toString();
  }
}
