package ai.molecule.edge.stores;

/** A Postgres server of the test's own, to be hurt. Every call blocks. */
public interface PostgresServerHandle extends AutoCloseable {
  /** The URI of its one database, empty at first; the same after a stop and a start. */
  String uri();

  /** Stops it: connections break, new ones are refused; the data stay. */
  void stop();

  /** Starts it again on the same port with the same data. */
  void start();

  /** Freezes it: connections stay open and nothing answers. */
  void pause();

  /** Lets it go on. */
  void resume();

  @Override
  void close();
}
