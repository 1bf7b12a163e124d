package ai.molecule.edge.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request that another gateway asks about: what its headers say of it, or, for gateways that
 * put the path behind that of {@code /authz} (Envoy), what the call itself is like.
 *
 * @param method its method, if that was said
 * @param target its target, in canonical form, if that was said
 * @param host the host it was sent to, if that was said
 */
record AskedRequest(@Nullable HttpMethod method, @Nullable String target, @Nullable String host) {
  private static final Pattern METHOD = Pattern.compile("[A-Z]{1,20}");
  private static final List<String> METHODS = List.of("X-Forwarded-Method", "X-Original-Method");
  private static final List<String> TARGETS =
      List.of("X-Forwarded-Uri", "X-Original-URI", "X-Original-URL");
  private static final List<String> HOSTS = List.of("X-Forwarded-Host", "X-Original-Host");

  /** Why it cannot be told which request is meant. */
  static final class Unclear extends Exception {
    private static final long serialVersionUID = 1L;

    Unclear(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Reads it from a call of {@code /authz} and what is below it.
   *
   * @throws Unclear when two headers disagree, or one has no valid or no canonical value
   */
  static AskedRequest of(HttpServerRequest call) throws Unclear {
    MultiMap headers = call.headers();
    String method = agreed(headers, METHODS);
    String target = agreed(headers, TARGETS);
    String host = agreed(headers, HOSTS);
    String below = call.uri().substring(Authz.PATH.length());
    if (below.startsWith("/")) {
      method = agreed(method, call.method().name(), "the method");
      target = agreed(target, below, "the target");
    }
    if (method != null && !METHOD.matcher(method).matches()) {
      throw new Unclear("The method is none.");
    }
    if (target != null && !CanonicalTarget.holds(target)) {
      throw new Unclear("The target is not a path in its canonical form.");
    }
    if (host != null && !HostName.isValid(host)) {
      throw new Unclear("The host is none.");
    }
    return new AskedRequest(method == null ? null : HttpMethod.valueOf(method), target, host);
  }

  /** The path of the target without the query; empty when no target was said. */
  String path() {
    String said = target == null ? "" : target;
    int query = said.indexOf('?');
    return query < 0 ? said : said.substring(0, query);
  }

  /** Whether its query is {@code query}. */
  boolean hasQuery(String query) {
    return target != null && target.indexOf('?') >= 0 && target.endsWith("?" + query);
  }

  /** The host without its port. */
  @Nullable String hostName() {
    String named = host;
    if (named == null || named.startsWith("[")) {
      return named;
    }
    int port = named.indexOf(':');
    return port < 0 ? named : named.substring(0, port);
  }

  /** The one value of headers that mean the same; null when none of them is there. */
  private static @Nullable String agreed(MultiMap headers, List<String> names) throws Unclear {
    String value = null;
    for (String name : names) {
      List<String> all = headers.getAll(name);
      for (String one : all == null ? List.<String>of() : all) {
        value = agreed(value, one, name);
      }
    }
    return value;
  }

  private static String agreed(@Nullable String known, String other, String what) throws Unclear {
    if (known != null && !known.equals(other)) {
      throw new Unclear("Two statements about one request disagree: " + what + ".");
    }
    return other;
  }
}
