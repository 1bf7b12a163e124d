package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an attacker can make a connection of HTTP/2 cost, and nobody else notice. */
final class Http2FloodsIT {
  @TempDir static Path directory;

  @AutoClose private static Http2Front front;

  @BeforeAll
  static void start() throws Exception {
    front = Http2Front.start(directory);
  }

  @AfterEach
  void theBystanderIsServed() throws IOException {
    front.assertBystanderIsServed();
  }

  @Nested
  class Floods {
    private void assertCalmed(RawHttp2 connection) throws IOException {
      assertThat(connection.goAwayCodeAtEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
    }

    private void flood(int type, int flags, int stream, byte[] payload) throws IOException {
      try (RawHttp2 connection = front.connect()) {
        for (int i = 0; i < Http2Front.CONTROL_FRAMES_MAX * 2; i++) {
          connection.frame(type, flags, stream, payload);
        }
        connection.flush();
        assertCalmed(connection);
      }
    }

    @Test
    void pings() throws IOException {
      flood(RawHttp2.PING, 0, 0, new byte[8]);
    }

    @Test
    void settings() throws IOException {
      flood(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, (byte) 0xff, (byte) 0xff});
    }

    @Test
    void emptySettings() throws IOException {
      flood(RawHttp2.SETTINGS, 0, 0, new byte[0]);
    }

    @Test
    void priorities() throws IOException {
      flood(RawHttp2.PRIORITY, 0, 3, new byte[] {0, 0, 0, 1, 16});
    }

    @Test
    void framesNobodyKnows() throws IOException {
      flood(0xfa, 0, 0, new byte[16]);
    }

    @Test
    void rapidResets() throws IOException {
      try (RawHttp2 connection = front.connect()) {
        for (int i = 0; i < Http2Front.RESETS_MAX * 2; i++) {
          int stream = connection.stream();
          connection.frame(
              RawHttp2.HEADERS,
              RawHttp2.END_STREAM | RawHttp2.END_HEADERS,
              stream,
              connection.block(stream, front.own()));
          connection.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }
        connection.flush();
        assertCalmed(connection);
      }
    }

    @Test
    void smallContinuations() throws IOException {
      try (RawHttp2 connection = front.connect()) {
        int stream = connection.stream();
        byte[] block = connection.block(stream, front.own());
        connection.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, new byte[0]);
        for (byte one : block) {
          connection.frame(RawHttp2.CONTINUATION, 0, stream, new byte[] {one});
        }
        connection.flush();
        assertCalmed(connection);
      }
    }

    @Test
    void aHeadOfContinuationsWithoutEnd() throws IOException {
      try (RawHttp2 connection = front.connect()) {
        int stream = connection.stream();
        byte[] block =
            connection.block(stream, RawHttp2.with(front.own(), Map.of("x", "y".repeat(8_000))));
        connection.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, new byte[0]);
        for (int i = 0; i < 6; i++) {
          connection.frame(RawHttp2.CONTINUATION, 0, stream, block);
        }
        connection.flush();
        assertThat(connection.outcome(stream).status()).isIn(-1, 0, 431);
      }
    }

    @Test
    void emptyData() throws IOException {
      try (RawHttp2 connection = front.connect()) {
        int stream = connection.stream();
        Http2Headers post = front.own().method("POST");
        connection.frame(
            RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, connection.block(stream, post));
        for (int i = 0; i < 100; i++) {
          connection.frame(RawHttp2.DATA, 0, stream, new byte[0]);
        }
        connection.flush();
        assertCalmed(connection);
      }
    }
  }

  @Nested
  class Slowness {
    @Test
    void aFrameThatStopsEndsTheConnection() throws IOException {
      try (RawHttp2 connection = front.connect()) {
        connection.socket().getOutputStream().write(new byte[] {0, 0, 8, 6});
        assertThat(connection.goAwayCodeAtEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
      }
    }

    @Test
    void aHeadThatDoesNotEndEndsTheConnection() throws IOException {
      try (RawHttp2 connection = front.connect()) {
        int stream = connection.stream();
        connection
            .frame(
                RawHttp2.HEADERS,
                RawHttp2.END_STREAM,
                stream,
                connection.block(stream, front.own()))
            .flush();
        assertThat(connection.goAwayCodeAtEnd()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
      }
    }
  }
}
