package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
  private static JsonBody parse(String json) {
    return JsonBody.parse(Buffer.buffer(json));
  }

  private static List<String> found(String json) {
    return parse(json).errors().all().stream()
        .map(error -> error.pointer() + " " + error.code())
        .toList();
  }

  @Test
  void anObjectIsReadAsItStands() {
    JsonBody body = parse(" {\"a\": [1, true, null, \"\\u00e9\\ud83d\\ude00\"], \"b\": {}} ");
    assertThat(body.members().toString()).isEqualTo("{\"a\":[1,true,null,\"é😀\"],\"b\":{}}");
    assertThat(body.errors().all()).isEmpty();
  }

  @Nested
  class MalformedJson {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          " ",
          "{",
          "}",
          "{\"a\":1",
          "{\"a\":1} x",
          "{\"a\":1}{\"b\":2}",
          "{\"a\":1,}",
          "{'a':1}",
          "{a:1}",
          "{\"a\":NaN}",
          "{\"a\":Infinity}",
          "{\"a\":01}",
          "{\"a\":+1}",
          "{\"a\":.5}",
          "{\"a\":\"\t\"}",
          "{\"a\":\"\\x\"}",
          "{\"a\":1 /* why */}",
          "\uFEFF{\"a\":1}",
          "nul",
          "{\"\\udfff\":1}",
        })
    void isWhatTheGrammarDoesNotHave(String json) {
      assertThat(Problems.code(() -> parse(json))).isEqualTo(ProblemCode.MALFORMED_JSON);
    }

    @Test
    void isWhatIsNotUtf8() {
      byte[][] bodies = {
        {'{', '"', 'a', '"', ':', '"', (byte) 0xc3, '"', '}'}, // cut short
        {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'}, // overlong
        {'{', '"', 'a', '"', ':', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'}, // CESU
        {0, '{', 0, '}'}, // UTF-16
      };
      for (byte[] body : bodies) {
        assertThat(Problems.code(() -> JsonBody.parse(Buffer.buffer(body))))
            .isEqualTo(ProblemCode.MALFORMED_JSON);
      }
    }
  }

  @Nested
  class InvalidRequest {
    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "\"a\"", "true", "null"})
    void isAnythingButAnObject(String json) {
      assertThat(Problems.errors(() -> parse(json))).containsExactly("# wrong_type");
    }

    @Test
    void isNestingBeyondTheBound() {
      int arrays = JsonBody.DEPTH_MAX - 1;
      parse("{\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}");
      int more = arrays + 1;
      assertThat(
              Problems.errors(() -> parse("{\"a\":" + "[".repeat(more) + "]".repeat(more) + "}")))
          .containsExactly("# out_of_bounds");
    }

    @Test
    void isANumberOrNameBeyondTheBound() {
      assertThat(Problems.errors(() -> parse("{\"a\":" + "9".repeat(101) + "}")))
          .containsExactly("# out_of_bounds");
      assertThat(Problems.errors(() -> parse("{\"" + "n".repeat(1001) + "\":1}")))
          .containsExactly("# out_of_bounds");
    }

    @Test
    void hugeExponentsCostNothing() {
      assertThat(parse("{\"a\":1e999999999}").members().get("a").isNumber()).isTrue();
    }
  }

  @Test
  void everyDuplicateMemberIsPointedAtWhereverItIs() {
    assertThat(found("{\"a\":1,\"a\":2,\"b\":{\"c\":1,\"\\u0063\":1},\"d\":[{\"e\":1,\"e\":1}]}"))
        .containsExactly(
            "#/a duplicate_member", "#/b/c duplicate_member", "#/d/0/e duplicate_member");
  }

  @Test
  void whatCannotBeStoredIsPointedAt() {
    assertThat(
            found(
                "{\"a\":\"x\\u0000\",\"b\":[\"ok\",\"\\ud800\"],\"c\\u0000\":1,"
                    + "\"d\":\"\\ud83d\\ude00\"}"))
        .containsExactly(
            "#/a invalid_characters", "#/b/1 invalid_characters", "#/c%00 invalid_characters");
  }

  @Test
  void pointersAreEscapedAsUriFragments() {
    assertThat(Pointer.of("a/b~c").text()).isEqualTo("#/a~1b~0c");
    assertThat(Pointer.of("é %\"#").text()).isEqualTo("#/%C3%A9%20%25%22%23");
    assertThat(Pointer.of("").child(3).text()).isEqualTo("#//3");
  }

  @Test
  void onlySoManyErrorsAreNamed() {
    String json = "{" + "\"a\":1,".repeat(500) + "\"a\":1}";
    assertThat(found(json)).hasSize(FieldErrors.COUNT_MAX);
  }
}
