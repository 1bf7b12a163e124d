package ai.molecule.edge.telemetry;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line a finished request, for the requests that the configuration asks for. */
public final class AccessLog {
  /** The name of the logger the lines go to. */
  public static final String LOGGER = "access";

  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
  private static final int FAILURE_STATUS_FROM = 500;
  private static final int NANOS_PER_MICRO = 1_000;

  private final int statusFrom;

  /** For requests as {@code access} says. */
  public AccessLog(LoggingConfig.Access access) {
    this.statusFrom =
        switch (access) {
          case ALL -> 0;
          case FAILURES -> FAILURE_STATUS_FROM;
          case NONE -> Integer.MAX_VALUE;
        };
  }

  /** Whether a request with this status gets a line: ask before preparing costly arguments. */
  public boolean covers(int status) {
    return status >= statusFrom;
  }

  /**
   * Writes a line if one is due; one comparison otherwise.
   *
   * @param route the template
   * @param problem the problem's code, or null
   * @param keyId the id of the key it acted with, or null; never a credential
   * @param client the numeric address
   * @param nanos since the request's head arrived
   */
  public void record(
      String requestId,
      String method,
      String route,
      int status,
      @Nullable String problem,
      @Nullable Object keyId,
      String client,
      long nanos) {
    if (status < statusFrom) {
      return;
    }
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue(LogKeys.REQUEST_ID, requestId)
            .addKeyValue(LogKeys.METHOD, method)
            .addKeyValue(LogKeys.ROUTE, route)
            .addKeyValue(LogKeys.STATUS, status)
            .addKeyValue(LogKeys.CLIENT, client)
            .addKeyValue(LogKeys.DURATION_MICROS, nanos / NANOS_PER_MICRO);
    if (problem != null) {
      line = line.addKeyValue(LogKeys.PROBLEM, problem);
    }
    if (keyId != null) {
      line = line.addKeyValue(LogKeys.KEY_ID, keyId.toString());
    }
    line.log("request");
  }
}
