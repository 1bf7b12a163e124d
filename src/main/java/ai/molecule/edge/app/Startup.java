package ai.molecule.edge.app;

import ai.molecule.edge.app.node.EdgeVertx;
import ai.molecule.edge.app.node.Node;
import ai.molecule.edge.config.ConfigLoader;
import ai.molecule.edge.config.ConfigLoader.Purpose;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.LoadedConfig;
import ai.molecule.edge.telemetry.Logging;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's life in a process: configuration, stores, start, a signal, drain, end. A signal during
 * the start ends it after the step at hand.
 */
final class Startup {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
  private static final int START_SECONDS_MAX = 120;
  private static final int CLOSE_SECONDS_MAX = 20;

  private final PrintWriter out;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Object steps = new Object();
  private @Nullable Stores stores;
  private @Nullable EdgeVertx edge;
  private volatile @Nullable Node node;
  private volatile boolean stopping;

  /** What is done, and at its end how to use it, goes to {@code out}. */
  Startup(PrintWriter out) {
    this.out = out;
  }

  /**
   * Serves until a signal comes.
   *
   * @return the exit code
   * @throws ai.molecule.edge.config.ConfigException when the configuration is refused
   * @throws IOException saying why, when the start fails; everything begun has been stopped
   */
  int serve(Optional<Path> configFile) throws IOException {
    LoadedConfig loaded = load(configFile, purposeOfServing());
    Logging.apply(loaded.logging(), Logging.isTerminal() || loaded.needsStores(), System.err);
    Signals.handle(this::stop, this::reload);
    try {
      start(loaded);
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
    awaitStop();
    return ExitCode.OK;
  }

  static LoadedConfig load(Optional<Path> configFile, Purpose purpose) {
    Map<String, String> environment = System.getenv();
    return ConfigLoader.load(configFile, environment, Path.of("").toAbsolutePath(), purpose);
  }

  /** What a start here would read the configuration for. */
  static Purpose purposeOfServing() {
    return Stores.areHere() ? Purpose.SERVE : Purpose.SERVE_WITHOUT_EMBEDDED_STORES;
  }

  private void start(LoadedConfig loaded) throws IOException {
    EdgeConfig config;
    @Nullable String token = null;
    synchronized (steps) {
      if (stopping) {
        return;
      }
      if (loaded.needsStores()) {
        Stores started = Stores.start(loaded.dataDir(), this::step);
        stores = started;
        token = token(loaded);
        config =
            loaded.complete(started.postgresUri(), started.redisUri(), token == null ? "" : token);
      } else {
        token = token(loaded);
        config = loaded.complete(token == null ? "" : token);
      }
      if (!loaded.hasWebhookKey()) {
        config =
            config.withWebhooks(
                config.webhooks().withSealingKey(WebhookKeyFile.readOrMake(loaded.dataDir())));
      }
    }
    synchronized (steps) {
      if (stopping) {
        return;
      }
      EdgeVertx started = EdgeVertx.create(config.http().eventLoopsEffective());
      edge = started;
      node = await("the start", Node.start(started, config, this::step), START_SECONDS_MAX);
      Welcome welcome = new Welcome(config, node.port(), node.managementPort(), token);
      out.print(loaded.needsStores() ? welcome.full() : welcome.brief());
      out.flush();
    }
  }

  /** Where none is configured, the one of the node that has made the data directory. */
  private static @Nullable String token(LoadedConfig loaded) throws IOException {
    return loaded.adminToken().isEmpty()
        ? AdminTokenFile.readOrMake(loaded.dataDir())
        : loaded.adminTokenText().orElse(null);
  }

  private void step(String what) {
    out.println("  " + what);
    out.flush();
  }

  private static <T> T await(String what, Future<T> future, int seconds) throws IOException {
    try {
      return future.await(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException(what + " is not done after " + seconds + " s", e);
    }
  }

  private void awaitStop() {
    boolean interrupted = false;
    while (true) {
      try {
        stopped.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void reload() {
    Node serving = node;
    if (serving != null) {
      serving.reload();
    }
  }

  /** Stops what was started, last first. Calling again does nothing. */
  private void stop() {
    stopping = true;
    synchronized (steps) {
      Node serving = node;
      if (serving != null) {
        step("draining");
        attempt("drain", serving.drain().compose(drained -> serving.close()));
        node = null;
      }
      if (edge != null) {
        attempt("close", edge.vertx().close());
        edge = null;
      }
      if (stores != null) {
        step("stopping the stores");
        try {
          stores.close();
        } catch (RuntimeException e) {
          LOG.warn("the stores did not stop cleanly", e);
        }
        stores = null;
      }
    }
    stopped.countDown();
  }

  private static void attempt(String what, Future<Void> work) {
    try {
      await(what, work, CLOSE_SECONDS_MAX);
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} failed: {}", what, e.toString());
    }
  }
}
