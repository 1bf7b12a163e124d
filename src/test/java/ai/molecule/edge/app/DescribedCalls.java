package ai.molecule.edge.app;

import ai.molecule.edge.reference.OpenApiDocument;
import ai.molecule.edge.reference.OpenApiDocument.Operation;
import ai.molecule.edge.reference.SchemaValues;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls as the API's description allows them, and calls that are wrong in one way or another:
 * credentials, path, query, headers and body. It remembers what answers made, so that later calls
 * are about things that are there.
 */
final class DescribedCalls {
  private static final int REMEMBERED_MAX = 40;

  private final OpenApiDocument document;
  private final RandomGenerator random;
  private final SchemaValues values;
  private final RunningNode edge;
  private final List<Operation> operations;
  private final List<String> places = new ArrayList<>();
  private final List<String> credentials = new ArrayList<>();
  private final List<Workspace> workspaces = new ArrayList<>();
  private String mighty;

  /** One call: what is sent, and the JSON body in it if it is one. */
  record Call(
      Operation operation, String line, HttpRequest.Builder request, @Nullable JsonNode body) {}

  /** A workspace and a token of its own. */
  private record Workspace(String id, String token) {}

  DescribedCalls(OpenApiDocument document, RandomGenerator random, RunningNode edge) {
    this.document = document;
    this.random = random;
    this.values = new SchemaValues(document, random);
    this.edge = edge;
    this.operations = document.operations();
    this.mighty = newMightyKey();
  }

  /** A key with every scope and room for all calls. */
  private String newMightyKey() {
    List<String> scopes =
        document
            .root()
            .at("/components/schemas/Scope/enum")
            .valueStream()
            .map(JsonNode::asText)
            .toList();
    return edge.create(RunningNode.body(scopes.toArray(String[]::new))).secret();
  }

  /** The next call. */
  Call next() {
    Operation operation = operation();
    Workspace workspace =
        workspaces.isEmpty() ? null : workspaces.get(random.nextInt(workspaces.size()));
    String target = path(operation, workspace) + query(operation);
    String credential = credential(operation, workspace);
    HttpRequest.Builder request =
        edge.request(operation.method().toUpperCase(Locale.ROOT), target, credential);
    if (operation.parametersIn("header").contains("Idempotency-Key") && random.nextInt(3) == 0) {
      request.header("Idempotency-Key", oneOf("again", "a b", UUID.randomUUID().toString()));
    }
    if (random.nextInt(4) == 0) {
      request.header("X-Request-Id", oneOf("mine-1", "not fit", "x".repeat(200)));
    }
    JsonNode body = body(operation, request);
    String line = operation.route() + " as " + target + (body == null ? "" : " " + body);
    return new Call(operation, line, request, body);
  }

  /** Any, but those that end something less often, so that there is something to call. */
  private Operation operation() {
    Operation operation = operations.get(random.nextInt(operations.size()));
    boolean ends = operation.method().equals("delete") || operation.path().endsWith("/suspend");
    return ends && random.nextInt(4) > 0 ? operation() : operation;
  }

  private @Nullable String credential(Operation operation, @Nullable Workspace workspace) {
    int dice = random.nextInt(20);
    if (dice < 15 && workspace != null && operation.credentials().contains("workspaceToken")) {
      return workspace.token();
    } else if (dice < 7) {
      return EdgeNodes.ADMIN;
    } else if (dice < 16) {
      return mighty;
    } else if (dice < 18 && !credentials.isEmpty()) {
      return credentials.get(random.nextInt(credentials.size()));
    }
    return random.nextBoolean() ? null : oneOf("none", "mol_pk_live_wrong", "x".repeat(40));
  }

