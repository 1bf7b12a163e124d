package ai.molecule.edge.controlplane;

import ai.molecule.edge.problem.FieldError;
import ai.molecule.edge.problem.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything found wrong with one request, collected so that a single answer names it all. Belongs
 * to the thread that reads the request.
 */
final class FieldErrors {
  /** Errors named in one answer; a body with more is told of the first. */
  static final int COUNT_MAX = 100;

  private final List<FieldError> errors = new ArrayList<>();

  /** Takes note of one thing wrong. */
  void add(Pointer pointer, String code, String detail) {
    if (errors.size() < COUNT_MAX) {
      errors.add(new FieldError(pointer.text(), code, detail));
    }
  }

  /** What was noted so far, in the order of the body. */
  List<FieldError> all() {
    return List.copyOf(errors);
  }

  /** Ends the reading: throws an {@code invalid_request} problem unless nothing is wrong. */
  void throwIfAny() {
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }
}
