package ai.molecule.edge.ratelimit;

/**
 * What the limiter said to one request. A value with units; the edge renders the headers.
 *
 * @param outcome whether tokens were taken
 * @param limit the limit that was applied
 * @param remaining whole tokens left afterwards, never negative
 * @param fullInMillis milliseconds until the bucket is full if nothing more is taken
 * @param retryAfterMillis for a refusal, milliseconds until the tokens asked for would be there; 0
 *     otherwise
 * @param source who decided
 */
public record Decision(
    Outcome outcome,
    Limit limit,
    long remaining,
    long fullInMillis,
    long retryAfterMillis,
    Source source) {

  /** Whether tokens were taken. */
  public enum Outcome {
    /** The tokens were taken; the request may go on. */
    ADMITTED,
    /** The bucket did not hold them. */
    LIMITED,
    /** Nothing was asked for: the bucket was only looked at. */
    PEEKED
  }

  /** Who decided. */
  public enum Source {
    /** The bucket in Redis. */
    SHARED,
    /** A token leased earlier, or a remembered denial. */
    LEASED,
    /** This node's share of the limit, because Redis was away. */
    LOCAL
  }
}
