package ai.molecule.edge.config;

import ai.molecule.edge.edge.RouteFile;
import ai.molecule.edge.edge.RouteTable;
import ai.molecule.edge.edge.RoutesConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: defaults, over them the file, over it the environment. The key {@code
 * a.b_c} is the variable {@code EDGE_A_B_C}; a secret may also come from the file that {@code
 * EDGE_A_B_C_FILE} names. Everything that is wrong is found in one go.
 */
public final class ConfigLoader {
  /** The file read when none is named, if it is there. */
  public static final String DEFAULT_FILE = "conf/edge.yaml";

  private static final String FILE_VARIABLE = "EDGE_CONFIG_FILE";

  /** Variables that are no key's: where the file is, and those of the commands that are clients. */
  private static final Set<String> NO_KEYS = Set.of(FILE_VARIABLE, "EDGE_URL", "EDGE_TOKEN");

  private static final int VALUE_CHARS_SHOWN = 80;

  private final Map<String, String> environment;
  private final Path workingDirectory;
  private final List<ConfigProblem> problems = new ArrayList<>();
  private final ConfigValues values = new ConfigValues();
  private final Map<String, String> variables = new TreeMap<>();
  private final TierKeys tiers = new TierKeys();

  /** What the configuration is for. */
  public enum Purpose {
    /** To serve with embedded stores where none are named. */
    SERVE,
    /** To serve where there are no embedded stores: both must be named. */
    SERVE_WITHOUT_EMBEDDED_STORES,
    /** To migrate the database, which must be named. */
    MIGRATE
  }

  private ConfigLoader(Map<String, String> environment, Path workingDirectory) {
    this.environment = environment;
    this.workingDirectory = workingDirectory;
  }

  /**
   * Loads and checks.
   *
   * @param named the file given on the command line; else EDGE_CONFIG_FILE, else the default one
   * @param environment all variables of the process
   * @param workingDirectory against which relative paths are taken
   * @throws ConfigException with everything that is wrong
   */
  public static LoadedConfig load(
      Optional<Path> named,
      Map<String, String> environment,
      Path workingDirectory,
      Purpose purpose) {
    return new ConfigLoader(environment, workingDirectory).load(named, purpose);
  }

