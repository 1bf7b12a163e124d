package ai.molecule.edge.stores;

import ai.molecule.edge.app.local.Directories;
import ai.molecule.edge.app.local.Ports;
import ai.molecule.edge.app.local.PostgresServer;
import ai.molecule.edge.app.local.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores from jars, in a directory named after the JVM's process id. What a killed JVM left behind,
 * running servers included, is removed by the next one.
 */
final class EmbeddedStores implements StoreSource {
  private static final String PREFIX = "run-";

  private final Path binaries;
  private final Path directory;
  private final AtomicInteger servers = new AtomicInteger();
  private final ConcurrentLinkedDeque<Action> ends = new ConcurrentLinkedDeque<>();
  private @Nullable PostgresServer sharedPostgres;
  private @Nullable RedisServer sharedRedis;

  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }

  EmbeddedStores() {
    Path root =
        Path.of(System.getProperty("java.io.tmpdir"))
            .resolve("partner-edge-stores-" + System.getProperty("user.name"));
    this.binaries = root.resolve("bin");
    this.directory = root.resolve(PREFIX + ProcessHandle.current().pid());
    attempt(
        () -> {
          Files.createDirectories(root);
          removeLeftovers(root);
        });
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopAll, "test-stores-end"));
  }

  private static void removeLeftovers(Path root) throws IOException {
    List<Path> runs;
    try (Stream<Path> entries = Files.list(root)) {
      runs = entries.filter(path -> path.getFileName().toString().startsWith(PREFIX)).toList();
    }
    for (Path run : runs) {
      long pid = Long.parseLong(run.getFileName().toString().substring(PREFIX.length()));
      boolean ownersAlive =
          ProcessHandle.of(pid).isPresent() && pid != ProcessHandle.current().pid();
      if (ownersAlive) {
        continue;
      }
      List<Path> stores;
      try (Stream<Path> entries = Files.list(run)) {
        stores = entries.toList();
      }
      for (Path store : stores) {
        PostgresServer.endLeftover(store);
        RedisServer.endLeftover(store);
      }
      Directories.delete(run);
    }
  }

  private void stopAll() {
    ends.forEach(
        end -> {
          try {
            end.run();
          } catch (IOException | RuntimeException e) {
            System.err.println("a test store did not stop: " + e);
          }
        });
    attempt(() -> Directories.delete(directory));
  }

  @Override
  public synchronized String freshDatabase(String name) {
    PostgresServer postgres = sharedPostgres;
    if (postgres == null) {
      postgres = newPostgres();
      sharedPostgres = postgres;
    }
    PostgresServer server = postgres;
    attempt(() -> server.createDatabase(name));
    return server.uri(name);
  }

  @Override
  public synchronized String redisUri() {
    RedisServer redis = sharedRedis;
    if (redis == null) {
      redis = newRedis();
      sharedRedis = redis;
    }
    return redis.uri();
  }

  private PostgresServer newPostgres() {
    try {
      PostgresServer server =
          PostgresServer.start(
              directory.resolve("postgres-" + servers.incrementAndGet()),
              binaries,
              Ports.scattered(),
              PostgresServer.Durability.FAST,
              line -> {});
      ends.add(server::stop);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RedisServer newRedis() {
    try {
      RedisServer server =
          RedisServer.start(
              directory.resolve("redis-" + servers.incrementAndGet()),
              binaries,
              Ports.scattered(),
              line -> {});
      ends.add(server::stop);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RedisServerHandle startRedis() {
    RedisServer server = newRedis();
    return new RedisServerHandle() {
      @Override
      public String uri() {
        return server.uri();
      }

      @Override
      public void stop() {
        attempt(server::stop);
      }

      @Override
      public void start() {
        attempt(server::restart);
      }

      @Override
      public void pause() {
        attempt(server::pause);
      }

      @Override
      public void resume() {
        attempt(server::resume);
      }

      @Override
      public void close() {
        attempt(server::stop);
      }
    };
  }

  @Override
  public SentinelSet startSentinelSet() {
    try {
      return SentinelSet.start(
          startRedis(),
          startRedis(),
          RedisServer.program(binaries),
          directory.resolve("redis-" + servers.incrementAndGet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RedisClusterSet startRedisCluster(boolean replicated, String password) {
    try {
      return RedisClusterSet.start(
          RedisServer.program(binaries),
          directory.resolve("redis-" + servers.incrementAndGet()),
          replicated,
          password,
          set -> ends.add(set::kill));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public PostgresServerHandle startPostgres() {
    PostgresServer server = newPostgres();
    attempt(() -> server.createDatabase("edge"));
    return new PostgresServerHandle() {
      @Override
      public String uri() {
        return server.uri("edge");
      }

      @Override
      public void stop() {
        attempt(server::stop);
      }

      @Override
      public void start() {
        attempt(server::restart);
      }

      @Override
      public void pause() {
        attempt(server::pause);
      }

      @Override
      public void resume() {
        attempt(server::resume);
      }

      @Override
      public void close() {
        attempt(server::stop);
      }
    };
  }

  private static void attempt(Action action) {
    try {
      action.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
