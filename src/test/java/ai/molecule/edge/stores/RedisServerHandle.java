package ai.molecule.edge.stores;

/** A Redis server of the test's own, to be hurt. Every call blocks. */
public interface RedisServerHandle extends AutoCloseable {
  /** Its URI, the same after a stop and a start. */
  String uri();

  /** Kills it: connections break, new ones are refused. */
  void stop();

  /** Starts it again on the same port, empty. */
  void start();

  /** Freezes it: connections stay open and nothing answers. */
  void pause();

  /** Lets it go on. */
  void resume();

  @Override
  void close();
}
