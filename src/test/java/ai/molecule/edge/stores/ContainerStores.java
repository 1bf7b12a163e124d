package ai.molecule.edge.stores;

import ai.molecule.edge.app.local.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** Stores in containers, on ports that stay the same when one is stopped and started again. */
final class ContainerStores implements StoreSource {
  private static final String POSTGRES_IMAGE = "postgres:18";
  private static final String REDIS_IMAGE = "redis:7.2";
  private static final String LOGIN = "postgres";
  private static final int STOP_SECONDS = 10;

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
        createdWhenReady(server.port);
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
    container.setPortBindings(List.of("127.0.0.1:" + port + ":5432"));
    container.start();
    return new Server(container, port);
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
    container.setPortBindings(List.of("127.0.0.1:" + port + ":6379"));
    container.start();
    return new Server(container, port);
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

  private static void createdWhenReady(int port) {
    long deadline = System.nanoTime() + java.util.concurrent.TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (Connection _ = connect(port)) {
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("Postgres did not come back", e);
        }
        Thread.onSpinWait();
      }
    }
  }

  private static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", LOGIN, LOGIN);
  }

  /** A container that is stopped and started without being removed, so that it keeps its data. */
  private record Server(GenericContainer<?> container, int port) {
    void stop() {
      DockerClientFactory.lazyClient()
          .stopContainerCmd(container.getContainerId())
          .withTimeout(STOP_SECONDS)
          .exec();
    }

    void start() {
      DockerClientFactory.lazyClient().startContainerCmd(container.getContainerId()).exec();
    }

    void pause() {
      DockerClientFactory.lazyClient().pauseContainerCmd(container.getContainerId()).exec();
    }

    void resume() {
      DockerClientFactory.lazyClient().unpauseContainerCmd(container.getContainerId()).exec();
    }
  }
}
