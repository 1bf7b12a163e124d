package ai.molecule.edge.telemetry;

/**
 * The names of log fields, the same in every line that has one. None of them is ever given a
 * credential.
 */
public final class LogKeys {
  public static final String TIME = "time";
  public static final String LEVEL = "level";
  public static final String LOGGER = "logger";
  public static final String THREAD = "thread";
  public static final String MESSAGE = "message";

  /** A failure with its stack trace. */
  public static final String ERROR = "error";

  public static final String REQUEST_ID = "request_id";
  public static final String METHOD = "method";

  /** A route's template, never a path that a client sent. */
  public static final String ROUTE = "route";

  public static final String STATUS = "status";
  public static final String PROBLEM = "problem";

  /** A key's id. */
  public static final String KEY_ID = "key_id";

  /** The client's numeric address. */
  public static final String CLIENT = "client";

  public static final String DURATION_MICROS = "duration_micros";

  /** The store or service a line is about. */
  public static final String DEPENDENCY = "dependency";

  /** How many like it went unlogged. */
  public static final String COUNT = "count";

  private LogKeys() {}
}
