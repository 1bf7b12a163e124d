package ai.molecule.edge.app;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One HTTP/2 connection over TLS, its frames written by hand. Every call blocks. */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int ACK = 1;
  static final int ENHANCE_YOUR_CALM = 11;

  private static final int WITH_PRIORITY = 0x20;
  private static final int PRIORITY_BYTES = 5;
  private static final int PATIENCE_MILLIS = 30_000;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final SSLSocket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder((name, value) -> false);
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final ByteBuf pending = Unpooled.buffer();
  private int nextStream = 1;

  /** A frame that came in. */
  record Frame(int type, int flags, int stream, byte[] payload) {
    /** The code of a GOAWAY. */
    int goAwayCode() {
      return Unpooled.wrappedBuffer(payload).getInt(4);
    }
  }

  /** What a stream came to: an answer, or a reset (status 0), or the end of the connection (-1). */
  record Outcome(int status, String body, int resetCode, Http2Headers headers) {
    boolean isReset() {
      return status == 0;
    }
  }

  RawHttp2(int port, SSLContext tls) throws IOException {
    socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.startHandshake();
    if (!"h2".equals(socket.getApplicationProtocol())) {
      throw new IOException("no HTTP/2 by ALPN: " + socket.getApplicationProtocol());
    }
    in = new DataInputStream(socket.getInputStream());
  }

  /** With the preface and empty settings sent. */
  static RawHttp2 open(int port, SSLContext tls) throws IOException {
    RawHttp2 connection = new RawHttp2(port, tls);
    connection.preface().frame(SETTINGS, 0, 0, new byte[0]).flush();
    return connection;
  }

  RawHttp2 preface() {
    pending.writeCharSequence(PREFACE, StandardCharsets.US_ASCII);
    return this;
  }

  /** Adds a frame to what is sent with the next flush. */
  RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
    pending.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    pending.writeBytes(payload);
    return this;
  }

  /** Sends what was added; how much of it is taken by an edge that ends the connection is open. */
  RawHttp2 flush() throws IOException {
    byte[] bytes = ByteBufUtil.getBytes(pending);
    pending.clear();
    try {
      socket.getOutputStream().write(bytes);
    } catch (SocketException ended) {
      // What it said before is there to be read.
    }
    return this;
  }

  /** A number for the next stream. */
  int stream() {
    int stream = nextStream;
    nextStream += 2;
    return stream;
  }

  /** The header block of a GET, and what comes over it. */
  static Http2Headers get(String target, String authority, String credential) {
    return new DefaultHttp2Headers(false)
        .method("GET")
        .scheme("https")
        .path(target)
        .authority(authority)
        .add("authorization", "Bearer " + credential);
  }

  byte[] block(int stream, Http2Headers headers) {
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, headers, block);
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
    return ByteBufUtil.getBytes(block);
  }

  /** Sends a request without a body and waits for what becomes of it. */
  Outcome ask(Http2Headers headers) throws IOException {
    int stream = stream();
    frame(HEADERS, END_STREAM | END_HEADERS, stream, block(stream, headers)).flush();
    return outcome(stream);
  }

  Outcome outcome(int stream) throws IOException {
    int status = -1;
    Http2Headers headers = new DefaultHttp2Headers(false);
    StringBuilder body = new StringBuilder();
    while (true) {
      Frame frame;
      try {
        frame = read();
      } catch (EOFException | SSLException | java.net.SocketException end) {
        return new Outcome(status, body.toString(), -1, headers);
      }
      acknowledge(frame);
      if (frame.type() == HEADERS) {
        Http2Headers head = decode(frame);
        headers = frame.stream() == stream ? head : headers;
        status = frame.stream() == stream ? Integer.parseInt(head.status().toString()) : status;
      }
      if (frame.stream() == stream && frame.type() == DATA) {
        body.append(new String(frame.payload(), StandardCharsets.UTF_8));
      }
      if (frame.stream() == stream && frame.type() == RST_STREAM && status < 0) {
        return new Outcome(0, "", Unpooled.wrappedBuffer(frame.payload()).getInt(0), headers);
      }
      if (frame.stream() == stream
          && (frame.type() == HEADERS || frame.type() == DATA)
          && (frame.flags() & END_STREAM) != 0) {
        return new Outcome(status, body.toString(), -1, headers);
      }
    }
  }

  /** The next frame of that stream; what else comes is passed over. */
  Frame next(int stream) throws IOException {
    while (true) {
      Frame frame = read();
      acknowledge(frame);
      if (frame.type() == HEADERS) {
        // What later ones refer to is in it.
        decode(frame);
      }
      if (frame.stream() == stream) {
        return frame;
      }
    }
  }

  private void acknowledge(Frame frame) throws IOException {
    if (frame.type() == SETTINGS && (frame.flags() & ACK) == 0) {
      frame(SETTINGS, ACK, 0, new byte[0]).flush();
    }
  }

  private Http2Headers decode(Frame frame) throws IOException {
    int skipped = (frame.flags() & WITH_PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
    try {
      return decoder.decodeHeaders(
          frame.stream(), Unpooled.wrappedBuffer(frame.payload()).skipBytes(skipped));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  Frame read() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    return new Frame(type, flags, stream, in.readNBytes(length));
  }

  /** Reads on until the edge closes; the code of its last GOAWAY, or -1 without one. */
  int goAwayCodeAtEnd() throws IOException {
    int code = -1;
    try {
      while (true) {
        Frame frame = read();
        if (frame.type() == GOAWAY) {
          code = frame.goAwayCode();
        }
      }
    } catch (EOFException | SSLException | java.net.SocketException end) {
      return code;
    }
  }

  SSLSocket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** A header block that names each of these. */
  static Http2Headers with(Http2Headers headers, Map<String, String> more) {
    more.forEach(headers::add);
    return headers;
  }
}
