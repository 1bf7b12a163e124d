package ai.molecule.edge.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One job of a GitHub Actions workflow, run on this machine as the runner would: its {@code run}
 * steps in bash, its own composite actions, expressions that name a value, outputs and environment
 * through files, masks, and {@code if: always()}. What it does not know it refuses.
 */
public final class WorkflowRun {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Pattern EXPRESSION = Pattern.compile("\\$\\{\\{\\s*([\\w.-]+)\\s*}}");
  private static final String MASK = "::add-mask::";
  private static final int SECONDS_MAX = 120;

  private final Path actions;
  private final Path workspace;
  private final Map<String, String> contexts;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final TreeSet<String> masks = new TreeSet<>();
  private final StringBuilder log = new StringBuilder();
  private boolean failed;

  private WorkflowRun(Path actions, Path workspace, Map<String, String> contexts) {
    this.actions = actions;
    this.workspace = workspace;
    this.contexts = new HashMap<>(contexts);
  }

  /**
   * Runs the steps of that job.
   *
   * @param workspace the working directory of the steps
   * @param contexts values of expressions, such as {@code secrets.PARTNER_KEY}
   */
  public static WorkflowRun of(
      Path workflow, String job, Path workspace, Map<String, String> contexts)
      throws IOException, InterruptedException {
    WorkflowRun run = new WorkflowRun(workflow.getParent(), workspace, contexts);
    contexts.forEach(
        (name, value) -> {
          if (name.startsWith("secrets.")) {
            run.masks.add(value);
          }
        });
    run.steps(YAML.readTree(workflow.toFile()).path("jobs").path(job).path("steps"), "");
    return run;
  }

  /** Whether a step failed. */
  public boolean failed() {
    return failed;
  }

  /** What was printed, as the log shows it: masks applied from where they were set. */
  public String log() {
    return log.toString();
  }

  private void steps(JsonNode steps, String scope) throws IOException, InterruptedException {
    for (JsonNode step : steps) {
      String condition = step.path("if").asText("success()");
      if (!List.of("success()", "always()").contains(condition)) {
        throw new AssertionError("a condition not known here: " + condition);
      }
      if (condition.equals("always()") || !failed) {
        step(step, scope);
      }
    }
  }

  private void step(JsonNode step, String scope) throws IOException, InterruptedException {
    if (step.has("run")) {
      run(step, scope);
      return;
    }
    String uses = step.path("uses").asText();
    if (uses.startsWith("./")) {
      composite(YAML.readTree(actions.resolve(uses).resolve("action.yml").toFile()), step, scope);
    } else if (!uses.startsWith("actions/checkout@")) {
      throw new AssertionError("an action not known here: " + uses);
    }
  }

  private void composite(JsonNode action, JsonNode step, String scope)
      throws IOException, InterruptedException {
    String inner = scope + step.path("id").asText() + "/";
    for (Map.Entry<String, JsonNode> input : action.path("inputs").properties()) {
      JsonNode given = step.path("with").path(input.getKey());
      JsonNode chosen = given.isMissingNode() ? input.getValue().path("default") : given;
      if (chosen.isMissingNode()) {
        throw new AssertionError("input missing: " + input.getKey());
      }
      contexts.put(inner + "inputs." + input.getKey(), evaluated(chosen.asText(), scope));
    }
    steps(action.path("runs").path("steps"), inner);
    for (Map.Entry<String, JsonNode> output : action.path("outputs").properties()) {
      contexts.put(
          scope + "steps." + step.path("id").asText() + ".outputs." + output.getKey(),
          evaluated(output.getValue().path("value").asText(), inner));
    }
  }

  private void run(JsonNode step, String scope) throws IOException, InterruptedException {
    Path script = Files.createTempFile("step", ".sh");
    Path outputs = Files.createTempFile("output", "");
    Path variables = Files.createTempFile("env", "");
    Path printed = Files.createTempFile("printed", ".txt");
    Files.writeString(script, evaluated(step.path("run").asText(), scope));
    ProcessBuilder builder =
        new ProcessBuilder("bash", "--noprofile", "--norc", "-eo", "pipefail", script.toString())
            .directory(workspace.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("GITHUB_OUTPUT", outputs.toString());
    builder.environment().put("GITHUB_ENV", variables.toString());
    for (Map.Entry<String, JsonNode> variable : step.path("env").properties()) {
      builder.environment().put(variable.getKey(), evaluated(variable.getValue().asText(), scope));
    }
    Process process = builder.start();
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + step + Files.readString(printed));
    }
    failed |= process.exitValue() != 0;
    Files.readAllLines(printed).forEach(this::print);
    pairs(outputs)
        .forEach(
            (name, value) ->
                contexts.put(
                    scope + "steps." + step.path("id").asText() + ".outputs." + name, value));
    environment.putAll(pairs(variables));
    for (Path file : List.of(script, outputs, variables, printed)) {
      Files.delete(file);
    }
  }

  private void print(String line) {
    if (line.startsWith(MASK)) {
      masks.add(line.substring(MASK.length()));
      return;
    }
    String shown = line;
    for (String mask : masks.descendingSet()) {
      shown = mask.isEmpty() ? shown : shown.replace(mask, "***");
    }
    log.append(shown).append('\n');
  }

  private static Map<String, String> pairs(Path file) throws IOException {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      int equals = line.indexOf('=');
      pairs.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return pairs;
  }

  /** A value that nobody set is empty, as with GitHub. */
  private String evaluated(String text, String scope) {
    return EXPRESSION
        .matcher(text)
        .replaceAll(
            found -> {
              String name = found.group(1);
              boolean scoped = name.startsWith("inputs.") || name.startsWith("steps.");
              return Matcher.quoteReplacement(
                  contexts.getOrDefault(scoped ? scope + name : name, ""));
            });
  }
}
