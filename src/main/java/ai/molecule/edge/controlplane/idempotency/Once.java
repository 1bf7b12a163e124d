package ai.molecule.edge.controlplane.idempotency;

import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.postgres.TransactionFrame;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The frame of a transaction that makes something: has the call for itself before the work, or
 * refuses it, and after the work writes what is answered, in the same transaction. Without an
 * Idempotency-Key it only composes the answer. For one call, on its thread.
 *
 * @param <T> what the transaction makes
 */
public final class Once<T> implements TransactionFrame<T> {
  private final @Nullable Claim claim;
  private final Function<T, Creation> compose;
  private @Nullable Creation made;

  /**
   * A call under an Idempotency-Key.
   *
   * @param answers where it is remembered
   */
  public record Claim(RememberedAnswers answers, IdempotentCall call) {}

  /**
   * A frame.
   *
   * @param claim null for a call without an Idempotency-Key
   * @param compose the answer, of what the transaction made alone
   */
  public Once(@Nullable Claim claim, Function<T, Creation> compose) {
    this.claim = claim;
    this.compose = compose;
  }

  @Override
  public Future<T> around(SqlConnection connection, Supplier<Future<T>> work) {
    Claim claimed = claim;
    if (claimed == null) {
      return work.get().map(this::composed);
    }
    RememberedAnswers answers = claimed.answers();
    return answers
        .claim(connection, claimed.call())
        .compose(first -> work.get())
        .compose(
            result -> {
              Creation created = compose.apply(result);
              made = created;
              return answers.remember(connection, claimed.call(), created).map(result);
            });
  }

  @Override
  public boolean writes() {
    return claim != null;
  }

  private T composed(T result) {
    made = compose.apply(result);
    return result;
  }

  /** What is answered; called once the transaction is committed. */
  public Answer answer() {
    return Objects.requireNonNull(made, "asked before the work was done").answer();
  }
}
