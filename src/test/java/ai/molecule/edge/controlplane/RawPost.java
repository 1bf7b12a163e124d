package ai.molecule.edge.controlplane;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      return new Read(Integer.parseInt(all.substring(9, 12)), all.substring(head + 4));
    }
  }

  /** What came back. */
  private record Read(int statusCode, String body) implements HttpResponse<String> {
    @Override
    public HttpRequest request() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<HttpResponse<String>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(Map.of(), (name, value) -> true);
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
