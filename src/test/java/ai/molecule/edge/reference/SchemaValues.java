package ai.molecule.edge.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Values under a schema of the API's description, and values beside it. What is made is mostly
 * valid: strings under a pattern are examples of the schema, which mutation then spoils.
 */
public final class SchemaValues {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> ODD_TEXTS =
      List.of(
          "",
          " ",
          "\u0000",
          "a\u0000b",
          "é",
          "😀",
          "\u202e",
          "'; DROP TABLE orgs; --",
          "${jndi:x}",
          "../../etc/passwd",
          "%00",
          "null",
          "true",
          "-1",
          "x".repeat(5_000),
          "\n\r",
          "<script>",
          "\ud800",
          "İ",
          "ſ");
  private static final List<String> LETTERS =
      List.of("a", "b", "z", "0", "9", "-", "_", " ", ".", "é", "漢", "😀");

  private final OpenApiDocument document;
  private final RandomGenerator random;

  /** Values under the schemas of that document. */
  public SchemaValues(OpenApiDocument document, RandomGenerator random) {
    this.document = document;
    this.random = random;
  }

  /** A value that is mostly valid under that schema. */
  public JsonNode of(JsonNode unresolved) {
    JsonNode schema = document.resolve(unresolved);
    for (String choice : List.of("oneOf", "anyOf")) {
      if (schema.has(choice)) {
        return of(any(schema.path(choice)));
      }
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    if (schema.has("enum")) {
      return any(schema.path("enum"));
    }
    if (schema.path("examples").isArray() && random.nextInt(3) > 0) {
      return any(schema.path("examples"));
    }
    return switch (type(schema)) {
      case "object" -> object(schema);
      case "array" -> array(schema);
      case "integer" -> NODES.numberNode(integer(schema));
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "null" -> NODES.nullNode();
      default -> NODES.textNode(text(schema));
    };
  }

  private String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    return type.isArray() ? any(type).asText() : type.asText("string");
  }

  private JsonNode any(JsonNode array) {
    return array.get(random.nextInt(array.size()));
  }

  private ObjectNode object(JsonNode schema) {
    ObjectNode object = NODES.objectNode();
    List<String> required = schema.path("required").valueStream().map(JsonNode::asText).toList();
    for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
      if (required.contains(member.getKey()) || random.nextInt(10) < 3) {
        object.set(member.getKey(), of(member.getValue()));
      }
    }
    if (schema.path("additionalProperties").isObject()) {
      for (int i = random.nextInt(4); i > 0; i--) {
        object.set(letters(1, 12), of(schema.path("additionalProperties")));
      }
    }
    return object;
  }

  private ArrayNode array(JsonNode schema) {
    ArrayNode array = NODES.arrayNode();
    for (int i = schema.path("minItems").asInt(0) + random.nextInt(4); i > 0; i--) {
      array.add(of(schema.path("items")));
    }
    return array;
  }

  private long integer(JsonNode schema) {
    long min = schema.path("minimum").asLong(0);
    long max = schema.path("maximum").asLong(1_000);
    return switch (random.nextInt(4)) {
      case 0 -> min;
      case 1 -> max;
      default -> random.nextLong(min, max + 1);
    };
  }

  private String text(JsonNode schema) {
    String pattern = schema.path("pattern").asText();
    if (pattern.startsWith("^[a-z](-?")) {
      return "org-" + Long.toString(random.nextLong(1L << 60), 36);
    }
    if (schema.path("format").asText().equals("uuid")) {
      return new UUID(random.nextLong(), random.nextLong()).toString();
    }
    if (!pattern.isEmpty() && schema.path("examples").isArray()) {
      return any(schema.path("examples")).asText();
    }
    int min = schema.path("minLength").asInt(0);
    int max = Math.min(schema.path("maxLength").asInt(40), 600);
    return letters(min, random.nextInt(5) == 0 ? max : Math.min(max, min + 20));
  }

  private String letters(int min, int max) {
    StringBuilder text = new StringBuilder();
    for (int i = min + random.nextInt(max - min + 1); i > 0; i--) {
      text.append(LETTERS.get(random.nextInt(LETTERS.size())));
    }
    return text.toString();
  }

  /** A text that somebody could send in place of any other. */
  public String oddText() {
    return ODD_TEXTS.get(random.nextInt(ODD_TEXTS.size()));
  }

  /** The value with one thing changed, somewhere in it; often no longer valid. */
  public JsonNode spoiled(JsonNode value) {
    JsonNode copy = value.deepCopy();
    List<JsonNode> containers = new ArrayList<>();
    collect(copy, containers);
    if (containers.isEmpty() || random.nextInt(12) == 0) {
      return odd();
    }
    JsonNode where = containers.get(random.nextInt(containers.size()));
    if (where instanceof ObjectNode object) {
      spoil(object);
    } else if (where instanceof ArrayNode array) {
      array.insert(random.nextInt(array.size() + 1), odd());
    }
    return copy;
  }

  private void spoil(ObjectNode object) {
    List<String> names = object.properties().stream().map(Map.Entry::getKey).toList();
    if (names.isEmpty() || random.nextInt(4) == 0) {
      object.set(random.nextBoolean() ? oddText() : "unknown", odd());
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    if (random.nextInt(4) == 0) {
      object.remove(name);
    } else {
      object.set(name, odd());
    }
  }

  private void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private JsonNode odd() {
    return switch (random.nextInt(10)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(-1);
      case 2 -> NODES.numberNode(Long.MAX_VALUE);
      case 3 -> NODES.numberNode(0.5);
      case 4 -> NODES.numberNode(new java.math.BigDecimal("1e400"));
      case 5 -> NODES.booleanNode(random.nextBoolean());
      case 6 -> NODES.arrayNode().add(oddText());
      case 7 -> NODES.objectNode().put(oddText(), 1);
      default -> NODES.textNode(oddText());
    };
  }
}
