package ai.molecule.edge.controlplane.idempotency;

import ai.molecule.edge.problem.Problem;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The name a caller gives a call, to be able to repeat it. What the answer's secret is sealed with
 * is derived from it, so it is kept nowhere and {@code toString} does not show it.
 */
public final class IdempotencyKey {
  /** The header that carries it. */
  public static final String HEADER = "Idempotency-Key";

  /** The longest one. */
  static final int CHARS_MAX = 255;

  private final String text;

  private IdempotencyKey(String text) {
    this.text = text;
  }

  /**
   * The key of a request with those headers, if it has one.
   *
   * @throws Problem {@code invalid_request} that names the header, for one that is empty, too long,
   *     repeated, or has anything in it but visible ASCII characters
   */
  public static Optional<IdempotencyKey> of(MultiMap headers) {
    List<String> values = headers.getAll(HEADER);
    if (values.isEmpty()) {
      return Optional.empty();
    }
    if (values.size() > 1) {
      throw Problem.invalid(HEADER, "repeated_header", "This header is given more than once.");
    }
    String value = values.getFirst();
    if (value.isEmpty()
        || value.length() > CHARS_MAX
        || !value.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw Problem.invalid(
          HEADER, "invalid_format", "This must be 1 to " + CHARS_MAX + " visible characters.");
    }
    return Optional.of(new IdempotencyKey(value));
  }

  /** The characters, for deriving from them. */
  byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    return "IdempotencyKey[hidden]";
  }
}
