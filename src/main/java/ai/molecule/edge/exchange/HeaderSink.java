package ai.molecule.edge.exchange;

import ai.molecule.edge.ratelimit.Decision;

/** Takes the headers of an answer. */
public interface HeaderSink {
  /** One more header; there is no line end in its name or its value, and nothing but ASCII. */
  void add(CharSequence name, CharSequence value);

  /** The header that says how full the bucket is. */
  default void state(Decision decision) {
    add(RateLimitHeaders.STATE, RateLimitHeaders.state(decision));
  }
}
