package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.reference.OpenApiDocument;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Drives a node from the API's description: whatever is sent, the answer is one that the document
 * has for the operation — its status, media type, headers and body — and never a 5xx. What the
 * document's schema refuses is never accepted.
 *
 * <p>{@code -Dedge.fuzz.calls=50000} makes it longer; {@code -Dedge.fuzz.seed} repeats a run.
 */
class OpenApiFuzzIT {
  private static final int CALLS = Integer.getInteger("edge.fuzz.calls", 1_500);
  private static final long SEED = Long.getLong("edge.fuzz.seed", System.nanoTime());
  private static final int FAILURES_TOLD = 20;

  /** Calls after which chance does not leave an operation undone. */
  private static final int ENOUGH_FOR_ALL = 50_000;

  private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Integer> seen = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();

  @Test
  void whateverIsSentTheAnswerIsOneThatIsDescribed() {
    try (EdgeNodes nodes = EdgeNodes.onSharedStores();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      DescribedCalls calls = new DescribedCalls(DOCUMENT, new Random(SEED), nodes.start());
      for (int i = 0; i < CALLS && failures.size() < FAILURES_TOLD; i++) {
        DescribedCalls.Call call = calls.next();
        HttpResponse<String> answer = send(client, call);
        judge(call, answer)
            .ifPresent(why -> failures.add(call.line() + "\n  " + why + "\n  " + answer.body()));
        seen.merge(call.operation().id() + " " + answer.statusCode(), 1, Integer::sum);
        calls.learn(call, answer);
      }
    }
    System.out.printf("%d calls, -Dedge.fuzz.seed=%d: %s%n", CALLS, SEED, seen);
    assertThat(failures).as("%d calls, -Dedge.fuzz.seed=%d", CALLS, SEED).isEmpty();
    if (CALLS >= ENOUGH_FOR_ALL) {
      assertThat(
              seen.keySet().stream()
                  .filter(key -> key.matches("\\w+ [23]\\d\\d"))
                  .map(key -> key.split(" ")[0])
                  .distinct())
          .as("operations that were done at least once")
          .hasSize(DOCUMENT.operations().size());
    }
  }

  /** A connection that the edge has just closed may be taken once more from the client's pool. */
  private static HttpResponse<String> send(HttpClient client, DescribedCalls.Call call) {
    try {
      try {
        return client.send(call.request().build(), BodyHandlers.ofString());
      } catch (IOException closed) {
        return client.send(call.request().build(), BodyHandlers.ofString());
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(call.line(), e);
    }
  }

  private static Optional<String> judge(DescribedCalls.Call call, HttpResponse<String> answer) {
    int status = answer.statusCode();
    JsonNode response = DOCUMENT.responses(call.operation()).get(Integer.toString(status));
    if (status >= 500 || response == null) {
      return Optional.of("answered " + status);
    }
    return headers(response, answer)
        .or(() -> body(response, answer))
        .or(() -> wronglyAccepted(call, status));
  }

  private static Optional<String> headers(JsonNode response, HttpResponse<String> answer) {
    for (Map.Entry<String, JsonNode> entry : response.path("headers").properties()) {
      JsonNode header = DOCUMENT.resolve(entry.getValue());
      Optional<String> value = answer.headers().firstValue(entry.getKey());
      if (value.isEmpty() && header.path("required").asBoolean()) {
        return Optional.of("lacks " + entry.getKey());
      }
      Optional<String> wrong =
          value.flatMap(text -> DOCUMENT.violation(header.path("schema"), typed(header, text)));
      if (wrong.isPresent()) {
        return Optional.of(entry.getKey() + ": " + wrong.get());
      }
    }
    return Optional.empty();
  }

  private static JsonNode typed(JsonNode header, String text) {
    return header.at("/schema/type").asText().equals("integer")
        ? JsonNodeFactory.instance.numberNode(Long.parseLong(text))
        : JsonNodeFactory.instance.textNode(text);
  }

  private static Optional<String> body(JsonNode response, HttpResponse<String> answer) {
    JsonNode described = response.path("content");
    if (described.isMissingNode()) {
      return answer.body().isEmpty() ? Optional.empty() : Optional.of("has a body");
    }
    String mediaType = answer.headers().firstValue("Content-Type").orElse("").split(";")[0];
    if (!described.has(mediaType)) {
      return Optional.of("is of media type " + mediaType);
    }
    if (!mediaType.endsWith("json")) {
      return Optional.empty();
    }
    try {
      return DOCUMENT.violation(
          described.path(mediaType).path("schema"), JSON.readTree(answer.body()));
    } catch (JsonProcessingException e) {
      return Optional.of("is no JSON: " + e.getMessage());
    }
  }

  private static Optional<String> wronglyAccepted(DescribedCalls.Call call, int status) {
    if (call.body() == null || status >= 300) {
      return Optional.empty();
    }
    JsonNode schema = call.operation().node().at("/requestBody/content/application~1json/schema");
    return DOCUMENT
        .violation(schema, call.body())
        .map(violation -> "accepted, though the document says " + violation);
  }
}
