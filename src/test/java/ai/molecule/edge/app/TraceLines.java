package ai.molecule.edge.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Every log event of the JVM at TRACE, rendered with all it carries, until it is closed. */
final class TraceLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root;
  private final Level before;

  private TraceLines(LoggerContext context) {
    this.root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    this.before = root.getLevel();
    setContext(context);
  }

  /** Begins to listen. */
  static TraceLines capture() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    TraceLines lines = new TraceLines(context);
    lines.start();
    // To the console goes no more than before.
    lines.root.iteratorForAppenders().forEachRemaining(console -> console.addFilter(new Off()));
    lines.root.addAppender(lines);
    lines.root.setLevel(Level.TRACE);
    // The one library that prints URLs, at TRACE. No configuration of the edge lets it.
    context.getLogger("io.vertx.ext.web").setLevel(Level.DEBUG);
    return lines;
  }

  /** What was logged so far. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  protected void append(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(event.getLoggerName());
    line.append(' ').append(event.getFormattedMessage());
    line.append(' ').append(event.getKeyValuePairs()).append(' ').append(event.getMDCPropertyMap());
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      line.append(' ').append(ThrowableProxyUtil.asString(failure));
    }
    lines.add(line.toString());
  }

  @Override
  public void close() {
    root.setLevel(before);
    ((LoggerContext) getContext()).getLogger("io.vertx.ext.web").setLevel(null);
    root.detachAppender(this);
    root.iteratorForAppenders().forEachRemaining(console -> console.clearAllFilters());
    stop();
  }

  /** Lets nothing through. */
  private static final class Off extends Filter<ILoggingEvent> {
    @Override
    public FilterReply decide(ILoggingEvent event) {
      return FilterReply.DENY;
    }
  }
}
