package ai.molecule.edge.edge;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses, before a route is looked for, requests that two programs could read differently: a
 * target that is no canonical path, a host that is missing, repeated or none, framing that is
 * ambiguous. What passes has one reading, which authorization and forwarding share. After a refusal
 * the connection ends, and nothing that came behind the request counts. Safe on any thread.
 *
 * @param headersMax headers that a request may have
 * @param targetBytesMax bytes that a target may have; HTTP/1 bounds the whole request line itself
 */
public record FrontFilter(int headersMax, int targetBytesMax) {
  private static final Problem BAD_TARGET =
      Problem.of(
          ProblemCode.BAD_REQUEST, "The request target must be a path in its canonical form.");
  private static final Problem BAD_HOST =
      Problem.of(ProblemCode.BAD_REQUEST, "The request must name one valid host, once.");
  private static final Problem BAD_FRAMING =
      Problem.of(ProblemCode.BAD_REQUEST, "Where the body ends is not stated clearly.");
  private static final Problem BAD_NAME =
      Problem.of(ProblemCode.BAD_REQUEST, "A header has no valid name.");
  private static final Problem METHOD_REFUSED =
      Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "This method is not served anywhere.")
          .with("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");

  private static final AsciiString KEY1 = HttpHeaderNames.SEC_WEBSOCKET_KEY1;
  private static final AsciiString KEY2 = HttpHeaderNames.SEC_WEBSOCKET_KEY2;

  /** Why the HTTP/1 request with that head is refused; null when it is not. */
  public @Nullable Problem refusal(HttpRequest head) {
    if (isTunnelOrEcho(head.method().name())) {
      return METHOD_REFUSED;
    }
    if (!CanonicalTarget.holds(head.uri())) {
      return BAD_TARGET;
    }
    return refusal(head.headers());
  }

  /** In one pass over the headers, whose names are compared only when their length is right. */
  private @Nullable Problem refusal(HttpHeaders headers) {
    Iterator<Map.Entry<CharSequence, CharSequence>> each = headers.iteratorCharSequence();
    int left = headersMax;
    @Nullable CharSequence host = null;
    boolean framed = false;
    while (each.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = each.next();
      if (--left < 0) {
        return Problem.of(ProblemCode.HEADERS_TOO_LARGE);
      }
      CharSequence name = header.getKey();
      switch (name.length()) {
        case 0 -> {
          return BAD_NAME;
        }
        case 4 -> {
          if (HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
            if (host != null) {
              return BAD_HOST;
            }
            host = header.getValue();
          }
        }
        case 14, 17 -> {
          if (isFraming(name)) {
            if (framed || !isUnambiguous(name, header.getValue())) {
              return BAD_FRAMING;
            }
            framed = true;
          }
        }
        case 18 -> {
          // With both, a draft of WebSocket, and Netty to this day, sees a body of 8 bytes.
          if (KEY1.contentEqualsIgnoreCase(name) || KEY2.contentEqualsIgnoreCase(name)) {
            return BAD_FRAMING;
          }
        }
        default -> {}
      }
    }
    return host != null && HostName.isValid(host) ? null : BAD_HOST;
  }

  /**
   * Whether a header of 14 or 17 characters says where the body ends, with {@code _} for {@code -}
   * too, which some gateways and servers read as the same.
   */
  private static boolean isFraming(CharSequence name) {
    CharSequence plain =
        AsciiString.indexOf(name, '_', 0) < 0 ? name : name.toString().replace('_', '-');
    return HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(plain)
        || HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(plain);
  }

  private static boolean isUnambiguous(CharSequence name, CharSequence value) {
    if (AsciiString.indexOf(name, '_', 0) >= 0) {
      return false;
    }
    if (HttpHeaderNames.TRANSFER_ENCODING.length() == name.length()) {
      return HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(value);
    }
    for (int at = 0; at < value.length(); at++) {
      if (value.charAt(at) < '0' || value.charAt(at) > '9') {
        return false;
      }
    }
    return !value.isEmpty();
  }

  /**
   * Why the HTTP/2 request is refused; null when it is not. What is malformed by RFC 9113, section
   * 8.1.1, does not come this far: the codec resets its stream.
   */
  public @Nullable Problem refusal(HttpServerRequest request) {
    if (isTunnelOrEcho(request.method().name())) {
      return METHOD_REFUSED;
    }
    String target = request.uri();
    if (target.length() > targetBytesMax) {
      return Problem.of(ProblemCode.URI_TOO_LONG);
    }
    if (!CanonicalTarget.holds(target)) {
      return BAD_TARGET;
    }
    int left = headersMax;
    int hosts = 0;
    for (Map.Entry<String, String> header : request.headers()) {
      if (--left < 0) {
        return Problem.of(ProblemCode.HEADERS_TOO_LARGE);
      }
      String name = header.getKey();
      if (name.isEmpty()) {
        return BAD_NAME;
      }
      if (name.equals("host") && ++hosts > 1) {
        return BAD_HOST;
      }
      if (name.indexOf('_') >= 0 && isFraming(name)) {
        return BAD_FRAMING;
      }
    }
    HostAndPort authority = request.authority();
    return authority != null && HostName.isValid(authority.toString()) ? null : BAD_HOST;
  }

  private static boolean isTunnelOrEcho(String method) {
    // Methods are case-sensitive, but not to every upstream.
    return switch (method.length()) {
      case 5 -> method.equalsIgnoreCase("TRACE");
      case 7 -> method.equalsIgnoreCase("CONNECT");
      default -> false;
    };
  }
}
