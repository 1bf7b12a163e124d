package ai.molecule.edge.controlplane.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One value has one digest however it is written, and two values have two. */
class JsonDigestTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static String digest(String json) {
    try {
      return HexFormat.of().formatHex(JsonDigest.of(JSON.readTree(json)));
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{`a`:1,`b`:2} | {`b`:2,`a`:1}",
        "{`a`:[1,2]} | { `a` : [ 1 ,\t2 ] }",
        "[1] | [1.0]",
        "[1] | [10e-1]",
        "[100] | [1e2]",
        "[0] | [-0.00]",
        "[1e999999999] | [10e999999998]",
        "[`é/`] | [`\\u00e9\\/`]",
        "[`😀`] | [`\\ud83d\\ude00`]",
        "{`é`:null} | {`\\u00E9`:null}",
      })
  void textsOfOneValueHaveOneDigest(String one, String two) {
    assertThat(digest(one.replace('`', '"'))).isEqualTo(digest(two.replace('`', '"')));
  }

  @Test
  void valuesThatDifferHaveDigestsThatDiffer() {
    List<String> values =
        List.of(
            "{}",
            "[]",
            "null",
            "0",
            "false",
            "true",
            "\"\"",
            "\"0\"",
            "1",
            "-1",
            "10",
            "0.1",
            "1e999999999",
            "\"true\"",
            "\"é\"",
            "\"e\u0301\"",
            "[null]",
            "[[]]",
            "[[],[]]",
            "[[[]]]",
            "[1,2]",
            "[2,1]",
            "[12]",
            "{\"a\":null}",
            "{\"a\":{}}",
            "{\"a\":\"b\"}",
            "{\"b\":\"a\"}",
            "{\"a\":1,\"b\":2}",
            "{\"a\":2,\"b\":1}",
            "{\"a\":{\"b\":2}}",
            "[\"a\",\"b\"]",
            "[\"ab\"]",
            "{\"ab\":1}");
    assertThat(values.stream().map(JsonDigestTest::digest)).doesNotHaveDuplicates();
  }

  /** The model: a value is a tree of Java's own maps and lists, and equal as those are. */
  @Property(tries = 500)
  void equalityOfDigestsIsEqualityOfValues(@ForAll long seed) {
    Random random = new Random(seed);
    Object one = value(random, 3);
    Object two = random.nextBoolean() ? one : value(random, 3);
    assertThat(digest(text(one, random)).equals(digest(text(two, random))))
        .as("%s and %s", one, two)
        .isEqualTo(one.equals(two));
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 5)) {
      case 0 -> random.nextInt(3) == 0 ? "null" : random.nextBoolean();
      case 1 ->
          new BigDecimal(random.nextInt(40) - 20)
              .scaleByPowerOfTen(random.nextInt(4) - 2)
              .stripTrailingZeros();
      case 2 -> "s" + new String[] {"", "a", "é", "😀", "\"\\/", "b\n"}[random.nextInt(6)];
      case 3 -> {
        List<Object> array = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
      default -> {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          object.put(new String[] {"a", "b", "é", ""}[random.nextInt(4)], value(random, depth - 1));
        }
        yield object;
      }
    };
  }

  /** One of the many texts of a value. */
  private static String text(Object value, Random random) {
    String space = " \n\t ".substring(0, random.nextInt(4));
    return space
        + switch (value) {
          case Map<?, ?> object -> {
            List<String> members = new ArrayList<>();
            object.forEach(
                (name, member) ->
                    members.add(
                        space + quoted((String) name, random) + ":" + text(member, random)));
            Collections.shuffle(members, random);
            yield "{" + String.join(",", members) + "}";
          }
          case List<?> array ->
              "["
                  + String.join(",", array.stream().map(one -> text(one, random)).toList())
                  + space
                  + "]";
          case BigDecimal number -> number(number, random);
          case String text -> text.equals("null") ? text : quoted(text, random);
          default -> value.toString();
        }
        + space;
  }

  private static String number(BigDecimal number, Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> number.toPlainString();
      case 1 -> number.setScale(number.scale() + 2).toPlainString();
      default -> number.unscaledValue() + "E" + -number.scale();
    };
  }

  private static String quoted(String text, Random random) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c < ' ' || c == '"' || c == '\\' || random.nextBoolean()) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
