package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.documents.CommandLineTool;
import ai.molecule.edge.documents.WorkflowRun;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the documentation do what they say, run as they are. */
class ExamplesIT {
  private static final Path LIFECYCLE = Path.of("docs/examples/org-lifecycle").toAbsolutePath();
  private static final Path WORKFLOW =
      Path.of("docs/examples/github-actions/workflow.yml").toAbsolutePath();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin/java").toString();

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode edge;
  private static String partnerKey;

  @TempDir Path directory;

  private record Ended(int exit, String printed) {}

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    edge = nodes.start();
    partnerKey =
        edge.create(
                "orgs:create",
                "orgs:read",
                "orgs:manage",
                "orgs:delete",
                "provision:status",
                "members:manage",
                "admin:keys")
            .secret();
  }

  private static String address() {
    return "http://127.0.0.1:" + edge.port();
  }

  private Ended run(String key, List<String> command) throws Exception {
    Path printed = Files.createTempFile(directory, "printed", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().putAll(Map.of("EDGE", address(), "PARTNER_KEY", key));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(printed));
  }

  private static String life(String slug) {
    return """
    %1$s is running
    owner
    %1$s
    suspended
    org_suspended
    running
    deleting
    """
        .formatted(slug);
  }

  private static void assumeCurl() {
    assumeThat(CommandLineTool.find("curl")).as("curl on the path").isPresent();
  }

  @Test
  void theShellScriptTakesAnOrgThroughItsLife() throws Exception {
    assumeCurl();
    String script = LIFECYCLE.resolve("org-lifecycle.sh").toString();
    assertThat(run(partnerKey, List.of("sh", script, "shell-org")))
        .isEqualTo(new Ended(0, life("shell-org")));
    awaitGone("shell-org");
  }

  @Test
  void theJavaFileTakesAnOrgThroughItsLife() throws Exception {
    String file = LIFECYCLE.resolve("OrgLifecycle.java").toString();
    assertThat(run(partnerKey, List.of(JAVA, file, "java-org")))
        .isEqualTo(new Ended(0, life("java-org")));
    awaitGone("java-org");
  }

  @Test
  void aRefusalEndsEitherWithItsCodeAndLeavesNothing() throws Exception {
    assumeCurl();
    String reader = edge.create("orgs:read").secret();
    for (List<String> command :
        List.of(
            List.of("sh", LIFECYCLE.resolve("org-lifecycle.sh").toString(), "no-org"),
            List.of(JAVA, LIFECYCLE.resolve("OrgLifecycle.java").toString(), "no-org"))) {
      Ended ended = run(reader, command);
      assertThat(ended.exit()).isNotZero();
      assertThat(ended.printed()).contains("insufficient_scope").doesNotContain(reader);
    }
    assertThat(status("no-org")).isEqualTo("not_found");
  }

  /** What the workflow's test step runs, at the end with that exit code. */
  private WorkflowRun workflow(String key, int number, int exit) throws Exception {
    Path tests = directory.resolve("run-tests.sh");
    Files.writeString(
        tests,
        """
        #!/bin/sh
        echo "the key is $ORG_KEY"
        curl -sS "$EDGE/cp/orgs/$ORG" -H "Authorization: Bearer $ORG_KEY" | grep -o '"status":"[a-z]*"'
        exit %d
        """
            .formatted(exit));
    assertThat(tests.toFile().setExecutable(true)).isTrue();
    return WorkflowRun.of(
        WORKFLOW,
        "preview",
        directory,
        Map.of(
            "vars.EDGE",
            address(),
            "secrets.PARTNER_KEY",
            key,
            "github.event.number",
            Integer.toString(number),
            "github.run_id",
            "1" + number,
            "github.run_attempt",
            "1"));
  }

  private static void assumeRunner() {
    assumeCurl();
    assumeThat(CommandLineTool.find("bash")).as("bash on the path").isPresent();
  }

  @Test
  void theWorkflowGivesTheTestsAnOrgOfTheirOwnAndTakesItDown() throws Exception {
    assumeRunner();
    WorkflowRun run = workflow(partnerKey, 1, 0);
    assertThat(run.failed()).as(run.log()).isFalse();
    assertThat(run.log())
        .isEqualTo(
            """
            pr-1-1 runs
            the key is ***
            "status":"running"
            the org is going
            """);
    awaitGone("pr-1-1");
  }

  @Test
  void theWorkflowTakesTheOrgDownAfterFailedTestsAndFails() throws Exception {
    assumeRunner();
    WorkflowRun run = workflow(partnerKey, 2, 1);
    assertThat(run.failed()).isTrue();
    assertThat(run.log()).contains("\"status\":\"running\"", "the org is going");
    awaitGone("pr-2-1");
  }

  @Test
  void theWorkflowFailsWithTheReasonWhenItMayMakeNoOrg() throws Exception {
    assumeRunner();
    String reader = edge.create("orgs:read").secret();
    WorkflowRun run = workflow(reader, 3, 0);
    assertThat(run.failed()).isTrue();
    assertThat(run.log())
        .contains("::error::the org was not made", "insufficient_scope", "no org was made")
        .doesNotContain("the key is", reader);
    assertThat(status("pr-3-1")).isEqualTo("not_found");
  }

  private static String status(String slug) {
    JsonObject body =
        new JsonObject(edge.send("GET", "/cp/orgs/" + slug, EdgeNodes.ADMIN, null).body());
    return body.getString("code", body.getString("status"));
  }

  private static void awaitGone(String slug) {
    assertThat(status(slug)).isIn("deleting", "not_found");
    await().until(() -> status(slug).equals("not_found"));
  }
}
