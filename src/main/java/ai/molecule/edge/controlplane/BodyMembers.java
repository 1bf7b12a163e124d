package ai.molecule.edge.controlplane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a body by type. What is wrong is noted, and then the member reads as absent,
 * so that one answer names everything; {@link #throwIfWrong} ends the reading. Belongs to the
 * thread that reads the request.
 */
final class BodyMembers {
  private final ObjectNode object;
  private final Pointer base;
  private final FieldErrors errors;

  private BodyMembers(ObjectNode object, Pointer base, FieldErrors errors) {
    this.object = object;
    this.base = base;
    this.errors = errors;
  }

  /** The members of {@code body}, of which only those in {@code known} may be there. */
  static BodyMembers of(JsonBody body, Set<String> known) {
    return new BodyMembers(body.members(), Pointer.ROOT, body.errors()).demandKnown(known);
  }

  private BodyMembers demandKnown(Set<String> known) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                wrong(at(name), "unknown_member", "There is no such member here.");
              }
            });
    return this;
  }

  /** The members of the object that a member is; null when absent. */
  @Nullable BodyMembers within(String name, Set<String> known) {
    ObjectNode members = object(name);
    return members == null ? null : new BodyMembers(members, at(name), errors).demandKnown(known);
  }

  /** Where the member {@code name} is. */
  Pointer at(String name) {
    return base.child(name);
  }

  /** Notes that a member is missing, if it is. */
  void demand(String name) {
    if (!has(name)) {
      wrong(at(name), "required", "This member is required.");
    }
  }

  /** Whether the member is there and not null. */
  boolean has(String name) {
    return object.hasNonNull(name);
  }

  /** Whether the member is there and null. */
  boolean isNull(String name) {
    JsonNode value = object.get(name);
    return value != null && value.isNull();
  }

  /** Notes one thing wrong. */
  void wrong(Pointer pointer, String code, String detail) {
    errors.add(pointer, code, detail);
  }

  /** Throws an {@code invalid_request} problem with all that is wrong, if anything is. */
  void throwIfWrong() {
    errors.throwIfAny();
  }

  /** An object, whatever is in it, or null when absent. */
  @Nullable ObjectNode object(String name) {
    JsonNode value = given(name);
    if (value == null) {
      return null;
    }
    if (value instanceof ObjectNode members) {
      return members;
    }
    wrong(at(name), "wrong_type", "This must be an object.");
    return null;
  }

  /** A string, or null when absent. */
  @Nullable String text(String name) {
    JsonNode value = given(name);
    if (value == null || value.isTextual()) {
      return value == null ? null : value.textValue();
    }
    wrong(at(name), "wrong_type", "This must be a string.");
    return null;
  }

  /** A string of at most that many characters (code points), or null when absent. */
  @Nullable String text(String name, int charactersMax) {
    String text = text(name);
    if (text == null || characters(text) <= charactersMax) {
      return text;
    }
    wrong(at(name), "too_long", "At most " + charactersMax + " characters.");
    return null;
  }

  /**
   * A word that stands for something, or null when absent.
   *
   * @param words what a word stands for, if it is one
   * @param otherwise what to tell the caller of any other text
   */
  <T> @Nullable T word(String name, Function<String, Optional<T>> words, String otherwise) {
    String text = text(name);
    Optional<T> meant = text == null ? Optional.empty() : words.apply(text);
    if (text != null && meant.isEmpty()) {
      wrong(at(name), "unknown_value", otherwise);
    }
    return meant.orElse(null);
  }

  /** One of those words, or null when absent. */
  @Nullable String word(String name, Set<String> words, String otherwise) {
    return word(name, text -> Optional.of(text).filter(words::contains), otherwise);
  }

  /** A boolean, or null when absent. */
  @Nullable Boolean truth(String name) {
    JsonNode value = given(name);
    if (value == null || value.isBoolean()) {
      return value == null ? null : value.booleanValue();
    }
    wrong(at(name), "wrong_type", "This must be true or false.");
    return null;
  }

  /** A whole number within bounds, or null when absent; {@code 60.0} is the whole number 60. */
  @Nullable Integer integer(String name, int min, int max) {
    JsonNode value = given(name);
    if (value == null) {
      return null;
    }
    if (!value.isNumber()) {
      wrong(at(name), "wrong_type", "This must be a whole number.");
      return null;
    }
    BigDecimal number = value.decimalValue();
    if (number.signum() != 0 && number.stripTrailingZeros().scale() > 0) {
      wrong(at(name), "wrong_type", "This must be a whole number.");
      return null;
    }
    boolean within =
        number.compareTo(BigDecimal.valueOf(min)) >= 0
            && number.compareTo(BigDecimal.valueOf(max)) <= 0;
    if (!within) {
      wrong(at(name), "out_of_range", "This must be " + min + " to " + max + ".");
      return null;
    }
    return number.intValue();
  }

  /**
   * An array of strings, each turned into a value; null when absent.
   *
   * @param read answers null for a string it does not take, having noted why
   */
  <T> @Nullable List<T> list(String name, int countMax, ElementReader<T> read) {
    JsonNode array = given(name);
    if (array == null) {
      return null;
    }
    Pointer at = at(name);
    if (!array.isArray()) {
      wrong(at, "wrong_type", "This must be an array of strings.");
      return null;
    }
    if (array.size() > countMax) {
      wrong(at, "too_many", "At most " + countMax + " elements.");
      return null;
    }
    List<T> values = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      JsonNode element = array.get(i);
      if (!element.isTextual()) {
        wrong(at.child(i), "wrong_type", "This must be a string.");
        continue;
      }
      T value = read.read(element.textValue(), at.child(i));
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  /** Turns one element into a value, or notes what is wrong with it and answers null. */
  interface ElementReader<T> {
    @Nullable T read(String text, Pointer at);
  }

  /**
   * An object whose members are strings or null; null when absent.
   *
   * @return the members in the body's order, an absent value where the body has a null
   */
  @Nullable Map<String, Change<String>> strings(String name, int nameMax, int valueMax) {
    JsonNode object = given(name);
    if (object == null) {
      return null;
    }
    Pointer at = at(name);
    if (!object.isObject()) {
      wrong(at, "wrong_type", "This must be an object with string members.");
      return null;
    }
    Map<String, Change<String>> members = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      Pointer here = at.child(member.getKey());
      JsonNode value = member.getValue();
      if (member.getKey().isEmpty() || characters(member.getKey()) > nameMax) {
        wrong(here, "too_long", "Member names have 1 to " + nameMax + " characters.");
      } else if (value.isNull()) {
        members.put(member.getKey(), new Change.Clear<>());
      } else if (!value.isTextual()) {
        wrong(here, "wrong_type", "This must be a string.");
      } else if (characters(value.textValue()) > valueMax) {
        wrong(here, "too_long", "At most " + valueMax + " characters.");
      } else {
        members.put(member.getKey(), new Change.Set<>(value.textValue()));
      }
    }
    return members;
  }

  /** The change a merge patch asks for: absent keeps, null clears, anything else is read. */
  <T> Change<T> change(String name, Function<String, @Nullable T> read) {
    if (isNull(name)) {
      return new Change.Clear<>();
    }
    T value = read.apply(name);
    return value == null ? new Change.Keep<>() : new Change.Set<>(value);
  }

  /** Notes that a member is null which a merge patch cannot remove. */
  void demandNotNull(String name) {
    if (isNull(name)) {
      wrong(at(name), "not_nullable", "This member cannot be removed.");
    }
  }

  /** Characters as people count them: code points. */
  static int characters(String text) {
    return text.codePointCount(0, text.length());
  }

  private @Nullable JsonNode given(String name) {
    return has(name) ? object.get(name) : null;
  }
}
