package ai.molecule.edge.controlplane;

import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.RouteSpec;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One route of the control plane, declared once.
 *
 * @param method the method; a {@code GET} route answers {@code HEAD} as well
 * @param spec its template and what it demands of a request
 * @param parameters the query parameters it has
 * @param body what it does with a body
 * @param operation what it does
 */
record ControlRoute(
    HttpMethod method, RouteSpec spec, Set<String> parameters, BodyRule body, Operation operation) {

  private static final Pattern VARIABLE = Pattern.compile("\\{([a-z]+)}");

  /** What a route does, once its request is admitted and its body read. */
  @FunctionalInterface
  interface Operation {
    /** Completes with the answer; throws or fails with the problem that refuses the call. */
    Future<Answer> run(Admitted caller, Call call);
  }

  /**
   * What a request says besides who it is from.
   *
   * @param variables what the path has for each variable of the template, as sent
   * @param query its query parameters
   * @param body its body; an object without members on a route that reads none
   */
  record Call(Map<String, String> variables, QueryParameters query, JsonBody body) {
    /** The {@code {id}} of the path, empty on a route without. */
    String id() {
      return variables.getOrDefault("id", "");
    }

    /** The {@code {slug}} of the path, which may be an id too; empty on a route without. */
    String slug() {
      return variables.getOrDefault("slug", "");
    }
  }

  /** The template as a regular expression in which each variable is one whole segment. */
  static String pattern(String template) {
    return VARIABLE.matcher(template).replaceAll("(?<$1>[^/]+)");
  }

  /** Whether a request with that method is for this route, its path being right. */
  boolean serves(HttpMethod requested) {
    return requested.equals(method)
        || (requested.equals(HttpMethod.HEAD) && method.equals(HttpMethod.GET));
  }
}
