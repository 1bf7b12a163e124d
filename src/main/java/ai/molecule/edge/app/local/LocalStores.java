package ai.molecule.edge.app.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Postgres and the Redis of a single machine, in one data directory that one edge at a time may
 * hold. Keys survive a restart, for Postgres keeps its files; ports stay the same while nobody else
 * takes them. Every call blocks.
 */
public final class LocalStores implements AutoCloseable {
  /** The database the edge uses. */
  public static final String DATABASE = "edge";

  private static final int POSTGRES_PORT_FROM = 15_432;
  private static final int REDIS_PORT_FROM = 16_379;

  private final FileChannel lockFile;
  private final PostgresServer postgres;
  private final RedisServer redis;

  private LocalStores(FileChannel lockFile, PostgresServer postgres, RedisServer redis) {
    this.lockFile = lockFile;
    this.postgres = postgres;
    this.redis = redis;
  }

  /**
   * Starts both, taking over what a killed edge left running.
   *
   * @param dataDirectory made if it is not there
   * @param progress told, in words, what is being done
   * @throws IOException saying why, when another edge holds the directory or a server does not
   *     start; nothing is left running then
   */
  public static LocalStores start(Path dataDirectory, Consumer<String> progress)
      throws IOException {
    Path home = Files.createDirectories(dataDirectory).toAbsolutePath().normalize();
    return start(home, home.resolve("bin"), progress);
  }

  /** As the public one, with the place to unpack the programs to. */
  static LocalStores start(Path home, Path binaries, Consumer<String> progress) throws IOException {
    FileChannel lockFile = lock(home);
    @Nullable PostgresServer postgres = null;
    try {
      postgres =
          PostgresServer.start(
              home.resolve("postgres"),
              binaries,
              POSTGRES_PORT_FROM,
              PostgresServer.Durability.DURABLE,
              progress);
      postgres.createDatabase(DATABASE);
      RedisServer redis =
          RedisServer.start(home.resolve("redis"), binaries, REDIS_PORT_FROM, progress);
      return new LocalStores(lockFile, postgres, redis);
    } catch (IOException | RuntimeException e) {
      if (postgres != null) {
        postgres.stop();
      }
      lockFile.close();
      throw e;
    }
  }

  private static FileChannel lock(Path home) throws IOException {
    Path file = home.resolve("lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      @Nullable FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very JVM: the same answer as for another process.
    }
    channel.close();
    throw new IOException(
        "the data directory "
            + home
            + " is in use by another edge; stop it, or set EDGE_DATA_DIR to another directory, or"
            + " join its stores with EDGE_POSTGRES_URI and EDGE_REDIS_URI");
  }

  /** Where Postgres is, database included. */
  public String postgresUri() {
    return postgres.uri(DATABASE);
  }

  /** Where Redis is. */
  public String redisUri() {
    return redis.uri();
  }

  /** Stops both servers and lets the data directory go. Calling again does nothing. */
  @Override
  public synchronized void close() {
    if (!lockFile.isOpen()) {
      return;
    }
    try (lockFile) {
      try {
        redis.stop();
      } finally {
        postgres.stop();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded stores did not stop cleanly", e);
    }
  }
}
