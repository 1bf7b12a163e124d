package ai.molecule.edge.app;

import ai.molecule.edge.telemetry.AccessLog;
import ai.molecule.edge.telemetry.LogKeys;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** The access lines of the nodes of this JVM, taken instead of printed. Safe on any thread. */
final class AccessLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Queue<Line> lines = new ConcurrentLinkedQueue<>();
  private final Logger logger;

  private AccessLines(Logger logger) {
    this.logger = logger;
    setContext(logger.getLoggerContext());
  }

  /** What one says. */
  record Line(String requestId, String method, String route, int status) {}

  static AccessLines capture() {
    Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.LOGGER);
    AccessLines lines = new AccessLines(logger);
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
    return lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    Map<String, Object> values = new HashMap<>();
    event.getKeyValuePairs().forEach(pair -> values.put(pair.key, pair.value));
    lines.add(
        new Line(
            values.get(LogKeys.REQUEST_ID).toString(),
            values.get(LogKeys.METHOD).toString(),
            values.get(LogKeys.ROUTE).toString(),
            (Integer) values.get(LogKeys.STATUS)));
  }

  /** Those that came since the last call. */
  List<Line> take() {
    List<Line> taken = new ArrayList<>();
    for (Line line = lines.poll(); line != null; line = lines.poll()) {
      taken.add(line);
    }
    return taken;
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setAdditive(true);
    logger.setLevel(null);
    stop();
  }
}
