package ai.molecule.edge.telemetry;

/**
 * What is logged and how.
 *
 * @param format of a line
 * @param level the least important lines written
 * @param access which requests get an access line
 */
public record LoggingConfig(Format format, Level level, Access access) {
  /** How a line looks. */
  public enum Format {
    /** {@link #PLAIN} on a terminal, {@link #JSON} elsewhere. */
    AUTO,
    /** One JSON object a line, with fixed keys. */
    JSON,
    /** Text for people, with colours on a terminal. */
    PLAIN
  }

  /** How important a line is. Finer ones would let libraries print what they receive. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** Which requests get an access line. */
  public enum Access {
    ALL,
    /** Those answered with status 500 and up. */
    FAILURES,
    NONE
  }

  /** The shipped settings. */
  public static LoggingConfig defaults() {
    return new LoggingConfig(Format.AUTO, Level.INFO, Access.FAILURES);
  }
}
