package ai.molecule.edge.cli;

import ai.molecule.edge.scan.CredentialFinder;
import ai.molecule.edge.scan.HistoryScan;
import ai.molecule.edge.scan.ScanFormat;
import ai.molecule.edge.scan.ScanReport;
import ai.molecule.edge.scan.TreeScan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scan}: looks for leaked credentials in files or in a git history. */
@Command(
    name = "scan",
    description = {
      "Look for leaked keys and tokens in files, or in the whole history of a git repository.",
      "A line with @|bold " + CredentialFinder.MARKER + "|@ in it is passed over."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no credential was found",
      "1:credentials were found; they are on the standard output",
      "2:the scan could not run, or could not read everything"
    })
public final class ScanCommand implements Callable<Integer> {
  private static final int CLEAN = 0;
  private static final int FOUND = 1;
  private static final int COULD_NOT_RUN = 2;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PATH", description = "A file, a folder or a git repository.")
  private Path path;

  @Option(
      names = "--git",
      description = "Scan all commits that branches, tags and other refs lead to.")
  private boolean git;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "How findings are written: text, json or sarif (default: text).")
  private ScanFormat format;

  /** Made by the command line. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields.
  ScanCommand() {}

  @Override
  public Integer call() {
    CommandLine command = spec.commandLine();
    PrintWriter err = command.getErr();
    try (ProgressLine progress = ProgressLine.on(err)) {
      ScanReport report = scan(progress);
      progress.close();
      String version = String.join(" ", spec.root().version());
      format.write(report, version, command.getOut());
      command.getOut().flush();
      summarize(report, err);
      if (!report.findings().isEmpty()) {
        return FOUND;
      }
      return report.unreadable().isEmpty() ? CLEAN : COULD_NOT_RUN;
    } catch (IOException e) {
      err.println("partner-edge: " + e.getMessage());
      err.flush();
      return COULD_NOT_RUN;
    }
  }

  private ScanReport scan(ProgressLine progress) throws IOException {
    String unit = git ? "objects" : "files";
    return git
        ? HistoryScan.scan(path, (files, bytes) -> progress.show(scanned(files, unit, bytes)))
        : TreeScan.scan(path, (files, bytes) -> progress.show(scanned(files, unit, bytes)));
  }

  private static String scanned(long files, String unit, long bytes) {
    return files + " " + unit + ", " + bytes / 1_000_000 + " MB";
  }

  private void summarize(ScanReport report, PrintWriter err) {
    report.unreadable().forEach(one -> err.println("not read: " + one));
    report.remarks().forEach(err::println);
    long found = report.findings().size() + report.findingsLeftOut();
    err.println(
        (found == 0 ? "no credential" : found + (found == 1 ? " credential" : " credentials"))
            + " in "
            + scanned(report.files(), git ? "objects" : "files", report.bytes()));
    if (report.findingsLeftOut() > 0) {
      err.println("the first " + ScanReport.KEPT_MAX + " are shown");
    }
    err.flush();
  }
}
