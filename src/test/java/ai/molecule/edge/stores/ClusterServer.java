package ai.molecule.edge.stores;

import ai.molecule.edge.app.local.Ports;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One server of a {@link RedisClusterSet}. Every call blocks. */
public final class ClusterServer implements RedisServerHandle {
  private static final int PATIENCE_SECONDS = 20;

  private final Path program;
  private final Path configuration;
  private final Path log;
  private final String login;
  private final Redis client;
  private final int port;
  private final int busPort;
  private Process process;

  private ClusterServer(
      Vertx vertx, Path program, Path configuration, Path log, String login, int port, int busPort)
      throws IOException {
    this.program = program;
    this.configuration = configuration;
    this.log = log;
    this.login = login;
    this.port = port;
    this.busPort = busPort;
    this.client = Redis.createClient(vertx, uri());
    this.process = launch();
  }

  /**
   * A server that knows of no other.
   *
   * @param password that it asks for and gives its master, empty for none
   */
  static ClusterServer start(Vertx vertx, Path program, Path directory, String password)
      throws IOException {
    Files.createDirectories(directory);
    int port = Ports.scattered();
    int busPort = Ports.scattered();
    Path configuration = directory.resolve("redis.conf");
    Path log = directory.resolve("redis.log");
    List<String> lines =
        List.of(
            "bind 127.0.0.1",
            "port " + port,
            "cluster-port " + busPort,
            "cluster-enabled yes",
            "cluster-config-file nodes.conf",
            "cluster-node-timeout 2000",
            "cluster-require-full-coverage no",
            "cluster-replica-validity-factor 0",
            "cluster-allow-replica-migration no",
            "repl-diskless-sync-delay 0",
            "requirepass \"" + password + '"',
            "masterauth \"" + password + '"',
            "dir \"" + directory + '"',
            "pidfile \"" + directory.resolve("redis.pid") + '"',
            "save \"\"",
            "appendonly no",
            "maxmemory-policy noeviction");
    Files.write(configuration, lines);
    String login = password.isEmpty() ? "" : ":" + password + "@";
    return new ClusterServer(vertx, program, configuration, log, login, port, busPort);
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(program.toString(), configuration.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  @Override
  public String uri() {
    return "redis://" + login + "127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  int busPort() {
    return busPort;
  }

  /** Whether it answers. */
  boolean isUp() {
    try {
      return ask("PING").toString().equals("PONG");
    } catch (RuntimeException notYet) {
      return false;
    }
  }

  /** Its name in the cluster. */
  public String id() {
    return ask("CLUSTER", "MYID").toString();
  }

  /** Whether it is a master now. */
  public boolean isMaster() {
    return ask("INFO", "replication").toString().contains("role:master");
  }

  /** The answer to a command; an error is thrown. */
  public Response ask(Object... words) {
    Request request = Request.cmd(Command.create(words[0].toString()));
    for (int i = 1; i < words.length; i++) {
      switch (words[i]) {
        case byte[] bytes -> request.arg(bytes);
        case Object word -> request.arg(word.toString());
      }
    }
    return client
        .send(request)
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  @Override
  public void stop() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void start() {
    try {
      process = launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void pause() {
    signal("STOP");
  }

  @Override
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    client.close();
    stop();
  }
}
