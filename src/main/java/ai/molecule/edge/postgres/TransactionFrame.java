package ai.molecule.edge.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Supplier;

/**
 * What surrounds the work of a transaction, within that transaction: something to do first, which
 * may refuse the work, and something to write with it, so that both are there or neither.
 *
 * @param <T> what the work makes
 */
@FunctionalInterface
public interface TransactionFrame<T> {
  /**
   * Runs {@code work} on {@code connection}, on which a transaction is open, with what surrounds
   * it. Runs again when the transaction does, so it has no effects but on that connection and on
   * itself.
   *
   * @return what {@code work} made; a failure, of its own or of the work, rolls back
   */
  Future<T> around(SqlConnection connection, Supplier<Future<T>> work);

  /**
   * Whether it reads or writes on the connection. Around work that is one statement, a frame that
   * does not needs no transaction but the statement's own.
   */
  default boolean writes() {
    return true;
  }

  /** Nothing around the work. */
  static <T> TransactionFrame<T> none() {
    return new TransactionFrame<>() {
      @Override
      public Future<T> around(SqlConnection connection, Supplier<Future<T>> work) {
        return work.get();
      }

      @Override
      public boolean writes() {
        return false;
      }
    };
  }
}
