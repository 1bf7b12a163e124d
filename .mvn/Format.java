import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Runs google-java-format over every Java file of the project. {@code check REPORT} lists the files
 * that it would change in REPORT, or leaves no REPORT behind when there are none; {@code apply}
 * changes them. The build starts it from the project's root and fails on a REPORT.
 */
final class Format {

  private static final List<Path> ROOTS = List.of(Path.of("src"), Path.of(".mvn"));

  private Format() {}

  public static void main(String[] arguments) throws IOException {
    switch (arguments[0]) {
      case "check" -> check(Path.of(arguments[1]));
      case "apply" -> System.exit(format(new PrintWriter(System.out, true), "--replace"));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void check(Path report) throws IOException {
    var changed = new StringWriter();
    var status = format(new PrintWriter(changed, true), "--dry-run", "--set-exit-if-changed");
    if (status == 0) {
      Files.deleteIfExists(report);
    } else {
      System.err.println("Not formatted:");
      changed.toString().lines().map(file -> "  " + file).forEach(System.err::println);
      Files.writeString(report, changed.toString());
    }
  }

  private static int format(PrintWriter out, String... options) throws IOException {
    var command = new ArrayList<>(List.of(options));
    for (var root : ROOTS) {
      if (Files.isDirectory(root)) {
        try (var files = Files.walk(root)) {
          files.map(Path::toString).filter(f -> f.endsWith(".java")).sorted().forEach(command::add);
        }
      }
    }
    var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    var formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    return formatter.run(out, err, command.toArray(String[]::new));
  }
}
