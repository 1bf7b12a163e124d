package ai.molecule.edge.app;

import ai.molecule.edge.config.ConfigException;
import ai.molecule.edge.telemetry.Logging;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * What a command that failed says: why, in a line on the standard error stream (a refused
 * configuration has a line for each key), and by its exit code of which sort the failure is. A
 * stack trace is for the log alone, and only where nobody foresaw the failure.
 */
final class Failures implements CommandLine.IExecutionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    switch (failure) {
      case ConfigException refused -> err.println(refused.getMessage());
      case IOException foreseen -> err.println("partner-edge: " + words(foreseen));
      default -> {
        Logging.applyUnlessApplied(System.err);
        LOG.error("command_failed command={}", command.getCommandName(), failure);
        err.println("partner-edge: failed, the log says where: " + failure);
      }
    }
    err.flush();
    return failure instanceof ConfigException ? ExitCode.USAGE : ExitCode.FAILED;
  }

  /** The message of what is thrown for a file is the file's name and no more. */
  private static String words(IOException failure) {
    String message = failure.getMessage();
    return message == null || failure instanceof FileSystemException ? failure.toString() : message;
  }
}
