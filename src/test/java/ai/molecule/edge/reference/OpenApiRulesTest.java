package ai.molecule.edge.reference;

import static ai.molecule.edge.reference.OpenApiDocument.walk;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.reference.OpenApiDocument.Operation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What a linter of OpenAPI documents looks for, and more. Spectral itself runs on Node: {@code npx
 * @stoplight/spectral-cli lint src/main/resources/ai/molecule/edge/reference/openapi.yaml} with the
 * rule set {@code spectral:oas}.
 */
class OpenApiRulesTest {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

  private static final String OPENAPI_DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base";
  private static final String PLAIN_DIALECT = "https://json-schema.org/draft/2020-12/schema";

  /** The schema is the OpenAPI Initiative's, the one that Spectral uses. */
  @Test
  void theDocumentIsOpenApi() throws IOException {
    String text;
    try (InputStream in = OpenApiRulesTest.class.getResourceAsStream("/oas/schema-3.1.json")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    // OpenAPI's dialect adds words for tools alone, and this one is in the validator's jar.
    JsonNode schema = JSON.readTree(text.replace(OPENAPI_DIALECT, PLAIN_DIALECT));
    JsonSchema openApi =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
    assertThat(openApi.validate(DOCUMENT.root())).isEmpty();
    ObjectNode wrong = DOCUMENT.root().deepCopy();
    wrong.with("paths").with("/wrong").with("get").with("responses").put("299", "no response");
    assertThat(openApi.validate(wrong)).isNotEmpty();
  }

  @Test
  void everyReferenceLeadsSomewhereAndEveryComponentIsUsed() {
    Set<String> used = new TreeSet<>();
    walk(
        DOCUMENT.root(),
        "#",
        (at, node) -> {
          if (node.has("$ref")) {
            DOCUMENT.resolve(node);
            used.add(node.path("$ref").asText());
          }
        });
    Set<String> defined = new TreeSet<>();
    DOCUMENT
        .root()
        .path("components")
        .properties()
        .forEach(
            kind ->
                kind.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        name -> {
                          if (!kind.getKey().equals("securitySchemes")) {
                            defined.add("#/components/" + kind.getKey() + "/" + name);
                          }
                        }));
    assertThat(used).isEqualTo(defined);
  }

  @Test
  void theHeadSaysWhatThisIs() {
    JsonNode root = DOCUMENT.root();
    assertThat(root.path("openapi").asText()).matches("3\\.1\\.\\d+");
    assertThat(root.at("/info/title").asText()).isNotBlank();
    assertThat(root.at("/info/version").asText()).isNotBlank();
    assertThat(root.at("/info/description").asText()).isNotBlank();
    assertThat(root.at("/info/contact").isObject()).isTrue();
    assertThat(root.path("servers")).isNotEmpty();
    for (JsonNode tag : root.path("tags")) {
      assertThat(tag.path("description").asText()).as("%s", tag).isNotBlank();
    }
    assertThat(root.toString()).doesNotContain("<script", "eval(");
  }

  @Test
  void everyOperationSaysWhatItIsAndHowItCanEnd() {
    Set<String> tags =
        DOCUMENT
            .root()
            .path("tags")
            .valueStream()
            .map(tag -> tag.path("name").asText())
            .collect(Collectors.toSet());
    Set<String> schemes = new TreeSet<>();
    DOCUMENT.root().at("/components/securitySchemes").fieldNames().forEachRemaining(schemes::add);
    Set<String> ids = new TreeSet<>();
    for (Operation operation : DOCUMENT.operations()) {
      assertThat(operation.id()).as(operation.route()).matches("[a-z][A-Za-z]+");
      assertThat(ids.add(operation.id())).as("%s is there once", operation.id()).isTrue();
      assertThat(operation.node().path("summary").asText()).as(operation.route()).isNotBlank();
      String description = operation.node().path("description").asText();
      assertThat(description).as(operation.route()).isNotBlank();
      for (String scope : operation.scopes()) {
        assertThat(description).as(operation.route()).contains("Needs `" + scope + "`");
      }
      assertThat(tags).contains(operation.node().at("/tags/0").asText());
      assertThat(schemes).containsAll(operation.credentials());
      assertThat(DOCUMENT.responses(operation).keySet())
          .as(operation.route())
          .allMatch(status -> status.matches("[2-5]\\d\\d"))
          .anyMatch(status -> status.startsWith("2"));
    }
  }

  @Test
  void everyPathNamesItsVariablesAndDescribesThem() {
    for (Operation operation : DOCUMENT.operations()) {
      assertThat(operation.path()).doesNotEndWith("/").doesNotContain("?");
      List<String> variables =
          VARIABLE.matcher(operation.path()).results().map(found -> found.group(1)).toList();
      assertThat(operation.parametersIn("path"))
          .as(operation.route())
          .containsExactlyInAnyOrderElementsOf(variables);
      for (JsonNode parameter : operation.parameters()) {
        assertThat(parameter.path("description").asText()).as("%s", parameter).isNotBlank();
        assertThat(parameter.path("schema").isObject()).as("%s", parameter).isTrue();
        assertThat(parameter.path("required").asBoolean())
            .as("%s", parameter)
            .isEqualTo(parameter.path("in").asText().equals("path"));
      }
    }
  }

  @Test
  void everyAnswerHasARequestIdAndEveryRefusalIsAProblem() {
    for (Operation operation : DOCUMENT.operations()) {
      DOCUMENT
          .responses(operation)
          .forEach(
              (status, response) -> {
                String where = operation.route() + " " + status;
                assertThat(response.path("description").asText()).as(where).isNotBlank();
                assertThat(response.at("/headers/X-Request-Id").isObject()).as(where).isTrue();
                boolean page = response.at("/content/text~1html").isObject();
                if (status.compareTo("400") >= 0 && !page) {
                  assertThat(response.at("/content/application~1problem+json").isObject())
                      .as(where)
                      .isTrue();
                }
              });
    }
  }

  @Test
  void noWordOfAnEnumerationIsThereTwiceAndTypesAreNamed() {
    walk(
        DOCUMENT.root().at("/components/schemas"),
        "#/components/schemas",
        (at, node) -> {
          if (node.path("enum").isArray()) {
            assertThat(node.path("enum").valueStream().map(JsonNode::toString))
                .as(at)
                .doesNotHaveDuplicates();
          }
          if (node.path("properties").isObject()
              && node.path("type").asText().equals("object")
              && !at.endsWith("KeyMembers")) {
            assertThat(node.has("additionalProperties")).as("%s is closed", at).isTrue();
          }
          for (JsonNode required : node.path("required")) {
            boolean known = node.path("properties").has(required.asText()) || node.has("allOf");
            assertThat(known).as("%s requires %s", at, required).isTrue();
          }
        });
  }

  /** A comma in unquoted text of a flow mapping begins another member, which is a sentence. */
  @Test
  void noSentenceIsTheNameOfAMember() {
    List<String> sentences = new ArrayList<>();
    walk(
        DOCUMENT.root(),
        "#",
        (at, node) ->
            node.fieldNames()
                .forEachRemaining(
                    name -> {
                      if (name.contains(" ")) {
                        sentences.add(at + ": " + name);
                      }
                    }));
    assertThat(sentences).isEmpty();
  }
}
