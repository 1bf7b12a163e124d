package ai.molecule.edge.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RecordHeaderTest {
  private static final String ROOT = "0123456789".repeat(4) + "_-A";

  @Property
  void whatIsEncodedIsDecoded(
      @ForAll @LongRange(min = 1, max = (1L << 53) - 1) long version,
      @ForAll @IntRange(min = 0, max = 255) int state,
      @ForAll @IntRange(min = 0, max = 3) int flagPair,
      @ForAll int scopes,
      @ForAll @IntRange(min = 1, max = Limit.RATE_PER_MINUTE_MAX) int rate,
      @ForAll @IntRange(min = 1, max = Limit.BURST_MAX) int burst,
      @ForAll @LongRange(min = 0, max = 4_102_444_800_000L) long notAfter,
      @ForAll boolean rooted,
      @ForAll byte[] payload) {
    RecordHeader header =
        new RecordHeader(
            version,
            state,
            flagPair << 1,
            scopes,
            new Limit(rate, burst),
            notAfter,
            rooted ? ROOT : null);
    RecordHeader.Decoded decoded = RecordHeader.decode(header.encode(Buffer.buffer(payload)));
    assertThat(decoded.header()).isEqualTo(header);
    assertThat(decoded.payload().getBytes()).isEqualTo(payload);
  }

  @Example
  void itsBytesAreTheOnesTheScriptsKnow() {
    RecordHeader header = new RecordHeader(2, 1, 4, 8, new Limit(256, 3), 65_536, null);
    assertThat(header.encode(Buffer.buffer("x")).getBytes())
        .containsExactly(
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 4, 0, 0, 0, 8, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0,
            0, 0, 1, 0, 0, 'x');
  }

  @Example
  void whatIsNoRecordIsRefused() {
    assertThatThrownBy(() -> RecordHeader.decode(Buffer.buffer("short")))
        .isInstanceOf(IllegalArgumentException.class);
    Buffer cut =
        new RecordHeader(1, 0, 0, 0, new Limit(1, 1), 0, ROOT).encode(Buffer.buffer()).slice(0, 60);
    assertThatThrownBy(() -> RecordHeader.decode(cut)).isInstanceOf(IllegalArgumentException.class);
  }
}
