package ai.molecule.edge.controlplane;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A request body read strictly: one JSON object (RFC 8259, and the interoperable subset of RFC
 * 7493: UTF-8, no duplicate members, no lone surrogates) and nothing after it. What is JSON but not
 * acceptable is in {@code errors}, so that it is answered together with what the reader of the
 * members finds.
 *
 * @param members the object; of duplicate members the last
 * @param errors duplicate members and strings that cannot be stored, so far
 */
record JsonBody(ObjectNode members, FieldErrors errors) {
  /** How deep arrays and objects may be nested. */
  static final int DEPTH_MAX = 32;

  /** The longest string, in UTF-16 units: as long as a whole body. */
  static final int STRING_CHARS_MAX = 65_536;

  /** The longest member name, in UTF-16 units. */
  static final int NAME_CHARS_MAX = 1_000;

  /** The longest number, in digits. */
  static final int NUMBER_CHARS_MAX = 100;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxStringLength(STRING_CHARS_MAX)
                  .maxNameLength(NAME_CHARS_MAX)
                  .maxNumberLength(NUMBER_CHARS_MAX)
                  .build())
          .build();

  /** An object without members: what an absent body stands for where it may be absent. */
  static JsonBody empty() {
    return new JsonBody(NODES.objectNode(), new FieldErrors());
  }

  /**
   * Reads a body.
   *
   * @throws Problem {@code malformed_json} for what is not JSON in UTF-8, {@code invalid_request}
   *     for JSON that is not an object or exceeds a bound
   */
  static JsonBody parse(Buffer body) {
    FieldErrors errors = new FieldErrors();
    try (JsonParser parser = JSON.createParser(text(body))) {
      if (parser.nextToken() == null) {
        throw Problem.of(ProblemCode.MALFORMED_JSON, "The body is empty.");
      }
      JsonNode root = value(parser, Pointer.ROOT, errors);
      if (parser.nextToken() != null) {
        throw Problem.of(ProblemCode.MALFORMED_JSON, "There is more after the JSON value.");
      }
      if (root instanceof ObjectNode members) {
        return new JsonBody(members, errors);
      }
      throw Problem.invalid(Pointer.ROOT.text(), "wrong_type", "The body must be an object.");
    } catch (StreamConstraintsException e) {
      throw Problem.invalid(
          Pointer.ROOT.text(),
          "out_of_bounds",
          "The body is nested too deeply, or a name or number in it is too long.");
    } catch (IOException | ArithmeticException e) {
      throw Problem.of(ProblemCode.MALFORMED_JSON);
    }
  }

  private static String text(Buffer body) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.getBytes())).toString();
  }

  private static JsonNode value(JsonParser parser, Pointer at, FieldErrors errors)
      throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, at, errors);
      case START_ARRAY -> array(parser, at, errors);
      case VALUE_STRING -> {
        String text = parser.getText();
        demandStorable(text, at, errors);
        yield NODES.textNode(text);
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDecimalValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      default -> throw Problem.of(ProblemCode.MALFORMED_JSON);
    };
  }

  private static ObjectNode object(JsonParser parser, Pointer at, FieldErrors errors)
      throws IOException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      Pointer member = at.child(name);
      demandStorable(name, member, errors);
      parser.nextToken();
      if (object.replace(name, value(parser, member, errors)) != null) {
        errors.add(member, "duplicate_member", "This member is given more than once.");
      }
    }
    return object;
  }

  private static ArrayNode array(JsonParser parser, Pointer at, FieldErrors errors)
      throws IOException {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser, at.child(array.size()), errors));
    }
    return array;
  }

  /** Notes what Postgres and UTF-8 cannot hold: NUL and lone surrogates. */
  private static void demandStorable(String text, Pointer at, FieldErrors errors) {
    boolean storable =
        text.codePoints()
            .allMatch(
                c -> c != 0 && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    if (!storable) {
      errors.add(at, "invalid_characters", "NUL and lone surrogates cannot be stored.");
    }
  }
}
