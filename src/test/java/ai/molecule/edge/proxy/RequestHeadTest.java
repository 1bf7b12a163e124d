package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
  private final RequestHead head = new RequestHead();

  @Test
  void holdsTheLineAndTheHeadersInTheirOrder() {
    head.begin("GET", "/a?b");
    head.header(new AsciiString("Host"), "h:1");
    head.lines(new byte[] {'X', ':', ' ', 'y', '\r', '\n'});
    head.header("Z", new AsciiString("1\t2"));
    assertThat(head.isMalformed()).isFalse();
    assertThat(head.text()).isEqualTo("GET /a?b HTTP/1.1\r\nHost: h:1\r\nX: y\r\nZ: 1\t2\r\n");
  }

  @Test
  void takesLongOnesAndForgetsTheOneBefore() {
    String value = "é".repeat(10_000);
    head.begin("POST", "/first");
    head.header("A", value);
    assertThat(head.text()).isEqualTo("POST /first HTTP/1.1\r\nA: " + value + "\r\n");
    head.begin("POST", "/second");
    assertThat(head.text()).isEqualTo("POST /second HTTP/1.1\r\n");
  }

  /** The last two are a CR and a LF to whoever keeps only the low byte of a character. */
  @ParameterizedTest
  @ValueSource(
      strings = {"a\r\nX-Mol-Key-Id: 1", "a\n", "\rb", "a\0", "\u007f", "a\u010a", "\u560d"})
  void noticesWhatWouldEndALine(String text) {
    head.begin("GET", "/");
    head.header("A", text);
    assertThat(head.isMalformed()).isTrue();
    head.begin("GET", "/");
    assertThat(head.isMalformed()).isFalse();
    head.header(new AsciiString(text.getBytes(java.nio.charset.StandardCharsets.UTF_16BE)), "a");
    assertThat(head.isMalformed()).isTrue();
    head.begin("GET", "/" + text);
    assertThat(head.isMalformed()).isTrue();
  }
}
