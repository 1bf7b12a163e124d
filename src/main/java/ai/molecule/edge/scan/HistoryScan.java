package ai.molecule.edge.scan;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Scans all that the refs of a git repository lead to, each object once: the files of every commit,
 * also those deleted since, and the messages of commits and tags. Git itself reads the objects;
 * where something was found a second pass tells the commit that brought it.
 */
public final class HistoryScan {
  private static final int HEADER_BYTES_MAX = 64 * 1024;
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final String[] EVERYTHING = {"rev-list", "--objects", "--all"};
  private static final String[] CONTENTS = {
    "cat-file", "--buffer", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)"
  };
  private static final String[] COMMITS = {"rev-list", "--topo-order", "--all"};
  private static final String[] CHANGES = {
    "diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-abbrev", "--no-renames"
  };

  private final Git git;
  private final ScanReport report;
  private final CredentialFinder finder;

  /** The objects in which something was found: files by the name under which git listed them. */
  private final Set<String> blobs = new HashSet<>();

  /** Where an object came into the history. */
  private record Origin(String commit, String path) {}

  private HistoryScan(Git git, ScanReport report) {
    this.git = git;
    this.report = report;
    this.finder = new CredentialFinder(report::readBytes);
  }

  /**
   * Scans the repository that {@code path} is in.
   *
   * @throws ScanException when git is missing, refuses the repository or fails on the way
   */
  public static ScanReport scan(Path path, ScanProgress progress) throws IOException {
    Git git = Git.at(path);
    ScanReport report = new ScanReport(progress);
    if (git.isShallow()) {
      report.remark("this is a shallow clone: what came before it is not here and was not scanned");
    }
    new HistoryScan(git, report).scan();
    return report;
  }

  private void scan() throws IOException {
    git.pipe(List.of(EVERYTHING, CONTENTS), this::readObjects);
    if (!blobs.isEmpty()) {
      Map<String, Origin> origins = new HashMap<>();
      git.pipe(List.of(COMMITS, CHANGES), changes -> readOrigins(changes, origins));
      report.replaceEach(finding -> withOrigin(finding, origins));
    }
  }

  private void readObjects(InputStream plain) throws IOException {
    BufferedInputStream stream = new BufferedInputStream(plain, BUFFER_BYTES);
    while (true) {
      String header = readUntil(stream, '\n');
      if (header.isEmpty()) {
        return;
      }
      String[] fields = header.split(" ", 4);
      if (fields.length < 3) {
        report.couldNotRead("object " + header);
        continue;
      }
      BoundedStream content = new BoundedStream(stream, Long.parseLong(fields[2]));
      if (!fields[1].equals("tree")) {
        String path = fields.length < 4 ? "" : fields[3];
        finder.read(content, find -> report.add(found(find, fields[0], fields[1], path)));
        report.readFile();
      }
      content.skipRest();
      stream.skipNBytes(1);
    }
  }

  private Finding found(CredentialFinder.Find find, String object, String type, String path) {
    return switch (type) {
      case "commit" -> Finding.of(find, object, "(commit message)");
      case "tag" -> Finding.of(find, object, "(tag message)");
      default -> {
        blobs.add(object);
        // The object stands in for its commit until the second pass.
        yield Finding.of(find, object, path.isEmpty() ? "(no path)" : path);
      }
    };
  }

  /** Commits come newest first, so the last word about an object is its oldest commit. */
  private void readOrigins(InputStream plain, Map<String, Origin> origins) throws IOException {
    BufferedInputStream stream = new BufferedInputStream(plain, BUFFER_BYTES);
    String commit = "";
    for (String token = readUntil(stream, 0); !token.isEmpty(); token = readUntil(stream, 0)) {
      if (token.charAt(0) != ':') {
        commit = token;
        continue;
      }
      String path = readUntil(stream, 0);
      String object = token.split(" ", 5)[3];
      if (blobs.contains(object)) {
        origins.put(object, new Origin(commit, path));
      }
    }
  }

  private Finding withOrigin(Finding finding, Map<String, Origin> origins) {
    String object = finding.commit();
    if (object == null || !blobs.contains(object)) {
      return finding;
    }
    Origin origin = origins.get(object);
    return new Finding(
        finding.kind(),
        finding.masked(),
        finding.fingerprint(),
        origin == null ? null : origin.commit(),
        origin == null ? finding.path() : origin.path(),
        finding.line());
  }

  /** What comes before {@code end}; empty at the end of the stream. */
  private static String readUntil(InputStream stream, int end) throws IOException {
    byte[] bytes = new byte[128];
    int length = 0;
    for (int next = stream.read(); next >= 0 && next != end; next = stream.read()) {
      if (length == bytes.length) {
        if (length >= HEADER_BYTES_MAX) {
          throw new ScanException("git wrote a name of more than 64 KiB");
        }
        bytes = Arrays.copyOf(bytes, length * 2);
      }
      bytes[length++] = (byte) next;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
