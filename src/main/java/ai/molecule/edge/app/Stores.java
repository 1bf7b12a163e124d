package ai.molecule.edge.app;

import ai.molecule.edge.app.local.LocalStores;
import ai.molecule.edge.app.node.Progress;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The embedded stores as the rest of the application sees them. Their libraries are not in the
 * packaged jar: ask {@link #areHere} before anything else.
 */
interface Stores extends AutoCloseable {
  /** Where Postgres is. */
  String postgresUri();

  /** Where Redis is. */
  String redisUri();

  @Override
  void close();

  /** Whether the libraries of the embedded stores are on the class path. */
  static boolean areHere() {
    ClassLoader loader = Stores.class.getClassLoader();
    return loader.getResource("io/zonky/test/db/postgres/embedded/EmbeddedPostgres.class") != null
        && loader.getResource("redis/embedded/RedisExecProvider.class") != null;
  }

  /** Starts both; blocks. */
  static Stores start(Path dataDirectory, Progress progress) throws IOException {
    return Embedded.of(LocalStores.start(dataDirectory, progress::step));
  }

  /** Loaded on first use, and with it the libraries. */
  record Embedded(String postgresUri, String redisUri, Runnable end) implements Stores {
    private static Embedded of(LocalStores stores) {
      return new Embedded(stores.postgresUri(), stores.redisUri(), stores::close);
    }

    @Override
    public void close() {
      end.run();
    }
  }
}
