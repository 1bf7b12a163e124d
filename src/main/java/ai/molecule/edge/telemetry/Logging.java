package ai.molecule.edge.telemetry;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.io.OutputStream;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Sets logging up. Lines go to their stream through a bounded queue: when whoever reads it stalls,
 * lines are dropped and requests go on.
 */
public final class Logging {
  private static final String QUEUE = "queue";
  private static final int QUEUE_LINES_MAX = 8_192;
  private static final int FLUSH_MILLIS_MAX = 2_000;
  private static final String PLAIN = "%d{HH:mm:ss.SSS} %-5level %logger{0} - %msg %kvp%n%ex";
  private static final String COLOURED =
      "%d{HH:mm:ss.SSS} %highlight(%-5level) %cyan(%logger{0}) - %msg %kvp%n%ex";

  /** Libraries that log what they receive below this level, or say much that nobody needs. */
  private static final List<String> KEPT_AT_WARN =
      List.of("io.netty", "io.vertx", "org.flywaydb", "io.zonky", "redis.embedded");

  private Logging() {}

  /**
   * Applies the configuration to the whole JVM.
   *
   * @param forPeople whether {@code auto} means text rather than JSON
   * @param out where lines go; never closed
   */
  public static void apply(LoggingConfig config, boolean forPeople, OutputStream out) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    OutputStreamAppender<ILoggingEvent> lines = new OutputStreamAppender<>();
    lines.setContext(context);
    lines.setName("lines");
    lines.setEncoder(encoder(config, forPeople, context));
    lines.setOutputStream(new Unclosable(out));
    lines.start();
    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setName(QUEUE);
    queue.setQueueSize(QUEUE_LINES_MAX);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(FLUSH_MILLIS_MAX);
    queue.addAppender(lines);
    queue.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level level = Level.toLevel(config.level().name());
    root.setLevel(level);
    root.addAppender(queue);
    for (String library : KEPT_AT_WARN) {
      context.getLogger(library).setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    }
  }

  /** Logging as shipped, to {@code out}, for a process that has not come to {@link #apply}. */
  public static void applyUnlessApplied(OutputStream out) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    if (context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender(QUEUE) == null) {
      apply(LoggingConfig.defaults(), isTerminal(), out);
    }
  }

  private static Encoder<ILoggingEvent> encoder(
      LoggingConfig config, boolean forPeople, LoggerContext context) {
    boolean plain =
        switch (config.format()) {
          case PLAIN -> true;
          case JSON -> false;
          case AUTO -> forPeople;
        };
    if (!plain) {
      JsonLines encoder = new JsonLines();
      encoder.setContext(context);
      encoder.start();
      return encoder;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(isTerminal() ? COLOURED : PLAIN);
    encoder.start();
    return encoder;
  }

  /** Whether a person watches: both standard input and output are a terminal. */
  public static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Writes what is still queued and stops logging. */
  public static void stop() {
    ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
  }

  /** A stream that stays open when its appender is stopped. */
  private static final class Unclosable extends java.io.FilterOutputStream {
    private Unclosable(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws java.io.IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws java.io.IOException {
      flush();
    }
  }
}
