package ai.molecule.edge.edge;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The file with the routes, {@code conf/routes.yaml}: one list {@code routes} of mappings. Strict,
 * as all configuration: whatever is not understood is refused, all of it at once, each fault by a
 * JSON pointer. Reading it blocks.
 */
public final class RouteFile {
  /** Bytes that the file may have. */
  public static final int BYTES_MAX = 1 << 20;

  private static final int ROUTES_MAX = 1_000;
  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private RouteFile() {}

  /**
   * One thing wrong with the file.
   *
   * @param pointer a JSON pointer as a URI fragment, such as {@code #/routes/0/scope}
   * @param message what is wrong and what is allowed
   */
  public record Fault(String pointer, String message) {
    @Override
    public String toString() {
      return pointer + " " + message;
    }
  }

  /** The file is refused. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    Refused(List<Fault> faults) {
      super(String.join("; ", faults.stream().map(Fault::toString).toList()));
      this.faults = List.copyOf(faults);
    }

    /** Everything that is wrong, in the order of the file. */
    public List<Fault> faults() {
      return faults;
    }
  }

  /** The bytes of the file; fails when they are too many to be routes. */
  public static byte[] read(Path path) throws IOException {
    if (Files.size(path) > BYTES_MAX) {
      throw new IOException("the file has more than " + BYTES_MAX + " bytes");
    }
    return Files.readAllBytes(path);
  }

  /** The table that {@code yaml} describes. */
  public static RouteTable parse(byte[] yaml) throws Refused {
    JsonNode root = tree(yaml);
    if (root.isMissingNode() || root.isNull()) {
      return RouteTable.EMPTY;
    }
    List<Fault> faults = new ArrayList<>();
    if (!root.isObject()) {
      throw refused("#", "must be a mapping with the key routes");
    }
    for (Map.Entry<String, JsonNode> member : root.properties()) {
      if (!member.getKey().equals("routes")) {
        faults.add(new Fault("#/" + escaped(member.getKey()), "is not a key; allowed: routes"));
      }
    }
    JsonNode list = root.path("routes");
    if (!list.isArray() && !list.isMissingNode()) {
      faults.add(new Fault("#/routes", "must be a list of routes"));
    } else if (list.size() > ROUTES_MAX) {
      faults.add(new Fault("#/routes", "has more than " + ROUTES_MAX + " routes"));
    } else {
      return table(list, faults);
    }
    throw new Refused(faults);
  }

  private static JsonNode tree(byte[] yaml) throws Refused {
    try {
      return YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      String cause = String.valueOf(e.getOriginalMessage());
      throw refused("#", "is not valid YAML" + where + ": " + cause.lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw refused("#", "cannot be read: " + e);
    }
  }

  private static RouteTable table(JsonNode list, List<Fault> faults) throws Refused {
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String pointer = "#/routes/" + i;
      new RouteReader(pointer, list.get(i), faults).route().ifPresent(routes::add);
      if (faults.isEmpty()) {
        try {
          RouteTable.of(routes);
        } catch (IllegalArgumentException rivals) {
          faults.add(new Fault(pointer, String.valueOf(rivals.getMessage())));
        }
      }
    }
    if (!faults.isEmpty()) {
      throw new Refused(faults);
    }
    return RouteTable.of(routes);
  }

  private static Refused refused(String pointer, String message) {
    return new Refused(List.of(new Fault(pointer, message)));
  }

  /** A member's name as part of a JSON pointer (RFC 6901, section 3). */
  static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
