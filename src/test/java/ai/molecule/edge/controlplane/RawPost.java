package ai.molecule.edge.controlplane;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLSession;

/** A POST whose headers are written as they are, on a connection of its own. */
final class RawPost {
  private RawPost() {}

  static HttpResponse<String> send(
      int port, String path, String credential, List<String> idempotencyKeys, String body)
      throws IOException {
    StringBuilder text =
        new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    text.append("Authorization: Bearer ").append(credential).append("\r\n");
    idempotencyKeys.forEach(key -> text.append("Idempotency-Key: ").append(key).append("\r\n"));
    text.append("Content-Type: application/json\r\nContent-Length: ").append(body.length());
    text.append("\r\n\r\n").append(body);
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int head = all.indexOf("\r\n\r\n");
      int statusCode = Integer.parseInt(all.substring(9, 12));
      return new Read(statusCode, headers(all.substring(0, head)), all.substring(head + 4));
    }
  }

  private static HttpHeaders headers(String head) {
    Map<String, List<String>> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : head.split("\r\n", -1)) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        values
            .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>())
            .add(line.substring(colon + 2));
      }
    }
    return HttpHeaders.of(values, (name, value) -> true);
  }

  /** What came back. */
  private record Read(int statusCode, HttpHeaders headers, String body)
      implements HttpResponse<String> {
    @Override
    public HttpRequest request() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<HttpResponse<String>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return Optional.empty();
    }

    @Override
    public URI uri() {
      throw new UnsupportedOperationException();
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_1_1;
    }
  }
}
