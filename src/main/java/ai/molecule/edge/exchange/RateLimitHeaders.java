package ai.molecule.edge.exchange;

import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Renders decisions as {@code RateLimit-Policy} and {@code RateLimit}
 * (draft-ietf-httpapi-ratelimit-headers).
 */
public final class RateLimitHeaders {
  private static final CharSequence POLICY = HttpHeaders.createOptimized("RateLimit-Policy");
  static final CharSequence STATE = HttpHeaders.createOptimized("RateLimit");

  /** Policies seen, by their limit's hash: a race or a collision only renders one again. */
  private static final AtomicReferenceArray<@Nullable Policy> POLICIES =
      new AtomicReferenceArray<>(512);

  private record Policy(Limit limit, CharSequence text) {}

  private RateLimitHeaders() {}

  /** Adds both headers. */
  public static void put(HeaderSink headers, Decision decision) {
    headers.add(POLICY, cachedPolicy(decision.limit()));
    headers.state(decision);
  }

  private static CharSequence cachedPolicy(Limit limit) {
    int slot = (limit.ratePerMinute() * 31 + limit.burst()) & (POLICIES.length() - 1);
    Policy policy = POLICIES.getPlain(slot);
    if (policy == null || !policy.limit().equals(limit)) {
      policy = new Policy(limit, HttpHeaders.createOptimized(policy(limit)));
      POLICIES.set(slot, policy);
    }
    return policy.text();
  }

  /** {@code "key";q=<burst>;w=<seconds to refill it>}. */
  public static String policy(Limit limit) {
    return "\"key\";q=" + limit.burst() + ";w=" + limit.fullSeconds();
  }

  /** {@code "key";r=<left>;t=<seconds to full, rounded up>}. */
  public static String state(Decision decision) {
    return "\"key\";r=" + decision.remaining() + ";t=" + fullInSeconds(decision);
  }

  /** Seconds until the bucket is full, rounded up. */
  static long fullInSeconds(Decision decision) {
    return Math.ceilDiv(decision.fullInMillis(), 1000L);
  }

  /** Whole seconds to wait, at least 1. */
  public static long retryAfterSeconds(Decision decision) {
    return Math.max(1, Math.ceilDiv(decision.retryAfterMillis(), 1000L));
  }
}
