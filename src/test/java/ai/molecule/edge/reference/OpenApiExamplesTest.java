package ai.molecule.edge.reference;

import static ai.molecule.edge.reference.OpenApiDocument.walk;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.problem.ProblemRenderer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of the API's description are what the edge would take and answer. */
class OpenApiExamplesTest {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Codes of paths without the method, and of the routes to other services. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "method_not_allowed",
          "stream_limit",
          "concurrency_limit",
          "upstream_refused",
          "upstream_reset",
          "upstream_invalid",
          "upstream_timeout",
          "upstream_saturated");

  @Test
  void everyExampleIsOfItsSchema() {
    List<String> wrong = new ArrayList<>();
    walk(
        DOCUMENT.root(),
        "#",
        (at, node) -> {
          JsonNode schema = node.path("schema");
          if (schema.isMissingNode()) {
            return;
          }
          if (node.has("example")) {
            check(wrong, at, schema, node.path("example"));
          }
          node.path("examples")
              .properties()
              .forEach(
                  example ->
                      check(
                          wrong,
                          at + "/examples/" + example.getKey(),
                          schema,
                          DOCUMENT.resolve(example.getValue()).path("value")));
        });
    walk(
        DOCUMENT.root().at("/components/schemas"),
        "#/components/schemas",
        (at, node) -> {
          if (node.path("examples").isArray()) {
            node.path("examples").forEach(example -> check(wrong, at, node, example));
          }
          if (node.has("default")) {
            check(wrong, at, node, node.path("default"));
          }
        });
    assertThat(wrong).isEmpty();
  }

  private static void check(List<String> wrong, String at, JsonNode schema, JsonNode example) {
    DOCUMENT.violation(schema, example).ifPresent(why -> wrong.add(at + ": " + why));
  }

  @Test
  void everyProblemCodeIsDescribedWhereItsStatusIsAndNoOther() throws IOException {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry :
        DOCUMENT.root().at("/components/schemas").properties()) {
      JsonNode codes = entry.getValue().at("/properties/code/enum");
      int status = entry.getValue().at("/properties/status/const").asInt();
      for (JsonNode code : codes) {
        ProblemCode known = ProblemCode.valueOf(code.asText().toUpperCase(Locale.ROOT));
        assertThat(known.status()).as("%s in %s", code, entry.getKey()).isEqualTo(status);
        described.add(known.code());
      }
    }
    described.addAll(ELSEWHERE);
    assertThat(described)
        .containsExactlyInAnyOrderElementsOf(
            List.of(ProblemCode.values()).stream().map(ProblemCode::code).toList());
  }

  @Test
  void everyProblemInAnExampleIsWhatTheRendererWrites() throws IOException {
    List<JsonNode> examples = new ArrayList<>();
    walk(
        DOCUMENT.root().at("/components/responses"),
        "#",
        (at, node) -> {
          if (node.path("value").has("request_id")) {
            examples.add(node.path("value"));
          }
        });
    assertThat(examples).hasSizeGreaterThan(30);
    for (JsonNode example : examples) {
      ProblemCode code =
          ProblemCode.valueOf(example.path("code").asText().toUpperCase(Locale.ROOT));
      Problem problem = Problem.of(code);
      if (example.has("errors")) {
        JsonNode error = example.at("/errors/0");
        problem =
            Problem.invalid(
                error.path("pointer").asText(),
                error.path("code").asText(),
                error.path("detail").asText());
      }
      String requestId = example.path("request_id").asText();
      assertThat(JSON.readTree(ProblemRenderer.body(problem, requestId).getBytes()))
          .isEqualTo(example);
    }
  }

  @Test
  void noExampleShowsACredentialThatCouldBeOne() throws IOException {
    String text = JSON.writeValueAsString(DOCUMENT.root());
    Matcher shown =
        Pattern.compile("(mol_(?:pk_live|pk_test|ws)_[0-9A-Za-z]{32})([0-9A-Za-z]{6})")
            .matcher(text);
    while (shown.find()) {
      java.util.zip.CRC32 crc = new java.util.zip.CRC32();
      crc.update(shown.group(1).getBytes(StandardCharsets.US_ASCII));
      assertThat(base62(crc.getValue())).isNotEqualTo(shown.group(2));
    }
  }

  private static String base62(long value) {
    String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    StringBuilder text = new StringBuilder();
    for (long rest = value; text.length() < 6; rest /= 62) {
      text.insert(0, digits.charAt((int) (rest % 62)));
    }
    return text.toString();
  }
}
