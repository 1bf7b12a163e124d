package ai.molecule.edge.proxy;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A service behind the edge that does exactly what a test says, byte by byte, and remembers every
 * head that it was sent. Each connection has a thread of its own.
 */
public final class RawUpstream implements AutoCloseable {
  private final ServerSocket listener;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Head> heads = new CopyOnWriteArrayList<>();
  private final AtomicLong bytesRead = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();

  private RawUpstream(ServerSocket listener, Script script) {
    this.listener = listener;
    this.script = script;
  }

  /** What it does with a request whose head has been read. */
  @FunctionalInterface
  public interface Script {
    void serve(Head head, Connection connection) throws IOException, InterruptedException;
  }

  /** The head of a request: its first line and its headers, in order and as they were written. */
  public record Head(String line, List<String> headers) {
    /** The values of a header, whatever the case of its name. */
    public List<String> all(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return headers.stream()
          .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(header -> header.substring(prefix.length()).strip())
          .toList();
    }

    /** The value of a header that is there once. */
    public String one(String name) {
      List<String> values = all(name);
      if (values.size() != 1) {
        throw new AssertionError(name + " is there " + values.size() + " times in " + headers);
      }
      return values.getFirst();
    }

    public Optional<String> any(String name) {
      return all(name).stream().findFirst();
    }

    /** The names, as they were written. */
    public List<String> names() {
      return headers.stream().map(header -> header.substring(0, header.indexOf(':'))).toList();
    }
  }

  /** One that answers every request the same. */
  public static RawUpstream answering(String answer) {
    return start((head, connection) -> connection.write(answer));
  }

  /** One that answers 200 with that body. */
  public static RawUpstream withBody(String body) {
    return answering(ok(body));
  }

  public static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /** One that does what {@code script} says. */
  public static RawUpstream start(Script script) {
    try {
      RawUpstream upstream =
          new RawUpstream(new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress()), script);
      Thread.ofVirtual().start(upstream::accept);
      return upstream;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Connection connection = new Connection(socket);
      while (true) {
        Head head = connection.readHead();
        heads.add(head);
        script.serve(head, connection);
        connection.flush();
      }
    } catch (IOException | InterruptedException gone) {
      // The edge closed it, or the script did.
    } finally {
      open.remove(socket);
    }
  }

  /** A connection from the edge. */
  public final class Connection {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private Connection(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
      this.out = new BufferedOutputStream(socket.getOutputStream());
    }

    private Head readHead() throws IOException {
      String line = readLine();
      List<String> headers = new ArrayList<>();
      for (String header = readLine(); !header.isEmpty(); header = readLine()) {
        headers.add(header);
      }
      return new Head(line, headers);
    }

    public String readLine() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        int b = read();
        if (b == '\n') {
          return line.toString();
        }
        if (b != '\r') {
          line.append((char) b);
        }
      }
    }

    public int read() throws IOException {
      int b = in.read();
      if (b < 0) {
        throw new EOFException();
      }
      bytesRead.incrementAndGet();
      return b;
    }

    public String read(int bytes) throws IOException {
      byte[] read = in.readNBytes(bytes);
      bytesRead.addAndGet(read.length);
      if (read.length < bytes) {
        throw new EOFException();
      }
      return new String(read, StandardCharsets.ISO_8859_1);
    }

    /** The body of the request, of known length or in chunks. */
    public String readBody(Head head) throws IOException {
      Optional<String> length = head.any("content-length");
      if (length.isPresent()) {
        return read(Integer.parseInt(length.get()));
      }
      StringBuilder body = new StringBuilder();
      if (head.any("transfer-encoding").isPresent()) {
        for (int size = chunk(); size > 0; size = chunk()) {
          body.append(read(size));
          readLine();
        }
        readLine();
      }
      return body.toString();
    }

    private int chunk() throws IOException {
      return Integer.parseInt(readLine(), 16);
    }

    public void write(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    public void write(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    public void flush() throws IOException {
      out.flush();
    }

    /** Ends the connection with a FIN. */
    public void close() throws IOException {
      socket.close();
    }

    /** Ends the connection with a RST. */
    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Waits until the edge ends the connection. */
    public void awaitEnd() throws IOException {
      while (in.read() >= 0) {
        bytesRead.incrementAndGet();
      }
      throw new EOFException();
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  public String url() {
    return URI.create("http://127.0.0.1:" + port()).toString();
  }

  /** Every head so far. */
  public List<Head> heads() {
    return heads;
  }

  /** The one head so far. */
  public Head head() {
    if (heads.size() != 1) {
      throw new AssertionError("requests: " + heads);
    }
    return heads.getFirst();
  }

  public long bytesRead() {
    return bytesRead.get();
  }

  public long connections() {
    return connections.get();
  }

  /** Connections that are open now. */
  public int openConnections() {
    return open.size();
  }

  /** Stops listening and ends every connection. */
  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
