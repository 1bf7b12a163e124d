package ai.molecule.edge.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a running edge, one call at a time; each blocks until the answer is there or the time is up.
 * A call that changes nothing by being repeated is sent once more when its connection breaks.
 */
final class EdgeClient implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final long ANSWER_BYTES_MAX = 64L << 20;
  private static final int TRIES = 2;
  private static final long LOOK_MILLIS = 100;

  private final HttpClient http;
  private final String base;
  private final String token;
  private final Duration timeout;
  private final ProgressLine progress;

  /**
   * An answer.
   *
   * @param json the body; a missing node when there is none, or when it is no JSON
   * @param retryAfterSeconds from the header; 0 without one
   */
  record Reply(int status, String body, JsonNode json, long retryAfterSeconds) {
    boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  EdgeClient(String base, String token, Duration timeout, ProgressLine progress) {
    this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
    this.base = base;
    this.token = token;
    this.timeout = timeout;
    this.progress = progress;
  }

  /** Asks for {@code path}. Answers a success only. */
  Reply get(String path) throws CommandFailure {
    return get(path, Map.of());
  }

  /** The same; parameters without a value are left out. */
  Reply get(String path, Map<String, @Nullable String> parameters) throws CommandFailure {
    return succeeded(ask(path, parameters));
  }

  /** Asks for {@code path}, and answers whatever is answered. */
  Reply ask(String path) throws CommandFailure {
    return ask(path, Map.of());
  }

  private Reply ask(String path, Map<String, @Nullable String> parameters) throws CommandFailure {
    String query =
        parameters.entrySet().stream()
            .filter(entry -> entry.getValue() != null)
            .map(
                entry ->
                    entry.getKey() + "=" + ApiCollection.encoded(String.valueOf(entry.getValue())))
            .collect(Collectors.joining("&"));
    return send(request(query.isEmpty() ? path : path + "?" + query).GET().build(), TRIES);
  }

  /** Posts something that makes something: the same key makes it once, however often it is sent. */
  Reply post(String path, ObjectNode body, String idempotencyKey) throws CommandFailure {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .POST(BodyPublishers.ofString(body.toString()))
            .build();
    return succeeded(send(request, TRIES));
  }

  /** Deletes what is at {@code path}. Answers a success only. */
  Reply delete(String path) throws CommandFailure {
    return succeeded(send(request(path).DELETE().build(), TRIES));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(timeout)
        .header("Accept", "application/json, application/problem+json")
        .header("Authorization", "Bearer " + token);
  }

  private Reply send(HttpRequest request, int triesLeft) throws CommandFailure {
    try {
      HttpResponse<String> response = await(request);
      String body = response.body();
      long retryAfter =
          response
              .headers()
              .firstValue("Retry-After")
              .filter(text -> text.matches("[0-9]{1,6}"))
              .map(Long::parseLong)
              .orElse(0L);
      return new Reply(response.statusCode(), body, parsed(body), retryAfter);
    } catch (ConnectException e) {
      throw new CommandFailure(CliExit.NO_ANSWER, "nobody listens at " + base);
    } catch (IOException e) {
      if (triesLeft > 1) {
        return send(request, triesLeft - 1);
      }
      throw new CommandFailure(CliExit.NO_ANSWER, "no answer from " + base + ": " + e.getMessage());
    }
  }

  private HttpResponse<String> await(HttpRequest request) throws IOException, CommandFailure {
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX));
    long end = System.nanoTime() + timeout.toNanos();
    try {
      while (System.nanoTime() - end < 0) {
        try {
          return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          progress.show("waiting for " + base);
        }
      }
      throw new CommandFailure(
          CliExit.NO_ANSWER, "no answer from " + base + " in " + timeout.toSeconds() + " s");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(CliExit.NO_ANSWER, "interrupted");
    } finally {
      answer.cancel(true);
    }
  }

  private static JsonNode parsed(String body) {
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      return JSON.missingNode();
    }
  }

  private Reply succeeded(Reply reply) throws CommandFailure {
    if (!reply.isSuccess()) {
      throw refusal(reply);
    }
    if (!reply.body().isEmpty() && !reply.json().isObject()) {
      throw noEdge(reply);
    }
    return reply;
  }

  /** What a refusal says, in words; or that it was none of an edge. */
  CommandFailure refusal(Reply reply) {
    return ProblemText.of(reply.json(), reply.retryAfterSeconds())
        .map(text -> new CommandFailure(CliExit.REFUSED, text))
        .orElseGet(() -> noEdge(reply));
  }

  private CommandFailure noEdge(Reply reply) {
    return new CommandFailure(
        CliExit.NO_ANSWER, base + " answers " + reply.status() + " as no edge does; is it one?");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
