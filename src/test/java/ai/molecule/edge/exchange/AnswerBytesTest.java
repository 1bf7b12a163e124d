package ai.molecule.edge.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Decision.Outcome;
import ai.molecule.edge.ratelimit.Decision.Source;
import ai.molecule.edge.ratelimit.Limit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerBytesTest {
  private final AnswerBytes answer = new AnswerBytes();

  private String copied() {
    ByteBuf copy = answer.copy(UnpooledByteBufAllocator.DEFAULT);
    try {
      return copy.toString(StandardCharsets.US_ASCII);
    } finally {
      copy.release();
    }
  }

  @Test
  void anAnswerIsItsLineItsHeadersTheLengthAndTheBody() {
    answer.begin(200);
    answer.add("A", AsciiString.of("xby").subSequence(1, 2));
    answer.add(AsciiString.of("C"), "d");
    answer.end("{\"id\":\"".getBytes(StandardCharsets.US_ASCII), "12", new byte[] {'"', '}'});
    assertThat(copied())
        .isEqualTo("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\ncontent-length: 11\r\n\r\n{\"id\":\"12\"}");
  }

  @Test
  void nothingOfAnEarlierAnswerIsInALaterOne() {
    answer.begin(200);
    answer.end(new byte[5_000], "", new byte[0]);
    answer.begin(429);
    answer.end(new byte[0], "", new byte[0]);
    assertThat(copied()).isEqualTo("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4_000, 4_095, 4_096, 4_097, 100_000})
  void anAnswerMayBeAsLongAsItIs(int bytes) {
    String value = "v".repeat(bytes);
    answer.begin(200);
    answer.add("A", value);
    answer.end(value.getBytes(StandardCharsets.US_ASCII), value, new byte[0]);
    assertThat(copied())
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nA: %s\r\ncontent-length: %d\r\n\r\n%s%s"
                .formatted(value, 2 * bytes, value, value));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 9, 10, 11, 99, 100, 999, 1_000, 999_999, 1_000_000, Long.MAX_VALUE})
  void theStateOfABucketIsWrittenAsInEveryOtherAnswer(long number) {
    Decision decision =
        new Decision(Outcome.ADMITTED, new Limit(60, 60), number, number, 0, Source.LEASED);
    answer.begin(200);
    answer.state(decision);
    answer.end(new byte[0], "", new byte[0]);
    assertThat(copied())
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nRateLimit: %s\r\ncontent-length: 0\r\n\r\n"
                .formatted(RateLimitHeaders.state(decision)));
  }
}
