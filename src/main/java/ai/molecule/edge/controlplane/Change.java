package ai.molecule.edge.controlplane;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a merge patch (RFC 7396) says about one member. */
sealed interface Change<T> {
  /** Nothing: the member is not in the patch. */
  record Keep<T>() implements Change<T> {}

  /** It is null: the member is removed. */
  record Clear<T>() implements Change<T> {}

  /** It has a value. */
  record Set<T>(T value) implements Change<T> {}

  /** The value after the change, of a member that is null when removed. */
  default @Nullable T over(@Nullable T current) {
    return switch (this) {
      case Keep<T>() -> current;
      case Clear<T>() -> null;
      case Set<T>(T value) -> value;
    };
  }

  /** The change with its value turned into another. */
  default <U> Change<U> map(Function<T, U> turn) {
    return switch (this) {
      case Keep<T>() -> new Keep<>();
      case Clear<T>() -> new Clear<>();
      case Set<T>(T value) -> new Set<>(turn.apply(value));
    };
  }
}
