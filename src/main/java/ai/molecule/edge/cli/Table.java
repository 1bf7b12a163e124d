package ai.molecule.edge.cli;

import ai.molecule.edge.scan.PrintableText;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** JSON as columns of text. */
final class Table {
  private static final String GAP = "  ";
  private static final String NOTHING = "-";

  private Table() {}

  /** A column: its head and what it shows of an object. */
  record Column(String head, Function<JsonNode, String> cell) {
    /** Shows a member of that name. */
    static Column of(String head, String member) {
      return new Column(head, object -> shown(object.path(member)));
    }
  }

  /** Prints a line a row, under a line of heads. */
  static void print(PrintWriter out, List<Column> columns, Iterable<JsonNode> objects) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(columns.stream().map(Column::head).toList());
    for (JsonNode object : objects) {
      rows.add(columns.stream().map(column -> column.cell().apply(object)).toList());
    }
    printAligned(out, rows);
  }

  /** Prints a line a member: its name and its value. */
  static void print(PrintWriter out, JsonNode object) {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      rows.add(List.of(member.getKey(), shown(member.getValue())));
    }
    printAligned(out, rows);
  }

  /** A value in one line. */
  static String shown(JsonNode value) {
    if (value.isMissingNode() || value.isNull() || (value.isContainerNode() && value.isEmpty())) {
      return NOTHING;
    }
    if (value.isArray()) {
      return String.join(
          ",", StreamSupport.stream(value.spliterator(), false).map(Table::shown).toList());
    }
    return PrintableText.of(value.isObject() ? value.toString() : value.asText());
  }

  private static void printAligned(PrintWriter out, List<List<String>> rows) {
    int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i));
        if (i < columns - 1) {
          line.repeat(' ', widths[i] - width(row.get(i))).append(GAP);
        }
      }
      out.println(line);
    }
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
