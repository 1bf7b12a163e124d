package ai.molecule.edge.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** What an upstream's head is, by its version, its status and the coding of its body. */
enum AnswerKind {
  /** Nothing that can be passed on. */
  INVALID,
  /** 1xx but for 101: the head of the answer is still to come (RFC 9110, section 15.2). */
  INTERIM,
  /** 101: what follows is no HTTP any more. */
  UPGRADE,
  /** The answer. */
  FINAL;

  private static final int INTERIM_FROM = 100;
  private static final int FINAL_FROM = 200;
  private static final int STATUS_MAX = 999;

  static AnswerKind of(HttpResponse head) {
    int status = head.status().code();
    HttpVersion version = head.protocolVersion();
    boolean known = version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
    if (!known || status < INTERIM_FROM || status > STATUS_MAX || isCoded(head.headers())) {
      return INVALID;
    }
    if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      return UPGRADE;
    }
    return status < FINAL_FROM ? INTERIM : FINAL;
  }

  /** Whether the body is in a transfer coding that nobody has asked for, by {@code TE}. */
  private static boolean isCoded(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return false;
    }
    for (String codings : headers.getAll(HttpHeaderNames.TRANSFER_ENCODING)) {
      if (!HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings)
          && !HttpHeaderValues.IDENTITY.contentEqualsIgnoreCase(codings)) {
        return true;
      }
    }
    return false;
  }
}
