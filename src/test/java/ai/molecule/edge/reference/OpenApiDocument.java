package ai.molecule.edge.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** The API's description, as the edge serves it, with its references resolved on the way. */
public final class OpenApiDocument {
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  private final JsonNode root;
  private final JsonSchemaFactory schemas =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private final Map<JsonNode, JsonSchema> compiled = new ConcurrentHashMap<>();

  private OpenApiDocument(JsonNode root) {
    this.root = root;
  }

  /** Reads it, refusing repeated members. */
  public static OpenApiDocument load() {
    ObjectMapper yaml =
        new ObjectMapper(
            YAMLFactory.builder().enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL).build());
    yaml.enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    try (InputStream in = ReferenceFiles.class.getResourceAsStream("openapi.yaml")) {
      return new OpenApiDocument(yaml.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One method of one path. */
  public record Operation(String path, String method, JsonNode node, List<JsonNode> parameters) {
    /** Its {@code operationId}. */
    public String id() {
      return node.path("operationId").asText();
    }

    /** {@code GET /path}. */
    public String route() {
      return method.toUpperCase(java.util.Locale.ROOT) + " " + path;
    }

    /** The scopes that a key needs. */
    public List<String> scopes() {
      return node.path("x-scopes").valueStream().map(JsonNode::asText).toList();
    }

    /** The names of its parameters in that place. */
    public List<String> parametersIn(String place) {
      return parameters.stream()
          .filter(parameter -> parameter.path("in").asText().equals(place))
          .map(parameter -> parameter.path("name").asText())
          .toList();
    }

    /** The security schemes of which any one will do; none for a route that is for everyone. */
    public Set<String> credentials() {
      Set<String> names = new java.util.TreeSet<>();
      node.path("security").forEach(each -> each.fieldNames().forEachRemaining(names::add));
      return names;
    }
  }

  /** The whole document. */
  public JsonNode root() {
    return root;
  }

  /** Every operation, in the document's order. */
  public List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    root.path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        member -> {
                          if (METHODS.contains(member.getKey())) {
                            operations.add(
                                new Operation(
                                    path.getKey(),
                                    member.getKey(),
                                    member.getValue(),
                                    parameters(path.getValue(), member.getValue())));
                          }
                        }));
    return operations;
  }

  private List<JsonNode> parameters(JsonNode pathItem, JsonNode operation) {
    List<JsonNode> parameters = new ArrayList<>();
    pathItem.path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
    operation.path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
    return parameters;
  }

  /** The operation of that id. */
  public Operation operation(String id) {
    return operations().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  /** What a reference leads to; the node itself when it is none. */
  public JsonNode resolve(JsonNode node) {
    JsonNode found = node;
    while (found.has("$ref")) {
      String reference = found.path("$ref").asText();
      found = root.at(reference.substring(1));
      if (!reference.startsWith("#/") || found.isMissingNode()) {
        throw new AssertionError("leads nowhere: " + reference);
      }
    }
    return found;
  }

  /** The responses of an operation by status. */
  public Map<String, JsonNode> responses(Operation operation) {
    Map<String, JsonNode> responses = new LinkedHashMap<>();
    operation
        .node()
        .path("responses")
        .properties()
        .forEach(each -> responses.put(each.getKey(), resolve(each.getValue())));
    return responses;
  }

  /** What is wrong with a value under a schema of this document; empty when nothing is. */
  public Optional<String> violation(JsonNode schema, JsonNode value) {
    var messages = compiled.computeIfAbsent(schema, this::compile).validate(value);
    return messages.isEmpty() ? Optional.empty() : Optional.of(messages.toString());
  }

  /** The schema with the document's components beside it, which is where its references lead. */
  private JsonSchema compile(JsonNode schema) {
    ObjectNode alone = JsonNodeFactory.instance.objectNode();
    alone.set("components", root.path("components"));
    alone.putArray("allOf").add(schema);
    return schemas.getSchema(alone);
  }

  /** Shows {@code visitor} a node and everything below it, each with where it stands. */
  static void walk(JsonNode node, String at, BiConsumer<String, JsonNode> visitor) {
    visitor.accept(at, node);
    if (node.isObject()) {
      node.properties()
          .forEach(member -> walk(member.getValue(), at + "/" + member.getKey(), visitor));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        walk(node.get(i), at + "/" + i, visitor);
      }
    }
  }
}
