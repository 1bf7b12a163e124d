package ai.molecule.edge.app;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The log of nginx or HAProxy as it grows, a line {@code status|request id|key id|request line} for
 * each request. For one thread.
 */
final class SeenLog {
  private static final int FIELDS = 4;
  private static final Pattern ESCAPED = Pattern.compile("(?:\\\\x|#)([0-9A-F]{2})");

  private final Path file;
  private long readUpTo;

  SeenLog(Path file) {
    this.file = file;
  }

  /** A request as the server counted it. */
  record Seen(int status, String requestId, String keyId, String line) {
    String method() {
      return line.substring(0, Math.max(0, line.indexOf(' ')));
    }
  }

  /** The requests written down since the last call, in their order. */
  List<Seen> take() throws IOException {
    byte[] more;
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      more = new byte[(int) (log.length() - readUpTo)];
      log.seek(readUpTo);
      log.readFully(more);
    }
    String text = new String(more, StandardCharsets.ISO_8859_1);
    int whole = text.lastIndexOf('\n') + 1;
    readUpTo += whole;
    List<Seen> seen = new ArrayList<>();
    for (String line : text.substring(0, whole).split("\n")) {
      String[] fields = line.split("\\|", FIELDS);
      // HAProxy's words about itself go to the same place.
      if (fields.length == FIELDS) {
        seen.add(
            new Seen(
                Integer.parseInt(fields[0]),
                unescaped(fields[1]).strip(),
                fields[2],
                unescaped(fields[3])));
      }
    }
    return seen;
  }

  private static String unescaped(String logged) {
    Matcher each = ESCAPED.matcher(logged);
    StringBuilder text = new StringBuilder();
    while (each.find()) {
      char c = (char) Integer.parseInt(each.group(1), 16);
      each.appendReplacement(text, Matcher.quoteReplacement(String.valueOf(c)));
    }
    return each.appendTail(text).toString();
  }
}
