package ai.molecule.edge.exchange;

import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.MultiMap;

/**
 * Renders decisions as {@code RateLimit-Policy} and {@code RateLimit}
 * (draft-ietf-httpapi-ratelimit-headers).
 */
public final class RateLimitHeaders {
  private static final CharSequence POLICY =
      io.vertx.core.http.HttpHeaders.createOptimized("RateLimit-Policy");
  private static final CharSequence STATE =
      io.vertx.core.http.HttpHeaders.createOptimized("RateLimit");

  private RateLimitHeaders() {}

  /** Puts both headers. */
  public static void put(MultiMap headers, Decision decision) {
    headers.set(POLICY, policy(decision.limit()));
    headers.set(STATE, state(decision));
  }

  /** {@code "key";q=<burst>;w=<seconds to refill it>}. */
  public static String policy(Limit limit) {
    return "\"key\";q=" + limit.burst() + ";w=" + limit.fullSeconds();
  }

  /** {@code "key";r=<left>;t=<seconds to full, rounded up>}. */
  public static String state(Decision decision) {
    return "\"key\";r="
        + decision.remaining()
        + ";t="
        + Math.ceilDiv(decision.fullInMillis(), 1000L);
  }

  /** Whole seconds to wait, at least 1. */
  public static long retryAfterSeconds(Decision decision) {
    return Math.max(1, Math.ceilDiv(decision.retryAfterMillis(), 1000L));
  }
}
