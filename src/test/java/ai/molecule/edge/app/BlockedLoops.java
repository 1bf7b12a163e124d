package ai.molecule.edge.app;

import ai.molecule.edge.app.node.EdgeVertx;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * Collects the reports of blocked event loops, with where each was. Left out are the loading and
 * linking of classes, which happens once in the life of a JVM, and loops that mostly waited for a
 * processor. Safe on any thread.
 */
final class BlockedLoops implements AutoCloseable {
  /** An event loop busy for longer counts as blocked. */
  private static final String MILLIS = "200";

  private static final List<String> ONCE_ONLY =
      List.of(
          "java.lang.ClassLoader.",
          "jdk.internal.loader.",
          "java.lang.invoke.MethodHandleNatives",
          "java.lang.invoke.InnerClassLambdaMetafactory",
          "<clinit>");

  private static final Pattern DURATION = Pattern.compile("for (\\d+) ms");

  private final RunQueue runQueue = RunQueue.watch();
  private final Queue<String> reports = new ConcurrentLinkedQueue<>();
  private final Collector collector = new Collector();
  private final Logger logger;

  private BlockedLoops() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    // Everything at DEBUG, the default without a configuration, is a load of its own.
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    this.logger = context.getLogger(EdgeVertx.class);
    collector.setContext(context);
  }

  /** Reports blocked loops of every Vert.x made from now on. */
  static BlockedLoops watch() {
    System.setProperty(EdgeVertx.BLOCKED_MILLIS_PROPERTY, MILLIS);
    BlockedLoops watch = new BlockedLoops();
    watch.collector.start();
    watch.logger.setLevel(Level.WARN);
    watch.logger.addAppender(watch.collector);
    return watch;
  }

  /** What was reported so far. */
  List<String> reports() {
    return List.copyOf(reports);
  }

  /** Forgets what was reported so far. */
  void forget() {
    reports.clear();
  }

  @Override
  public void close() {
    logger.detachAppender(collector);
    collector.stop();
    runQueue.close();
  }

  private final class Collector extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      IThrowableProxy where = event.getThrowableProxy();
      if (where == null || !event.getFormattedMessage().contains("eventloop")) {
        return;
      }
      String stack = ThrowableProxyUtil.asString(where);
      if (ONCE_ONLY.stream().noneMatch(stack::contains) && !waited(event.getFormattedMessage())) {
        reports.add(event.getFormattedMessage() + "\n" + stack);
      }
    }

    /** Whether loops waited for a processor for a quarter of that time, so that nobody can tell. */
    private boolean waited(String message) {
      Matcher duration = DURATION.matcher(message);
      if (!duration.find()) {
        return false;
      }
      long millis = Long.parseLong(duration.group(1));
      return runQueue.waitedMillis(millis) >= millis / 4;
    }
  }
}
