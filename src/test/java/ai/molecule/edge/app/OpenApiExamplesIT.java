package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.documents.PrintedResult;
import ai.molecule.edge.reference.OpenApiDocument;
import ai.molecule.edge.reference.OpenApiDocument.Operation;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The examples of the API's description are one story, told in order against a running edge. A
 * request example and a response example of one name belong together.
 */
class OpenApiExamplesIT {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
  private static final String ADDRESS_IN_EXAMPLES = "https://edge.example";

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode edge;

  private final Map<String, String> variables = new HashMap<>(Map.of("slug", "northwind"));
  private final TreeSet<String> replayed = new TreeSet<>();

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    edge = nodes.start();
  }

  @Test
  void everyExampleIsWhatTheEdgeAnswers() {
    replay("createKey", "unknownScope", EdgeNodes.ADMIN);
    JsonObject made = replay("createKey", "partnerWide", EdgeNodes.ADMIN);
    String key = made.getString("key");
    variables.put("id", made.getString("id"));
    replay("createKey", "ephemeralOrg", EdgeNodes.ADMIN);
    replay("getKey", "shown", EdgeNodes.ADMIN);
    replay("editKey", "narrowed", EdgeNodes.ADMIN);
    replay("getOwnKey", "own", key);

    String webhook = replay("createWebhook", "lifecycle", EdgeNodes.ADMIN).getString("id");
    variables.put("id", webhook);
    replay("getWebhook", "shown", EdgeNodes.ADMIN);
    replay("createOrg", "whiteLabel", key);
    await().until(() -> status("northwind").equals("running"));
    variables.put("delivery", triedDelivery(webhook));
    replay("replayDelivery", "shown", EdgeNodes.ADMIN);
    replay("getOrg", "shown", key);
    replay("getProvisionStatus", "ready", key);
    variables.put("id", replay("addMember", "owner", key).getString("id"));
    replay("getMember", "shown", key);
    replay("listMembers", "listed", key);
    JsonObject workspace = replay("createWorkspace", "laptop", key);
    variables.put("id", workspace.getString("id"));
    replay("getWorkspace", "shown", key);
    replay("editWorkspace", "paused", key);
    replay("sendHeartbeat", "working", workspace.getString("token"));
    replay("getWorkspaceState", "working", workspace.getString("token"));
    replay("issueWorkspaceToken", "another", key);
    replay("getUsage", "used", key);
    replay("editOrg", "grown", key);
    replay("suspendOrg", "suspended", key);
    replay("resumeOrg", "resumed", key);
    replay("deleteOrg", "going", key);

    variables.put("id", made.getString("id"));
    replay("rotateKey", "anHour", key);
    assertThat(replayed).containsExactlyElementsOf(examples());
  }

  /** A delivery that was tried; nobody answers at the address in the examples. */
  private static String triedDelivery(String webhook) {
    String path = "/cp/webhooks/" + webhook + "/deliveries";
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                new JsonObject(edge.send("GET", path, EdgeNodes.ADMIN, null).body())
                    .getJsonArray("data").stream()
                        .map(JsonObject.class::cast)
                        .filter(each -> each.getInteger("attempts") > 0)
                        .filter(each -> each.getJsonObject("event").encode().contains("northwind"))
                        .findFirst()
                        .orElse(null),
            Objects::nonNull)
        .getString("id");
  }

  private static String status(String slug) {
    String body = edge.send("GET", "/cp/orgs/" + slug, EdgeNodes.ADMIN, null).body();
    return new JsonObject(body).getString("status");
  }

  /** Sends the example of that name and holds the answer to the example of that name. */
  private JsonObject replay(String operationId, String example, @Nullable String credential) {
    Operation operation = DOCUMENT.operation(operationId);
    Map.Entry<String, JsonNode> answer = answer(operation, example);
    JsonNode body =
        DOCUMENT
            .resolve(
                operation.node().at("/requestBody/content/application~1json/examples/" + example))
            .path("value");
    if (body.isMissingNode()) {
      body = answer.getValue().path("x-request");
    }
    HttpResponse<String> actual = send(operation, credential, body);
    String where = operationId + " " + example;
    String text = actual.body().replace("http://127.0.0.1:" + edge.port(), ADDRESS_IN_EXAMPLES);
    assertThat(Integer.toString(actual.statusCode())).as(where + text).isEqualTo(answer.getKey());
    PrintedResult.difference("json", answer.getValue().path("value").toString(), text)
        .ifPresent(
            difference -> {
              throw new AssertionError(where + ": " + difference);
            });
    replayed.add(operationId + " " + answer.getKey() + " " + example);
    return new JsonObject(actual.body());
  }

  private HttpResponse<String> send(
      Operation operation, @Nullable String credential, JsonNode body) {
    String path = operation.path();
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      path = path.replace("{" + variable.getKey() + "}", variable.getValue());
    }
    var request =
        edge.request(operation.method().toUpperCase(java.util.Locale.ROOT), path, credential);
    if (!body.isMissingNode()) {
      request.header("Content-Type", "application/json");
      request.method(
          operation.method().toUpperCase(java.util.Locale.ROOT),
          BodyPublishers.ofString(body.toString()));
    }
    return RunningNode.send(request);
  }

  private static Map.Entry<String, JsonNode> answer(Operation operation, String example) {
    for (Map.Entry<String, JsonNode> response : DOCUMENT.responses(operation).entrySet()) {
      for (JsonNode content : response.getValue().path("content")) {
        if (content.path("examples").has(example)) {
          return Map.entry(
              response.getKey(), DOCUMENT.resolve(content.path("examples").path(example)));
        }
      }
    }
    throw new AssertionError(operation.id() + " answers nothing named " + example);
  }

  /** Every example that stands with an operation; those of problems are the renderer's. */
  private static List<String> examples() {
    List<String> all = new ArrayList<>();
    for (Operation operation : DOCUMENT.operations()) {
      operation
          .node()
          .path("responses")
          .properties()
          .forEach(
              response ->
                  response
                      .getValue()
                      .path("content")
                      .forEach(
                          content ->
                              content
                                  .path("examples")
                                  .fieldNames()
                                  .forEachRemaining(
                                      name ->
                                          all.add(
                                              operation.id()
                                                  + " "
                                                  + response.getKey()
                                                  + " "
                                                  + name))));
      operation
          .node()
          .path("requestBody")
          .path("content")
          .forEach(
              content ->
                  content
                      .path("examples")
                      .fieldNames()
                      .forEachRemaining(
                          name ->
                              all.add(
                                  operation.id()
                                      + " "
                                      + answer(operation, name).getKey()
                                      + " "
                                      + name)));
    }
    return List.copyOf(new TreeSet<>(all));
  }
}
