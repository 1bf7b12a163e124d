package ai.molecule.edge.edge;

import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.proxy.HeaderPolicy;
import ai.molecule.edge.proxy.RequestHead;
import ai.molecule.edge.proxy.TraceContext;
import ai.molecule.edge.proxy.Upstream;
import ai.molecule.edge.proxy.UpstreamConnection;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  private static final CharSequence CHUNKED = new AsciiString("chunked");
  private static final CharSequence ZERO = new AsciiString("0");

  private final Identity.Cache identities = new Identity.Cache();
  private final RequestHead head = new RequestHead();

  /**
   * The head of the request.
   *
   * @param over the connection that it goes over
   * @return null when a header of the client's is none
   */
  @Nullable ByteBuf write(UpstreamConnection over, ForwardedRequest asked, Upstream upstream) {
    HttpServerRequest request = asked.request();
    Exchange exchange = asked.exchange();
    long bodyLength = asked.bodyLength();
    MultiMap headers = request.headers();
    head.begin(request.method().name(), request.uri());
    head.header(HttpHeaders.HOST, upstream.authority());
    copy(request, headers);
    head.lines(identities.of(asked.key()).lines());
    if (asked.org().isPresent()) {
      head.header(TARGET_ORG_ID, asked.org().get().toString());
    }
    head.header(X_REQUEST_ID, exchange.requestIdText());
    trace(headers);
    forwarded(exchange);
    if (bodyLength == RequestBody.UNKNOWN) {
      head.header(HttpHeaders.TRANSFER_ENCODING, CHUNKED);
    } else if (bodyLength != RequestBody.NONE) {
      head.header(HttpHeaders.CONTENT_LENGTH, Long.toString(bodyLength));
    } else if (headers.contains(HttpHeaders.CONTENT_LENGTH)) {
      head.header(HttpHeaders.CONTENT_LENGTH, ZERO);
    }
    if (asked.upgrade()) {
      Upgrade.ask(head);
    }
    return head.isMalformed() ? null : head.end(over);
  }

  private void copy(HttpServerRequest request, MultiMap from) {
    List<String> nominated =
        from.contains(HttpHeaders.CONNECTION)
            ? HeaderPolicy.nominated(from.getAll(HttpHeaders.CONNECTION))
            : List.of();
    if (from instanceof io.netty.handler.codec.http.HttpHeaders http1) {
      Iterator<Map.Entry<CharSequence, CharSequence>> each = http1.iteratorCharSequence();
      while (each.hasNext()) {
        Map.Entry<CharSequence, CharSequence> header = each.next();
        copy(header.getKey(), header.getValue(), nominated);
      }
      return;
    }
    boolean joins = request.version() == HttpVersion.HTTP_2;
    for (Map.Entry<String, String> header : from) {
      if (!joins || !HttpHeaders.COOKIE.toString().equalsIgnoreCase(header.getKey())) {
        copy(header.getKey(), header.getValue(), nominated);
      }
    }
    if (joins && from.contains(HttpHeaders.COOKIE)) {
      // HTTP/2 may cut cookies into crumbs, HTTP/1.1 may not (RFC 9113, section 8.2.3).
      copy(HttpHeaders.COOKIE, String.join("; ", from.getAll(HttpHeaders.COOKIE)), nominated);
    }
  }

  private void copy(CharSequence name, CharSequence value, List<String> nominated) {
    if (HeaderPolicy.goesToUpstream(name)
        && (nominated.isEmpty() || !nominated.contains(name.toString().toLowerCase(Locale.ROOT)))) {
      head.header(name, value);
    }
  }

  private void trace(MultiMap from) {
    String valid = from.contains(TRACEPARENT) ? TraceContext.valid(from.getAll(TRACEPARENT)) : null;
    head.header(TRACEPARENT, TraceContext.next(valid));
    if (valid != null) {
      from.getAll(TRACESTATE).forEach(state -> head.header(TRACESTATE, state));
    }
  }

  private void forwarded(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    String client = exchange.callerAddress();
    String host = host(request);
    CharSequence scheme = request.isSSL() ? HTTPS : HTTP;
    head.header(X_FORWARDED_FOR, client);
    head.header(X_FORWARDED_PROTO, scheme);
    if (host != null) {
      head.header(X_FORWARDED_HOST, host);
    }
    head.open(FORWARDED);
    if (client.indexOf(':') >= 0) {
      // RFC 7239: an IPv6 address is quoted, in brackets.
      head.value("for=\"[").value(client).value("]\"");
    } else {
      head.value("for=").value(client);
    }
    if (host != null) {
      head.value(";host=\"").value(host).value("\"");
    }
    head.value(";proto=").value(scheme);
    head.close();
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
}