  private LoadedConfig load(Optional<Path> named, Purpose purpose) {
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("EDGE_") && !NO_KEYS.contains(name)) {
            variables.put(name, value);
          }
        });
    readFile(named);
    readEnvironment();
    AdminSection.choose(values).ifPresent(problems::add);
    RoutesConfig routes = readRoutes();
    problems.addAll(ConfigRules.broken(values, purpose, sectionsWithProblems()));
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    Path dataDir = workingDirectory.resolve(values.get(TopSection.DATA_DIR));
    return new LoadedConfig(values, tiers.limits(), dataDir, routes);
  }

  /** The file named by default may be missing: then there are no routes until it comes. */
  private RoutesConfig readRoutes() {
    ConfigKey<String> key = TopSection.ROUTES_FILE;
    String name = values.get(key);
    Path path = workingDirectory.resolve(name);
    RouteTable table = RouteTable.EMPTY;
    try {
      if (!name.equals(key.byDefault()) || Files.exists(path)) {
        table = RouteFile.parse(RouteFile.read(path));
      }
    } catch (IOException e) {
      problem(key.name(), values.source(key.name()), "the file cannot be read: " + e);
    } catch (RouteFile.Refused refused) {
      refused.faults().forEach(fault -> problem(fault.pointer(), name, fault.message()));
    }
    return new RoutesConfig(Optional.of(path), table);
  }

  private void readFile(Optional<Path> named) {
    Optional<Path> path =
        named.or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)).map(Path::of));
    Path byDefault = workingDirectory.resolve(DEFAULT_FILE);
    ConfigFile file;
    try {
      if (path.isPresent()) {
        file = ConfigFile.read(workingDirectory.resolve(path.get()));
      } else {
        file = Files.exists(byDefault) ? ConfigFile.read(byDefault) : ConfigFile.none();
      }
    } catch (ConfigException e) {
      problems.addAll(e.problems());
      return;
    }
    file.nodes().forEach((name, node) -> readNode(file.path(), name, node));
    tiers.missing().forEach(name -> problem(name, file.path(), "is required"));
  }

  private void readNode(String path, String name, JsonNode node) {
    Optional<ConfigKey<?>> key = ConfigKeys.named(name);
    if (key.isPresent()) {
      readNode(path, key.get(), node);
    } else if (TierKeys.owns(name)) {
      readTier(path, name, node);
    } else if (ConfigKeys.isSection(name)) {
      if (!node.isObject()) {
        problem(name, path, "is a section: keys below it, one a line");
      }
    } else {
      problem(name, path, "is not a key" + Suggestion.of(name, ConfigKeys.names()));
    }
  }

  private void readTier(String path, String name, JsonNode node) {
    Optional<ConfigKey<Integer>> key = tiers.declare(name);
    if (key.isPresent()) {
      readNode(path, key.get(), node);
      values.find(key.get()).ifPresent(value -> tiers.set(name, value));
    } else {
      problem(name, path, TierKeys.FORM);
    }
  }

  private <T> void readNode(String path, ConfigKey<T> key, JsonNode node) {
    if (node.isNull()) {
      problem(key.name(), path, "has no value; allowed: " + key.kind().allowed());
      return;
    }
    Optional<T> value = key.kind().ofNode(node);
    if (value.isPresent()) {
      values.put(key, value.get(), path);
    } else {
      refuse(key, path, node.isContainerNode() ? node.getNodeType().toString() : node.toString());
    }
  }

  private void readEnvironment() {
    Set<String> known = new HashSet<>();
    List<ConfigKey<?>> keys = new ArrayList<>(ConfigKeys.ALL);
    keys.addAll(tiers.keys());
    for (ConfigKey<?> key : keys) {
      known.add(key.variable());
      if (key.secret()) {
        known.add(key.fileVariable());
      }
      readVariable(key);
    }
    tiers.keys().forEach(key -> values.find(key).ifPresent(value -> tiers.set(key.name(), value)));
    variables.keySet().stream()
        .filter(name -> !known.contains(name))
        .forEach(
            name -> problem(name, "environment", "is not a variable" + Suggestion.of(name, known)));
  }

  private <T> void readVariable(ConfigKey<T> key) {
    @Nullable String text = variables.get(key.variable());
    String source = key.variable();
    @Nullable String secretFile = key.secret() ? variables.get(key.fileVariable()) : null;
    if (secretFile != null) {
      if (text != null) {
        problem(key.name(), key.fileVariable(), "is given by " + key.variable() + " as well");
        return;
      }
      source = key.fileVariable();
      text = readSecret(key, secretFile);
    }
    if (text == null) {
      return;
    }
    Optional<T> value = key.kind().ofText(text);
    if (value.isPresent()) {
      values.put(key, value.get(), source);
    } else {
      refuse(key, source, '"' + text + '"');
    }
  }

  private @Nullable String readSecret(ConfigKey<?> key, String path) {
    try {
      return Files.readString(workingDirectory.resolve(path)).stripTrailing();
    } catch (IOException | RuntimeException e) {
      problem(key.name(), key.fileVariable(), "the file " + path + " cannot be read as text: " + e);
      return null;
    }
  }

  private void refuse(ConfigKey<?> key, String source, String value) {
    String shown = key.secret() ? "the secret given" : shortened(value);
    problem(key.name(), source, shown + " is not allowed; allowed: " + key.kind().allowed());
  }

  private static String shortened(String value) {
    return value.length() <= VALUE_CHARS_SHOWN
        ? value
        : value.substring(0, VALUE_CHARS_SHOWN) + "…";
  }

  private void problem(String key, String source, String message) {
    problems.add(new ConfigProblem(key, source, message));
  }

  private Set<String> sectionsWithProblems() {
    Set<String> sections = new HashSet<>();
    for (ConfigProblem problem : problems) {
      sections.add(ConfigKey.section(problem.key()));
    }
    return sections;
  }
}
