package ai.molecule.edge.app;

import static ai.molecule.edge.app.Commands.run;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.Commands.Ended;
import ai.molecule.edge.app.local.Ports;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands where there is no edge to ask, or nothing to ask it. */
class CommandLineTest {
  @TempDir static Path directory;

  private static Path token;

  @BeforeAll
  static void writeToken() throws IOException {
    token = Files.writeString(directory.resolve("admin"), EdgeNodes.ADMIN + "\n");
  }

  /** The keys' list, asked for at that URL. */
  private static Ended list(String url) {
    return run("keys", "list", "--url", url, "--token-file", token.toString());
  }

  @Test
  void whereNobodyListensItEndsWith3() throws Exception {
    Ended ended = list("http://127.0.0.1:" + Ports.scattered());
    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.err()).contains("nobody listens at http://127.0.0.1:");
  }

  @Test
  void whatIsNoEdgeEndsWith3() throws Exception {
    for (int status : new int[] {200, 502}) {
      HttpServer page = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      page.createContext("/", exchange -> answer(exchange, status));
      page.start();
      try {
        Ended ended = list("http://127.0.0.1:" + page.getAddress().getPort());
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err()).contains("answers " + status, "is it one?");
      } finally {
        page.stop(0);
      }
    }
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    byte[] body = "<html>".getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void aWrongLineEndsWith2AndShowsNoToken() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"keys"},
          {"keys", "create"},
          {"keys", "show"},
          {"orgs", "create", "x"},
          {"keys", "list", "--url", "ftp://example.com"},
          {"keys", "show", " "}
        }) {
      assertThat(run(wrong).code()).as(String.join(" ", wrong)).isEqualTo(2);
    }
    Path two = Files.writeString(directory.resolve("two"), "one-token and-another\n");
    Ended ended = run("keys", "list", "--token-file", two.toString());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).doesNotContain("and-another");
  }

  @Test
  void aConfigurationIsCheckedWithoutAStart() throws Exception {
    Path file = Files.writeString(directory.resolve("bad.yaml"), "http:\n  prot: 8080\n");
    Ended refused = run("--config", file.toString(), "config", "check");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("http.prot (", "did you mean http.port?");
    JsonObject json =
        new JsonObject(run("--config", file.toString(), "config", "check", "--json").out());
    assertThat(json.getBoolean("allowed")).isFalse();
    assertThat(json.getJsonArray("problems").getJsonObject(0).getString("key"))
        .isEqualTo("http.prot");
    assertThat(run("--config", "conf/edge.yaml", "config", "check").done().out())
        .contains("complete");
  }

  @Test
  void aCompletionScriptNamesEveryCommand() {
    assertThat(run("generate-completion").done().out()).contains("rotate", "--wait", "--git");
  }
}