  /** The path of something that is there, where one is known, or one made up. */
  private String path(Operation operation, @Nullable Workspace workspace) {
    boolean own = workspace != null && operation.credentials().contains("workspaceToken");
    String mine = own ? "/workspaces/" + workspace.id() : "/";
    List<String> known =
        Stream.concat(places.stream(), own ? Stream.of(mine) : Stream.empty())
            .filter(place -> place.startsWith(mine) && leads(place, operation.path()))
            .toList();
    String[] segments = operation.path().split("/", -1);
    String[] place =
        known.isEmpty() || random.nextInt(10) > 7
            ? new String[0]
            : known.get(random.nextInt(known.size())).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (segments[i].startsWith("{")) {
        String name = segments[i].substring(1, segments[i].length() - 1);
        segments[i] = i < place.length ? place[i] : encoded(variable(operation, name));
      }
    }
    return String.join("/", segments);
  }

  /** Whether a place binds every variable of a template. */
  private static boolean leads(String place, String template) {
    String[] there = place.split("/", -1);
    String[] wanted = template.split("/", -1);
    for (int i = 0; i < wanted.length; i++) {
      boolean variable = wanted[i].startsWith("{");
      if (variable ? i >= there.length : i < there.length && !there[i].equals(wanted[i])) {
        return false;
      }
    }
    return true;
  }

  private String variable(Operation operation, String name) {
    String odd = values.oddText();
    JsonNode schema =
        operation.parameters().stream()
            .filter(each -> each.path("name").asText().equals(name))
            .findFirst()
            .orElseThrow()
            .path("schema");
    boolean fits = random.nextBoolean() || odd.isEmpty() || odd.length() > 100;
    return fits ? values.of(schema).asText() : odd;
  }

  private String query(Operation operation) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    for (JsonNode parameter : operation.parameters()) {
      if (parameter.path("in").asText().equals("query") && random.nextInt(10) < 3) {
        String value =
            random.nextInt(3) == 0
                ? values.oddText()
                : values.of(parameter.path("schema")).asText();
        query.add(parameter.path("name").asText() + "=" + encoded(value));
      }
    }
    if (random.nextInt(25) == 0) {
      query.add(encoded(values.oddText()) + "=1");
    }
    return query.toString();
  }

  private @Nullable JsonNode body(Operation operation, HttpRequest.Builder request) {
    JsonNode schema = operation.node().at("/requestBody/content/application~1json/schema");
    if (schema.isMissingNode()) {
      return null;
    }
    String method = operation.method().toUpperCase(Locale.ROOT);
    if (random.nextInt(20) == 0) {
      request.header("Content-Type", oneOf("text/plain", "application/xml", "application/json"));
      request.method(
          method, BodyPublishers.ofString(oneOf("", "{", "[]", "\"text\"", "{\"a\":1,\"a\":2}")));
      return null;
    }
    JsonNode body = values.of(schema);
    for (int i = random.nextInt(5) - 2; i > 0; i--) {
      body = values.spoiled(body);
    }
    request.header("Content-Type", "application/json");
    request.method(method, BodyPublishers.ofString(body.toString()));
    return body;
  }

  /** Takes note of what an answer made or ended. */
  void learn(Call call, HttpResponse<String> answer) {
    if (answer.statusCode() == 201) {
      JsonObject made = new JsonObject(answer.body());
      answer.headers().firstValue("Location").ifPresent(place -> remember(places, place));
      if (made.getString("key") != null) {
        remember(credentials, made.getString("key"));
      }
      if (made.getString("token") != null) {
        String workspace = made.getString("workspace_id", made.getString("id"));
        remember(workspaces, new Workspace(workspace, made.getString("token")));
      }
    } else if (call.line().startsWith("GET") && answer.body().startsWith("{\"data\":[{\"id\"")) {
      String path = answer.uri().getPath();
      new JsonObject(answer.body())
          .getJsonArray("data")
          .forEach(item -> remember(places, path + "/" + ((JsonObject) item).getString("id")));
    } else if (edge.use(mighty).statusCode() != 200) {
      mighty = newMightyKey();
    }
  }

  private <T> void remember(List<T> known, T value) {
    if (known.size() == REMEMBERED_MAX) {
      known.set(random.nextInt(known.size()), value);
    } else {
      known.add(value);
    }
  }

  private String oneOf(String... texts) {
    return texts[random.nextInt(texts.length)];
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
