package ai.molecule.edge.scan;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Scans a file, or all regular files below a folder whatever they are named. Symbolic links are not
 * followed: what they lead to is either in the tree anyway or none of its business. The folders
 * named {@code .git} are left out; {@link HistoryScan} is for them.
 */
public final class TreeScan {
  private static final String GIT = ".git";

  private final Path root;
  private final ScanReport report;
  private final CredentialFinder finder;

  private TreeScan(Path root, ScanReport report) {
    this.root = root;
    this.report = report;
    this.finder = new CredentialFinder(report::readBytes);
  }

  /**
   * Scans; what cannot be read is in the report.
   *
   * @throws ScanException when there is nothing at {@code path}
   */
  public static ScanReport scan(Path path, ScanProgress progress) throws IOException {
    Path real;
    try {
      real = path.toRealPath();
    } catch (IOException e) {
      throw new ScanException("there is no file or folder " + path, e);
    }
    ScanReport report = new ScanReport(progress);
    new TreeScan(real, report).walk();
    return report;
  }

  private void walk() throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean skipped = !folder.equals(root) && folder.endsWith(GIT);
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
              read(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            noteFailure(file, failure);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
            if (failure != null) {
              noteFailure(folder, failure);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void read(Path file) {
    String name = nameOf(file);
    try (InputStream stream = Files.newInputStream(file)) {
      finder.read(stream, find -> report.add(Finding.of(find, null, name)));
      report.readFile();
    } catch (IOException e) {
      noteFailure(file, e);
    }
  }

  /** A file that went away in the meantime has nothing to hide. */
  private void noteFailure(Path file, IOException failure) {
    if (!(failure instanceof NoSuchFileException)) {
      report.couldNotRead(nameOf(file) + ": " + failure);
    }
  }

  private String nameOf(Path file) {
    Path relative = file.equals(root) ? file.getFileName() : root.relativize(file);
    return String.valueOf(relative).replace('\\', '/');
  }
}
