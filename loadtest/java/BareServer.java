import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The floor: a bare Vert.x HttpServer that answers every request with one fixed answer, as a person would write it. Arguments: port, event
 * loops, and a file with the status, the headers, an empty line and the body.
 */
public final class BareServer extends VerticleBase {
  private final int port;
  private final int status;
  private final List<CharSequence[]> headers = new ArrayList<>();
  private final Buffer body;

  private BareServer(int port, byte[] answer) {
    this.port = port;
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\n\n");
    String[] head = text.substring(0, end).split("\n");
    status = Integer.parseInt(head[0]);
    for (int i = 1; i < head.length; i++) {
      int colon = head[i].indexOf(": ");
      headers.add(new CharSequence[] {HttpHeaders.createOptimized(head[i].substring(0, colon)), HttpHeaders.createOptimized(head[i].substring(colon + 2))});
    }
    body = Buffer.buffer(text.substring(end + 2).getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public Future<?> start() {
    return vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port).setHttp2ClearTextEnabled(false).setTcpNoDelay(true))
        .requestHandler(
            request -> {
              HttpServerResponse response = request.response().setStatusCode(status);
              for (CharSequence[] header : headers) {
                response.putHeader(header[0], header[1]);
              }
              response.end(body);
            })
        .listen();
  }

  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(arguments[0]);
    int loops = Integer.parseInt(arguments[1]);
    byte[] answer = Files.readAllBytes(Path.of(arguments[2]));
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true));
    System.err.println("native transport: " + vertx.isNativeTransportEnabled());
    vertx.deployVerticle(() -> new BareServer(port, answer), new DeploymentOptions().setInstances(loops)).await();
  }
}
