package ai.molecule.edge.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Whether to wait for what was begun, and how long. */
final class WaitOptions {
  @Option(names = "--wait", description = "End only when it is done, or has failed.")
  private boolean wait;

  @Option(
      names = "--wait-seconds",
      paramLabel = "N",
      defaultValue = "300",
      description = "How long to wait at most (default: 300).")
  private int seconds;

  WaitOptions() {}

  boolean asked() {
    return wait;
  }

  OrgWait on(EdgeClient edge, ProgressLine progress) {
    return new OrgWait(edge, progress, Duration.ofSeconds(seconds));
  }
}
