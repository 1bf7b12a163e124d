package ai.molecule.edge.scan;

import ai.molecule.edge.credential.CredentialForm;
import ai.molecule.edge.credential.CredentialForm.Sighting;
import ai.molecule.edge.credential.CredentialKind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Finds the credentials in a stream of bytes of any length and encoding, within a fixed window. NUL
 * bytes are passed over, so that UTF-16 reads like ASCII.
 *
 * <p>Invariant: each byte of the stream is looked at once as the first of a credential and once as
 * the first of a marker, with the next {@link #OVERLAP} bytes or the stream's end in view; what is
 * found in a line is delivered when the line has ended without a marker.
 *
 * <p>Keeps its window between calls; not safe on two threads.
 */
public final class CredentialFinder {
  /** A line with this text anywhere in it is passed over. */
  public static final String MARKER = "partner-edge:allow";

  static final int OVERLAP = Math.max(CredentialForm.BYTES_MAX, MARKER.length()) - 1;

  private static final int WINDOW_BYTES = 1 << 20;
  private static final String SHORTEST_PREFIX = CredentialKind.WORKSPACE_TOKEN.prefix();
  private static final BytePatterns PREFIXES =
      BytePatterns.of(
          Arrays.stream(CredentialKind.values())
              .map(kind -> kind.prefix().substring(0, SHORTEST_PREFIX.length()))
              .distinct()
              .toList());
  private static final BytePatterns MARKERS = BytePatterns.of(List.of(MARKER));

  private final CredentialForm form = new CredentialForm();
  private final byte[] window;
  private final LongConsumer bytesRead;

  /** Finds in the line at hand, which may turn out to have a marker. */
  private final List<Find> pending = new ArrayList<>();

  private long line;
  private boolean markerInLine;

  /**
   * A credential and the line that it is in.
   *
   * @param line from 1
   */
  public record Find(long line, Sighting sighting) {}

  /** Takes finds, in the order of the stream. */
  @FunctionalInterface
  public interface Sink {
    /** One more credential. */
    void found(Find find);
  }

  /**
   * A finder with a window of a MiB.
   *
   * @param bytesRead is told how many bytes were read, each time some were
   */
  public CredentialFinder(LongConsumer bytesRead) {
    this(WINDOW_BYTES, bytesRead);
  }

  /** With a window of that many bytes, more than {@link #OVERLAP}. */
  CredentialFinder(int windowBytes, LongConsumer bytesRead) {
    this.window = new byte[windowBytes];
    this.bytesRead = bytesRead;
  }

  /**
   * Reads the stream to its end and delivers what is in it. Does not close it.
   *
   * @throws IOException of the stream; what was delivered before stays true
   */
  public void read(InputStream stream, Sink sink) throws IOException {
    pending.clear();
    line = 1;
    markerInLine = false;
    int held = 0;
    boolean last = false;
    while (!last) {
      int read = stream.readNBytes(window, held, window.length - held);
      bytesRead.accept(read);
      last = read < window.length - held;
      int end = ByteRuns.withoutNuls(window, held, held + read);
      int limit = last ? end : Math.max(0, end - OVERLAP);
      examine(limit, end, sink);
      held = end - limit;
      System.arraycopy(window, limit, window, 0, held);
    }
    endLine(sink);
  }

  private void examine(int limit, int end, Sink sink) {
    int from = 0;
    int at = PREFIXES.next(window, from, limit, end);
    while (at < limit) {
      Sighting sighting = form.at(window, at, end);
      if (sighting != null) {
        advance(from, at, end, sink);
        from = at;
        pending.add(new Find(line, sighting));
      }
      at = PREFIXES.next(window, at + 1, limit, end);
    }
    advance(from, limit, end, sink);
  }

  /** Takes note of the lines that end in {@code [from, to)} and of the markers in them. */
  private void advance(int from, int to, int end, Sink sink) {
    int newline = from;
    while (newline < to && window[newline] != '\n') {
      newline++;
    }
    if (newline == to) {
      markerInLine |= hasMarker(from, to, end);
      return;
    }
    if (!pending.isEmpty()) {
      markerInLine |= hasMarker(from, newline, end);
      endLine(sink);
    }
    line += ByteRuns.newlines(window, newline, to);
    int lineStart = to;
    while (window[lineStart - 1] != '\n') {
      lineStart--;
    }
    markerInLine = hasMarker(lineStart, to, end);
  }

  private boolean hasMarker(int from, int to, int end) {
    return MARKERS.next(window, from, to, end) < to;
  }

  private void endLine(Sink sink) {
    if (!markerInLine) {
      pending.forEach(sink::found);
    }
    pending.clear();
  }
}
