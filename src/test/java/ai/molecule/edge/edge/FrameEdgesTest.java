package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FrameEdgesTest {
  private static final int[] LENGTHS = {0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 70_000};

  /** Frames one after the other; notes where each ends. */
  private static Buffer frames(Random random, Set<Integer> ends) {
    Buffer all = Buffer.buffer();
    for (int i = 0; i < 12; i++) {
      int length = LENGTHS[random.nextInt(LENGTHS.length)];
      int mask = random.nextBoolean() ? 0x80 : 0;
      all.appendByte((byte) random.nextInt(256));
      if (length < 126) {
        all.appendByte((byte) (mask | length));
      } else if (length < 65_536) {
        all.appendByte((byte) (mask | 126)).appendUnsignedShort(length);
      } else {
        all.appendByte((byte) (mask | 127)).appendLong(length);
      }
      byte[] rest = new byte[length + (mask == 0 ? 0 : 4)];
      random.nextBytes(rest);
      all.appendBytes(rest);
      ends.add(all.length());
    }
    return all;
  }

  @Test
  void theEndsOfFramesAreFoundHoweverTheBytesAreCutUp() {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      Set<Integer> ends = new HashSet<>();
      Buffer all = frames(random, ends);
      FrameEdges edges = new FrameEdges();
      for (int at = 0; at < all.length(); ) {
        int next =
            Math.min(all.length(), at + 1 + random.nextInt(random.nextBoolean() ? 4 : 5_000));
        edges.take(all.getBuffer(at, next));
        assertThat(edges.isBetweenFrames()).isEqualTo(ends.contains(next));
        at = next;
      }
    }
  }

  @Test
  void whatIsTakenUpToTheEdgeEndsWithTheFrameThatHadBegun() {
    Random random = new Random(8);
    for (int round = 0; round < 50; round++) {
      Set<Integer> ends = new HashSet<>();
      Buffer all = frames(random, ends);
      int begun = 1 + random.nextInt(all.length() - 1);
      FrameEdges edges = new FrameEdges();
      edges.take(all.getBuffer(0, begun));
      int end = begun + edges.takeToEdge(all.getBuffer(begun, all.length()));
      assertThat(end)
          .isEqualTo(ends.stream().mapToInt(i -> i).filter(i -> i >= begun).min().orElseThrow());
    }
  }
}
