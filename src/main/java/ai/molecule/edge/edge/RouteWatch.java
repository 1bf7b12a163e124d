package ai.molecule.edge.edge;

import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.Reload;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the file of routes every second, and puts into force what has changed there. A file with
 * a fault, or one that cannot be read, changes nothing: the last good routes stay, and the log and
 * a meter say so, once for each state of the file. Safe on any thread.
 */
public final class RouteWatch {
  private static final Logger LOG = LoggerFactory.getLogger(RouteWatch.class);
  private static final long PERIOD_MILLIS = 1_000;

  private final Vertx vertx;
  private final Path file;
  private final Routes routes;
  private final EdgeMeters meters;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile byte @Nullable [] seen;
  private volatile boolean readable = true;
  private long timer;

  private RouteWatch(Vertx vertx, Path file, Routes routes, EdgeMeters meters) {
    this.vertx = vertx;
    this.file = file;
    this.routes = routes;
    this.meters = meters;
  }

  /** Begins to look at {@code file}, whose routes of now are in force. */
  public static RouteWatch start(Vertx vertx, Path file, Routes routes, EdgeMeters meters) {
    RouteWatch watch = new RouteWatch(vertx, file, routes, meters);
    watch.look();
    watch.timer = vertx.setPeriodic(PERIOD_MILLIS, tick -> watch.look());
    return watch;
  }

  /**
   * Looks at the file now.
   *
   * @return completes when what it says is in force or refused; never fails
   */
  public Future<Void> look() {
    if (!looking.compareAndSet(false, true)) {
      return Future.succeededFuture();
    }
    return vertx
        .executeBlocking(
            () -> {
              read();
              return true;
            })
        .transform(
            done -> {
              looking.set(false);
              if (done.failed()) {
                LOG.error("the routes could not be looked at", done.cause());
              }
              return Future.succeededFuture();
            });
  }

  private void read() {
    byte[] before = seen;
    try {
      byte[] now = RouteFile.read(file);
      readable = true;
      if (before != null && Arrays.equals(before, now)) {
        return;
      }
      seen = now;
      RouteTable table = RouteFile.parse(now);
      if (table.routes().equals(routes.get().routes())) {
        return;
      }
      routes.replace(table);
      meters.routesReloaded(Reload.APPLIED);
      LOG.info("{} routes of {} are in force", table.routes().size(), file);
    } catch (RouteFile.Refused refused) {
      meters.routesReloaded(Reload.REFUSED);
      LOG.error("{} is refused, the routes before it stay: {}", file, refused.getMessage());
    } catch (IOException gone) {
      // At first there need not be a file; later its absence is more likely a mistake.
      if (readable && before != null) {
        meters.routesReloaded(Reload.REFUSED);
        LOG.error("{} cannot be read, its last routes stay: {}", file, gone.toString());
      }
      readable = false;
    }
  }

  /** Looks no more. */
  public void stop() {
    vertx.cancelTimer(timer);
  }
}
