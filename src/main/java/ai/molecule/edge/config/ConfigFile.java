package ai.molecule.edge.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration file, flattened: dotted names and their nodes. Sections are mappings one level
 * deep; {@code tiers} holds one mapping a tier.
 *
 * @param path for messages
 * @param nodes by dotted name, in the order of the file
 */
record ConfigFile(String path, Map<String, JsonNode> nodes) {
  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final int DEPTH_TIERS = 3;
  private static final int DEPTH_OTHERS = 2;

  /** No file. */
  static ConfigFile none() {
    return new ConfigFile("no file", Map.of());
  }

  /** Reads a file; what keeps it from being read at all is one problem under its own path. */
  static ConfigFile read(Path path) {
    String name = path.toString();
    try {
      JsonNode root = YAML.readTree(Files.readString(path));
      Map<String, JsonNode> nodes = new LinkedHashMap<>();
      if (root.isObject()) {
        flatten("", root, nodes);
      } else if (!root.isMissingNode() && !root.isNull()) {
        throw refused(name, "must be a mapping of sections");
      }
      return new ConfigFile(name, nodes);
    } catch (JsonProcessingException e) {
      // Not the parser's whole message: it may quote a secret.
      String where = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw refused(name, "is not valid YAML" + where + ": " + cause(e));
    } catch (IOException e) {
      throw refused(name, "cannot be read: " + e);
    }
  }

  private static String cause(JsonProcessingException e) {
    String text = String.valueOf(e.getOriginalMessage());
    return text.startsWith("Duplicate") ? text : "wrong indentation, quoting or punctuation";
  }

  private static ConfigException refused(String name, String message) {
    return new ConfigException(List.of(new ConfigProblem(name, "file", message)));
  }

  private static void flatten(String prefix, JsonNode node, Map<String, JsonNode> nodes) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = prefix + entry.getKey();
      JsonNode value = entry.getValue();
      int depth = name.split("\\.", -1).length;
      int depthMax = name.startsWith("tiers.") ? DEPTH_TIERS : DEPTH_OTHERS;
      if (value.isObject() && !value.isEmpty() && depth < depthMax) {
        flatten(name + ".", value, nodes);
      } else {
        nodes.put(name, value);
      }
    }
  }
}
