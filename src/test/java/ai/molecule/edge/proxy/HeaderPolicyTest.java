package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderPolicyTest {
  private static final int CASES = 100_000;

  /** Set by the edge alone, whatever a client sends. */
  private static final List<String> OURS =
      List.of(
          "X-Mol-Partner-Id",
          "X-Mol-Org-Id",
          "X-Mol-Key-Id",
          "X-Mol-Scopes",
          "X-Mol-Anything-Else",
          "X-Mol-",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Proto",
          "X-Forwarded-Anything",
          "X-Request-Id",
          "X-Real-IP",
          "Forwarded",
          "traceparent",
          "Authorization",
          "Proxy-Authorization",
          "Content-Length",
          "Transfer-Encoding",
          "Host");

  /** Characters that a header's name may have besides letters and digits (RFC 9110, 5.6.2). */
  private static final String SEPARATORS = "-_.!#$%&'*+^`|~";

  @Test
  void noSpellingOfOurHeadersGoesToAnUpstream() {
    Random random = new Random(9);
    for (int i = 0; i < CASES; i++) {
      String name = OURS.get(random.nextInt(OURS.size()));
      StringBuilder spelled = new StringBuilder();
      for (char c : name.toCharArray()) {
        if (c == '-') {
          spelled.append(SEPARATORS.charAt(random.nextInt(SEPARATORS.length())));
        } else {
          spelled.append(
              random.nextBoolean() ? Character.toUpperCase(c) : Character.toLowerCase(c));
        }
      }
      String text = spelled.toString();
      assertThat(HeaderPolicy.goesToUpstream(text)).as(text).isFalse();
      assertThat(HeaderPolicy.goesToUpstream(new AsciiString(text))).as(text).isFalse();
    }
  }

  /** Against the definition: lower case, separators made one, then compare. */
  @Test
  void whatElseGoesIsLeftAlone() {
    Random random = new Random(10);
    String letters = "abcdefghijklmnopqrstuvwxyzmolmolx-";
    for (int i = 0; i < CASES; i++) {
      StringBuilder name = new StringBuilder("x-mo".substring(0, random.nextInt(5)));
      for (int length = 1 + random.nextInt(8); length > 0; length--) {
        name.append(letters.charAt(random.nextInt(letters.length())));
      }
      String text = name.toString();
      boolean ours = text.startsWith("x-mol-") || List.of("te", "host", "expect").contains(text);
      assertThat(HeaderPolicy.goesToUpstream(text)).as(text).isEqualTo(!ours);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Accept",
        "Accept-Encoding",
        "Cookie",
        "Content-Type",
        "Content-Encoding",
        "If-None-Match",
        "Range",
        "User-Agent",
        "Via",
        "X-Molecule",
        "X-Mol",
        "X-Custom",
        "Idempotency-Key",
        "Sec-WebSocket-Key",
        "Last-Event-ID",
        "Traceparent-Like"
      })
  void theRestOfARequestGoesThrough(String name) {
    assertThat(HeaderPolicy.goesToUpstream(name)).isTrue();
    assertThat(HeaderPolicy.goesToUpstream(name.toUpperCase(Locale.ROOT))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Upgrade",
        "HTTP2-Settings",
        "Expect",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        ":path",
        ""
      })
  void whatBelongsToTheConnectionOrNamesAnotherRequestDoesNot(String name) {
    assertThat(HeaderPolicy.goesToUpstream(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "Trailer",
        "Upgrade",
        "X-Request-Id",
        "x_request_id",
        "RateLimit",
        "RateLimit-Policy",
        "Mol-Cost",
        "MOL_COST",
        "X-Mol-Key-Id"
      })
  void noAnswerSpeaksForTheEdge(String name) {
    assertThat(HeaderPolicy.goesToClient(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length",
        "Content-Type",
        "Set-Cookie",
        "ETag",
        "Location",
        "Server",
        "Date",
        "Retry-After",
        "WWW-Authenticate",
        "X-Custom",
        "Deprecation"
      })
  void theRestOfAnAnswerGoesThrough(String name) {
    assertThat(HeaderPolicy.goesToClient(name)).isTrue();
  }

  @Test
  void connectionNamesFurtherHeadersOfTheConnection() {
    assertThat(HeaderPolicy.nominated(List.of("keep-alive, X-One ,,x-two", "CLOSE", "Cookie")))
        .containsExactly("x-one", "x-two", "cookie");
    assertThat(HeaderPolicy.nominated(List.of())).isEmpty();
  }
}
