package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.Creation;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One route of the control plane, declared once.
 *
 * @param method the method; a {@code GET} route answers {@code HEAD} as well
 * @param spec its template and what it demands of a request
 * @param parameters the query parameters it has
 * @param body what it does with a body
 * @param operation what it does
 * @param creates whether it makes something, so that a call of it may be repeated under an {@code
 *     Idempotency-Key}; its operation then makes it within {@link Call#once}
 */
record ControlRoute(
    HttpMethod method,
    RouteSpec spec,
    Set<String> parameters,
    BodyRule body,
    Operation operation,
    boolean creates) {

  /** A route that makes nothing. */
  ControlRoute(
      HttpMethod method,
      RouteSpec spec,
      Set<String> parameters,
      BodyRule body,
      Operation operation) {
    this(method, spec, parameters, body, operation, false);
  }

  /** This route, as one that makes something. */
  ControlRoute creating() {
    return new ControlRoute(method, spec, parameters, body, operation, true);
  }

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
   * @param claim what it has to be the first of, or null for a call that is not to be remembered
   */
  record Call(
      Map<String, String> variables,
      QueryParameters query,
      JsonBody body,
      Once.@Nullable Claim claim) {
    /** A call that is not to be remembered. */
    Call(Map<String, String> variables, QueryParameters query, JsonBody body) {
      this(variables, query, body, null);
    }

    /** This call, to be done by the first who has {@code first}. */
    Call claiming(Once.Claim first) {
      return new Call(variables, query, body, first);
    }

    /**
     * The frame of the transaction in which this call makes something.
     *
     * @param compose the answer, of what the transaction made
     */
    <T> Once<T> once(Function<T, Creation> compose) {
      return new Once<>(claim, compose);
    }

    /** The {@code {id}} of the path; throws {@code not_found} like the next. */
    UUID id() {
      return uuid("id");
    }

    /** An id that the path names; throws {@code not_found} for a text that can be no id. */
    UUID uuid(String variable) {
      return KeyMembers.uuid(variables.getOrDefault(variable, ""))
          .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND));
    }

    /** The org that the path names; throws {@code not_found} for a text that can name none. */
    OrgRef org() {
      return OrgRef.parse(slug()).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND));
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
