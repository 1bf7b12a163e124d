package ai.molecule.edge.ratelimit;

import ai.molecule.edge.stores.TestStores;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A blocking connection to the shared test Redis: one command, one answer (RESP 2). */
final class LuaConsole {
  private final OutputStream out;
  private final DataInputStream in;

  LuaConsole() {
    URI uri = URI.create(TestStores.redisUri());
    try {
      Socket socket = new Socket(uri.getHost(), uri.getPort());
      socket.setTcpNoDelay(true);
      out = socket.getOutputStream();
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The answer: Long, byte[], List, or null; an error answer is thrown. */
  Object ask(Object... words) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(ascii("*" + words.length + "\r\n"));
      for (Object word : words) {
        byte[] value = word instanceof byte[] raw ? raw : ascii(word.toString());
        bytes.writeBytes(ascii("$" + value.length + "\r\n"));
        bytes.writeBytes(value);
        bytes.writeBytes(ascii("\r\n"));
      }
      bytes.writeTo(out);
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Object read() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> ascii(rest);
      case '-' -> throw new IllegalStateException(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> array(Integer.parseInt(rest));
      default -> throw new IllegalStateException("unexpected: " + line);
    };
  }

  private byte[] bulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] value = in.readNBytes(length);
    in.skipNBytes(2);
    return value;
  }

  private List<Object> array(int length) throws IOException {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      values.add(read());
    }
    return values;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      line.append((char) c);
    }
    in.skipNBytes(1);
    return line.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
