package ai.molecule.edge.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A result as a document prints it, held against what a run printed. What differs from run to run
 * stands for any of its kind: a UUID, a time, a credential and its shown parts, seconds left in a
 * rate limit header, a request id. {@code …} stands for any text within a line, and on a line of
 * its own for any lines. A result in JSON is compared as a value; its member {@code "…"} lets there
 * be others.
 */
public final class PrintedResult {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANYTHING = "…";

  /** What differs from run to run, and what each kind may be. */
  private static final Map<Pattern, String> VOLATILE =
      Map.of(
          Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
          "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
          Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z"),
          "\\\\d{4}-\\\\d\\\\d-\\\\d\\\\dT\\\\d\\\\d:\\\\d\\\\d:\\\\d\\\\d(\\\\.\\\\d{3})?Z",
          Pattern.compile("(?<=;t=)\\d+|(?i)(?<=retry-after: )\\d+"),
          "\\\\d+",
          Pattern.compile("whsec_[A-Za-z0-9+/]+={0,2}"),
          "whsec_[A-Za-z0-9+/]+={0,2}",
          Pattern.compile("mol_(pk_live|pk_test|ws)_[0-9A-Za-z]{38}"),
          "mol_(pk_live|pk_test|ws)_[0-9A-Za-z]{38}",
          Pattern.compile("(?<=whsec_|mol_pk_live_|mol_pk_test_|mol_ws_)…"),
          "[0-9A-Za-z+/=]+");

  /** Members whose values differ from run to run and have no form of their own. */
  private static final Set<String> VOLATILE_MEMBERS =
      Set.of("prefix", "last4", "request_id", "quantity", "hours", "attempts", "last_attempts");

  private PrintedResult() {}

  /** What is wrong with {@code actual}; empty when it is what the document says. */
  public static Optional<String> difference(String language, String expected, String actual) {
    boolean same =
        language.equals("json") ? sameJson(expected, actual) : sameText(expected, actual);
    return same
        ? Optional.empty()
        : Optional.of("the document says\n" + expected + "\nand it printed\n" + actual);
  }

  private static boolean sameText(String expected, String actual) {
    StringBuilder pattern = new StringBuilder();
    for (String line : expected.strip().split("\n", -1)) {
      pattern.append(line.strip().equals(ANYTHING) ? "(.*\n)*?" : pattern(line.strip()) + "\n");
    }
    String text = String.join("\n", actual.strip().lines().map(String::strip).toList()) + "\n";
    return Pattern.matches(pattern.toString(), text);
  }

  private static boolean sameJson(String expected, String actual) {
    try {
      return matches(JSON.readTree(expected), JSON.readTree(actual));
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static boolean matches(JsonNode expected, JsonNode actual) {
    if (expected.isObject()) {
      return actual.isObject() && membersMatch(expected, actual);
    }
    if (expected.isArray()) {
      return actual.isArray() && elementsMatch(expected, actual);
    }
    if (expected.isTextual()) {
      return actual.isTextual() && Pattern.matches(pattern(expected.textValue()), actual.asText());
    }
    return expected.equals(actual);
  }

  private static boolean membersMatch(JsonNode expected, JsonNode actual) {
    boolean open = expected.has(ANYTHING);
    for (Map.Entry<String, JsonNode> member : expected.properties()) {
      if (!member.getKey().equals(ANYTHING)) {
        JsonNode there = actual.get(member.getKey());
        boolean same =
            there != null
                && (VOLATILE_MEMBERS.contains(member.getKey())
                    ? there.getNodeType() == member.getValue().getNodeType()
                    : matches(member.getValue(), there));
        if (!same) {
          return false;
        }
      }
    }
    return open || actual.size() == expected.size();
  }

  private static boolean elementsMatch(JsonNode expected, JsonNode actual) {
    List<JsonNode> wanted = List.copyOf(expected.valueStream().toList());
    if (wanted.size() != actual.size()) {
      return false;
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (!matches(wanted.get(i), actual.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** A line as a regular expression, whose volatile parts are any of their kind. */
  private static String pattern(String line) {
    StringBuilder pattern = new StringBuilder();
    int at = 0;
    while (at < line.length()) {
      Matcher found = null;
      String any = "";
      for (Map.Entry<Pattern, String> kind : VOLATILE.entrySet()) {
        Matcher next = kind.getKey().matcher(line);
        if (next.find(at) && (found == null || next.start() < found.start())) {
          found = next;
          any = kind.getValue().replace("\\\\", "\\");
        }
      }
      int literalEnd = found == null ? line.length() : found.start();
      pattern.append(literal(line.substring(at, literalEnd)));
      if (found != null) {
        pattern.append(any);
        literalEnd = found.end();
      }
      at = literalEnd;
    }
    return pattern.toString();
  }

  private static String literal(String text) {
    return String.join(
        ".*", java.util.Arrays.stream(text.split(ANYTHING, -1)).map(Pattern::quote).toList());
  }
}
