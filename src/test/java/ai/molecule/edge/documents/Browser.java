package ai.molecule.edge.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, spoken to over its DevTools protocol: what it asked of the
 * network, what its console says, and what it looks like.
 */
public final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path profile;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> requested = Collections.synchronizedList(new ArrayList<>());
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  private WebSocket socket;

  private Browser(Process process, Path profile) {
    this.process = process;
    this.profile = profile;
  }

  /** The browser of this machine, if it has one. */
  public static Optional<Path> installed() {
    return CommandLineTool.find("chromium", "chromium-browser", "google-chrome", "chrome");
  }

  /** Starts it with a profile in that directory and a window of that size. */
  public static Browser start(Path program, Path directory, int width, int height)
      throws IOException, InterruptedException {
    Path said = directory.resolve("chromium.txt");
    Path profile = directory.resolve("profile");
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-breakpad",
                "--hide-scrollbars",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--window-size=" + width + "," + height,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    Browser browser = new Browser(process, profile);
    try {
      browser.connect(profile.resolve("DevToolsActivePort"), said);
    } catch (RuntimeException | Error e) {
      browser.close();
      throw e;
    }
    return browser;
  }

  private void connect(Path portFile, Path said) throws IOException, InterruptedException {
    org.awaitility.Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> {
              if (!process.isAlive()) {
                throw new AssertionError(Files.readString(said));
              }
              return Files.exists(portFile) && Files.readAllLines(portFile).size() >= 2;
            });
    String port = Files.readAllLines(portFile).getFirst();
    HttpClient client = HttpClient.newHttpClient();
    String pages =
        client
            .send(
                java.net.http.HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/json/list"))
                    .build(),
                java.net.http.HttpResponse.BodyHandlers.ofString())
            .body();
    String page =
        JSON.readTree(pages)
            .valueStream()
            .filter(each -> each.path("type").asText().equals("page"))
            .findFirst()
            .orElseThrow()
            .path("webSocketDebuggerUrl")
            .asText();
    socket = client.newWebSocketBuilder().buildAsync(URI.create(page), new Listener()).join();
    call("Network.enable", Map.of());
    call("Log.enable", Map.of());
    call("Runtime.enable", Map.of());
    call("Page.enable", Map.of());
  }

  /** Takes the browser's messages apart. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        take(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void take(String message) {
    JsonNode node;
    try {
      node = JSON.readTree(message);
    } catch (IOException e) {
      throw new AssertionError(message, e);
    }
    if (node.has("id")) {
      CompletableFuture<JsonNode> waiting = answers.remove(node.path("id").asInt());
      if (waiting != null) {
        waiting.complete(node.path("result"));
      }
      return;
    }
    switch (node.path("method").asText()) {
      case "Network.requestWillBeSent" -> requested.add(node.at("/params/request/url").asText());
      case "Log.entryAdded" -> complaints.add(node.at("/params/entry").toString());
      case "Runtime.exceptionThrown" -> complaints.add(node.at("/params").toString());
      default -> {
        // Not asked about.
      }
    }
  }

  private JsonNode call(String method, Map<String, Object> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    socket.sendText(message.toString(), true).join();
    return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Opens a page. */
  public void open(String url) {
    call("Page.navigate", Map.of("url", url));
  }

  /** What a script says in the page, as text. */
  public String evaluate(String script) {
    return call("Runtime.evaluate", Map.of("expression", script, "returnByValue", true))
        .at("/result/value")
        .asText();
  }

  /** Waits until a script is true in the page. */
  public void awaitTrue(String script) {
    org.awaitility.Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> evaluate(script).equals("true"));
  }

  /** Every address that the page asked for. */
  public List<String> requested() {
    return List.copyOf(requested);
  }

  /** What the console says went wrong: refused loads, exceptions. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** A picture of the window, as PNG. */
  public byte[] screenshot() {
    String data = call("Page.captureScreenshot", Map.of("format", "png")).path("data").asText();
    return Base64.getDecoder().decode(data);
  }

  /**
   * Ends every process of the browser and waits until none is left: one that goes on writes into
   * the profile while its directory is being deleted.
   */
  @Override
  public void close() {
    if (socket != null) {
      socket.abort();
    }
    for (List<ProcessHandle> left = processes(); !left.isEmpty(); left = processes()) {
      left.forEach(ProcessHandle::destroyForcibly);
      CompletableFuture.allOf(
              left.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
          .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .join();
    }
  }

  /** Those that began under ours, and those that left it but still name the profile. */
  private List<ProcessHandle> processes() {
    Stream<ProcessHandle> named =
        ProcessHandle.allProcesses()
            .filter(
                each ->
                    each.info()
                        .commandLine()
                        .filter(it -> it.contains(profile.toString()))
                        .isPresent());
    return Stream.of(Stream.of(process.toHandle()), process.descendants(), named)
        .flatMap(each -> each)
        .filter(ProcessHandle::isAlive)
        .distinct()
        .toList();
  }
}
