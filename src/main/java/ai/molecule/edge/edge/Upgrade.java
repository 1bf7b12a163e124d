package ai.molecule.edge.edge;

import ai.molecule.edge.proxy.HeaderPolicy;
import ai.molecule.edge.proxy.RequestHead;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/**
 * The upgrade to WebSocket (RFC 6455), the only one that goes through. Any other that a client asks
 * for is not passed on, and the request is a request like any other.
 */
final class Upgrade {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final String WEBSOCKET = "websocket";
  private static final String UPGRADE = "Upgrade";

  private Upgrade() {}

  static boolean isAsked(HttpServerRequest request) {
    MultiMap headers = request.headers();
    return headers.contains(HttpHeaders.UPGRADE)
        && request.version() == HttpVersion.HTTP_1_1
        && request.method() == HttpMethod.GET
        && RequestBody.length(request) == RequestBody.NONE
        && WEBSOCKET.equalsIgnoreCase(String.join(",", headers.getAll(HttpHeaders.UPGRADE)))
        && HeaderPolicy.nominated(headers.getAll(HttpHeaders.CONNECTION)).contains("upgrade");
  }

  /** Asks the upstream in turn. */
  static void ask(RequestHead head) {
    head.header(HttpHeaders.CONNECTION, UPGRADE);
    head.header(HttpHeaders.UPGRADE, WEBSOCKET);
  }

  static boolean isGranted(HttpResponse answer) {
    return answer.status().code() == SWITCHING_PROTOCOLS
        && WEBSOCKET.equalsIgnoreCase(answer.headers().get(HttpHeaders.UPGRADE));
  }

  /** Grants it to the client, in the words of the upstream. */
  static void grant(HttpResponse answer, HttpServerResponse response) {
    AnswerHead.copy(answer.headers(), response.headers());
    response.headers().set(HttpHeaders.CONNECTION, UPGRADE);
    response.headers().set(HttpHeaders.UPGRADE, WEBSOCKET);
  }
}
