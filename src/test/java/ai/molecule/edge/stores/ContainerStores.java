package ai.molecule.edge.stores;

import ai.molecule.edge.app.local.Ports;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** Stores in containers, on ports that stay the same when one is stopped and started again. */
final class ContainerStores implements StoreSource {
  private static final String POSTGRES_IMAGE = "postgres:18";
  private static final String REDIS_IMAGE = "redis:7.2";
  private static final String LOGIN = "postgres";
  private static final int STOP_SECONDS = 10;
  private static final int ANSWER_MILLIS = 1000;
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  static {
    // Else the client writes every byte it exchanges with the engine into the tests' output.
    for (String name : List.of("com.github.dockerjava", "org.testcontainers")) {
      ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.INFO);
    }
  }

  private @Nullable Server sharedPostgres;
  private @Nullable Server sharedRedis;

  @Override
  public synchronized String freshDatabase(String name) {
    Server postgres = sharedPostgres;
    if (postgres == null) {
      postgres = newPostgres();
      sharedPostgres = postgres;
    }
    createDatabase(postgres.port, name);
    return postgresUri(postgres.port, name);
  }

  @Override
  public synchronized String redisUri() {
    Server redis = sharedRedis;
    if (redis == null) {
      redis = newRedis();
      sharedRedis = redis;
    }
    return "redis://127.0.0.1:" + redis.port;
  }

  @Override
  public RedisServerHandle startRedis() {
    Server server = newRedis();
    return new RedisServerHandle() {
      @Override
      public String uri() {
        return "redis://127.0.0.1:" + server.port;
      }

      @Override
      public void stop() {
        server.stop();
      }

      @Override
      public void start() {
        server.start();
      }

      @Override
      public void pause() {
        server.pause();
      }

      @Override
      public void resume() {
        server.resume();
      }

      @Override
      public void close() {
        server.container.stop();
      }
    };
  }

  /** From jars: a sentinel tells addresses, and those of containers are not ours. */
  @Override
  public SentinelSet startSentinelSet() {
    return new EmbeddedStores().startSentinelSet();
  }

  @Override
  public RedisClusterSet startRedisCluster(boolean replicated, String password) {
    return new EmbeddedStores().startRedisCluster(replicated, password);
  }

  @Override
  public PostgresServerHandle startPostgres() {
    Server server = newPostgres();
    createDatabase(server.port, "edge");
    return new PostgresServerHandle() {
      @Override
      public String uri() {
        return postgresUri(server.port, "edge");
      }

      @Override
      public void stop() {
        server.stop();
      }

      @Override
      public void start() {
        server.start();
      }

      @Override
      public void pause() {
        server.pause();
      }

      @Override
      public void resume() {
        server.resume();
      }

      @Override
      public void close() {
        server.container.stop();
      }
    };
  }

  private static Server newPostgres() {
    int port = freePort();
    GenericContainer<?> container =
        new GenericContainer<>(POSTGRES_IMAGE)
            .withEnv("POSTGRES_PASSWORD", LOGIN)
            .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200")
            .waitingFor(Wait.forLogMessage(".*ready to accept connections.*\\s", 2));
    return Server.started(container, port, 5432, ContainerStores::askPostgres);
  }

  private static Server newRedis() {
    int port = freePort();
    GenericContainer<?> container =
        new GenericContainer<>(REDIS_IMAGE)
            .withCommand(
                "redis-server",
                "--save",
                "",
                "--appendonly",
                "no",
                "--maxmemory-policy",
                "noeviction")
            .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*\\s", 1));
    return Server.started(container, port, 6379, ContainerStores::askRedis);
  }

  private static int freePort() {
    try {
      return Ports.scattered();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String postgresUri(int port, String database) {
    return "postgresql://" + LOGIN + ":" + LOGIN + "@127.0.0.1:" + port + "/" + database;
  }

  private static void createDatabase(int port, String name) {
    try (Connection connection = connect(port);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("database " + name + " could not be created", e);
    }
  }

  private static void askPostgres(int port) throws IOException {
    try (Connection _ = connect(port)) {
      // It let us in.
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  private static void askRedis(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      if (socket.getInputStream().read() != '+') {
        throw new IOException("Redis on port " + port + " does not answer PING");
      }
    }
  }

  private static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", LOGIN, LOGIN);
  }

  /** One question to a server; throws while there is no answer. */
  @FunctionalInterface
  private interface Question {
    void ask(int port) throws IOException;
  }

  /** A container that is stopped and started without being removed, so that it keeps its data. */
  private record Server(GenericContainer<?> container, int port, Question question) {
    static Server started(GenericContainer<?> container, int port, int inside, Question question) {
      container.setPortBindings(List.of("127.0.0.1:" + port + ":" + inside));
      container.start();
      Server server = new Server(container, port, question);
      server.awaitAnswer();
      return server;
    }

    void stop() {
      DockerClientFactory.lazyClient()
          .stopContainerCmd(container.getContainerId())
          .withTimeout(STOP_SECONDS)
          .exec();
    }

    void start() {
      DockerClientFactory.lazyClient().startContainerCmd(container.getContainerId()).exec();
      awaitAnswer();
    }

    /** The engine says that a container has started before the server in it listens. */
    private void awaitAnswer() {
      long deadline = System.nanoTime() + START_NANOS;
      while (true) {
        try {
          question.ask(port);
          return;
        } catch (IOException e) {
          if (System.nanoTime() - deadline > 0) {
            throw new UncheckedIOException("no answer on port " + port, e);
          }
          LockSupport.parkNanos(ASK_AGAIN_NANOS);
        }
      }
    }

    void pause() {
      DockerClientFactory.lazyClient().pauseContainerCmd(container.getContainerId()).exec();
    }

    void resume() {
      DockerClientFactory.lazyClient().unpauseContainerCmd(container.getContainerId()).exec();
    }
  }
}
