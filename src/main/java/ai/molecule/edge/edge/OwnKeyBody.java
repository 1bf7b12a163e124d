package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyJson;
import ai.molecule.edge.credential.KeyRecord;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * The body of {@code GET /cp/partner-key} for one key: rendered once, and from then on only its
 * {@code last_used_at} is overwritten in place. Bytes that a connection has yet to write are never
 * changed: then a copy is made. One per key and event loop.
 */
final class OwnKeyBody {
  private static final byte[] MEMBER = "\"last_used_at\":\"".getBytes(StandardCharsets.US_ASCII);

  private final KeyRecord key;
  private final int timeAt;
  private Rendering rendering;
  private long shownMillis;

  private OwnKeyBody(KeyRecord key, Rendering rendering, int timeAt, long shownMillis) {
    this.key = key;
    this.rendering = rendering;
    this.timeAt = timeAt;
    this.shownMillis = shownMillis;
  }

  /** Renders the body of {@code key}, last used at {@code lastMillis}. */
  static OwnKeyBody of(KeyRecord key, long lastMillis) {
    Instant last = Instant.ofEpochMilli(lastMillis);
    byte[] json = KeyJson.of(key, last, last).toString().getBytes(StandardCharsets.UTF_8);
    // Texts before this member cannot hold it: a quote in a text is always escaped.
    int at = indexOf(json, MEMBER) + MEMBER.length;
    return new OwnKeyBody(key, new Rendering(Buffer.buffer(json)), at, lastMillis);
  }

  /** Whether this is the body of exactly that version of the key. */
  boolean isOf(KeyRecord wanted) {
    return key == wanted || key.equals(wanted);
  }

  /** The rendering with that time of last use, to be written at once. */
  Rendering at(long millis, MillisText text) {
    if (millis > shownMillis) {
      if (rendering.writesUnderWay > 0) {
        rendering = new Rendering(rendering.bytes.copy());
      }
      rendering.bytes.setBytes(timeAt, text.of(millis));
      shownMillis = millis;
    }
    return rendering;
  }

  /** Bytes, and how many writes of them are under way. */
  static final class Rendering {
    private final Buffer bytes;
    private final Handler<AsyncResult<Void>> written = this::written;
    private int writesUnderWay;

    private Rendering(Buffer bytes) {
      this.bytes = bytes;
    }

    Buffer bytes() {
      return bytes;
    }

    /** A write of these bytes has begun. */
    void writing(Future<Void> write) {
      writesUnderWay++;
      write.onComplete(written);
    }

    private void written(AsyncResult<Void> done) {
      writesUnderWay--;
    }
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at <= bytes.length - part.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new IllegalStateException("the key object has no last_used_at");
  }
}
