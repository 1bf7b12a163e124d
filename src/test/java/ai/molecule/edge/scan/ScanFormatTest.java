package ai.molecule.edge.scan;

import static ai.molecule.edge.credential.ExampleCredentials.LIVE_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.TEST_KEY;
import static ai.molecule.edge.credential.ExampleCredentials.WORKSPACE_TOKEN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A report in each of its forms: what tools may rely on, and no secret in any. */
class ScanFormatTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("a: b%u"), "\n" + LIVE_KEY + TEST_KEY);
    Files.writeString(folder.resolve("esc\u001b[31m"), WORKSPACE_TOKEN);
  }

  private ScanReport report() throws IOException {
    return TreeScan.scan(folder, (files, bytes) -> {});
  }

  private static String written(ScanReport report, ScanFormat format) throws IOException {
    StringWriter out = new StringWriter();
    format.write(report, "1.2.3", out);
    return out.toString();
  }

  private static JsonSchema sarifSchema() throws IOException {
    try (InputStream schema =
        ScanFormatTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
          .getSchema(Objects.requireNonNull(schema));
    }
  }

  @ParameterizedTest
  @EnumSource(ScanFormat.class)
  void noFormShowsASecret(ScanFormat format) throws IOException {
    assertThat(written(report(), format)).contains("mol_ws_...ic4X").doesNotContain("AAAA");
  }

  @Test
  void aLineOfTextSaysWhereAndWhat() throws IOException {
    assertThat(written(report(), ScanFormat.TEXT).lines())
        .containsExactlyInAnyOrder(
            "a: b%u:2: mol_pk_live_...HjmP, a live partner key (SHA-256 bff2cb42eed50744...)",
            "a: b%u:2: mol_pk_test_...O19k, a test partner key (SHA-256 45aa1ff8b4cf1690...)",
            "esc\\x1b[31m:1: mol_ws_...ic4X, a workspace token (SHA-256 c55eaf3744b6366d...)");
  }

  @Test
  void jsonHasEveryFindingAndTheSums() throws IOException {
    JsonNode json = JSON.readTree(written(report(), ScanFormat.JSON));
    assertThat(json.path("files").asInt()).isEqualTo(2);
    assertThat(json.path("findings")).hasSize(3);
    assertThat(json.path("findings").findValuesAsText("kind"))
        .containsExactlyInAnyOrder("live-key", "test-key", "workspace-token");
    JsonNode first = json.path("findings").path(0);
    assertThat(first.path("commit").isNull()).isTrue();
    assertThat(first.path("path").asText()).isNotEmpty();
    assertThat(first.path("line").isNumber()).isTrue();
  }

  @Test
  void sarifIsWhatItsSchemaSays() throws IOException {
    JsonNode sarif = JSON.readTree(written(report(), ScanFormat.SARIF));
    assertThat(sarifSchema().validate(sarif)).isEmpty();
    // Else the schema would allow anything.
    assertThat(sarifSchema().validate(JSON.createObjectNode())).isNotEmpty();

    JsonNode results = sarif.at("/runs/0/results");
    assertThat(results).hasSize(3);
    assertThat(results.findValuesAsText("uri"))
        .containsExactlyInAnyOrder("a%3A%20b%25u", "a%3A%20b%25u", "esc%1B%5B31m");
    assertThat(results.findValuesAsText("credentialSha256/v1")).contains("bff2cb42eed50744");
    for (JsonNode result : results) {
      assertThat(sarif.at("/runs/0/tool/driver/rules/" + result.path("ruleIndex")).path("id"))
          .isEqualTo(result.path("ruleId"));
    }
  }

  @Test
  void sarifOfACleanTreeAndOfAHistoryIsToo() throws IOException {
    Path clean = Files.createDirectories(folder.resolve("clean"));
    ScanReport nothing = TreeScan.scan(clean, (files, bytes) -> {});
    assertThat(sarifSchema().validate(JSON.readTree(written(nothing, ScanFormat.SARIF)))).isEmpty();

    ScanReport history = report();
    history.remark("of a shallow clone");
    history.couldNotRead("one file");
    history.replaceEach(
        finding ->
            new Finding(
                finding.kind(),
                finding.masked(),
                finding.fingerprint(),
                "0".repeat(40),
                "(commit message)",
                finding.line()));
    assertThat(sarifSchema().validate(JSON.readTree(written(history, ScanFormat.SARIF)))).isEmpty();
  }
}
