package ai.molecule.edge.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One connection to a node, written and read by hand. Every call blocks. */
final class RawConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int PAUSE_MILLIS = 10;
  private static final int SILENCE_MILLIS = 80;

  private final Socket socket;
  private final InputStream in;

  RawConnection(RunningNode node) throws IOException {
    this(node.port());
  }

  /** To whatever listens on that port of this machine. */
  RawConnection(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = socket.getInputStream();
  }

  RawConnection send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** The next answer: its head, and its body by {@code Content-Length}. */
  String answer() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("closed after: " + head);
      }
      head.append((char) next);
    }
    String marker = "content-length: ";
    int at = head.toString().toLowerCase(Locale.ROOT).indexOf(marker);
    if (at < 0) {
      return head.toString();
    }
    int from = at + marker.length();
    int length = Integer.parseInt(head.substring(from, head.indexOf("\r", from)));
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  /** The head of the next answer, which has no body, in lower case. */
  String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("closed after: " + head);
      }
      head.append((char) next);
    }
    return head.toString().toLowerCase(Locale.ROOT);
  }

  /** Reads that many bytes. */
  String read(int bytes) throws IOException {
    return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** Everything until the connection ends, by a FIN or by a RST. */
  String untilClosed() throws IOException {
    StringBuilder read = new StringBuilder();
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        read.append((char) next);
      }
    } catch (SocketException reset) {
      // So it ends, too.
    }
    return read.toString();
  }

  /**
   * Everything until the connection ends; where the edge waits for more, as of a body that is
   * longer than what was sent, it is told that nothing comes.
   */
  String untilClosedOrSilent() throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    byte[] some = new byte[4_096];
    socket.setSoTimeout(SILENCE_MILLIS);
    while (true) {
      try {
        int bytes = in.read(some);
        if (bytes < 0) {
          break;
        }
        read.write(some, 0, bytes);
      } catch (SocketTimeoutException silent) {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.shutdownOutput();
      } catch (SocketException reset) {
        break;
      }
    }
    return read.toString(StandardCharsets.ISO_8859_1);
  }

  /** Says that nothing more will be sent. */
  void endOfInput() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads, and forgets, until the edge ends the connection. */
  void drain() throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (SocketException reset) {
      // That is an end as well.
    }
  }

  /** Waits for the end; whether it came with no further byte. */
  boolean isClosedByTheEdge() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  /**
   * Goes on sending {@code text} in small pieces, for ever, until the edge ends the connection.
   *
   * @return what the edge said before that
   */
  String trickleUntilClosed(String text) throws IOException {
    socket.setSoTimeout(PAUSE_MILLIS);
    StringBuilder said = new StringBuilder();
    try {
      for (int sent = 0; ; sent++) {
        send(text.substring(sent % text.length(), sent % text.length() + 1));
        try {
          int next = in.read();
          if (next < 0) {
            return said.toString();
          }
          said.append((char) next);
        } catch (SocketTimeoutException nothingSaid) {
          // The pause between two pieces.
        }
      }
    } catch (SocketException closed) {
      return said.toString();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
