package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Looks at the problems that pure code throws. */
final class Problems {
  private Problems() {}

  /** The code of the problem that {@code call} throws. */
  static ProblemCode code(ThrowingCallable call) {
    return thrown(call).code();
  }

  /** The errors of the {@code invalid_request} that {@code call} throws, as "pointer code". */
  static List<String> errors(ThrowingCallable call) {
    Problem problem = thrown(call);
    assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_REQUEST);
    return problem.errors().stream().map(error -> error.pointer() + " " + error.code()).toList();
  }

  private static Problem thrown(ThrowingCallable call) {
    Problem problem = catchThrowableOfType(Problem.class, call);
    assertThat(problem).as("a problem").isNotNull();
    return problem;
  }
}
