package ai.molecule.edge.app.node;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.exchange.Call;
import ai.molecule.edge.exchange.CallerAddresses;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Decision;
import ai.molecule.edge.telemetry.AccessLog;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.Method;
import ai.molecule.edge.telemetry.LabelValue.Outcome;
import ai.molecule.edge.telemetry.RouteMeters;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * Counts every finished call and writes its access line, if one is due. One an event loop: it keeps
 * the meters of the route it counted last, which on a busy loop is the next one's too.
 */
final class CompletionRecorder implements Completion {
  private static final Outcome[] OUTCOMES = Outcome.values();

  private final EdgeMeters meters;
  private final AccessLog accessLog;
  private final CallerAddresses callers;
  private String lastRoute = "";
  private @Nullable RouteMeters lastMeters;

  CompletionRecorder(EdgeMeters meters, AccessLog accessLog, CallerAddresses callers) {
    this.meters = meters;
    this.accessLog = accessLog;
    this.callers = callers;
  }

  @Override
  public CallerAddresses callers() {
    return callers;
  }

  @Override
  public void completed(Call call) {
    long nanos = System.nanoTime() - call.startNanos();
    int status = call.status();
    ProblemCode problem = call.problem();
    route(call.route()).completed(method(call.method()), status, problem, nanos);
    Decision decision = call.decision();
    if (decision != null) {
      meters.decided(OUTCOMES[decision.outcome().ordinal()]);
    }
    if (accessLog.covers(status)) {
      accessLog.record(
          call.requestId(),
          call.method().name(),
          call.route(),
          status,
          problem == null ? null : problem.code(),
          keyId(call),
          call.callerAddress(),
          nanos);
    }
  }

  private RouteMeters route(String template) {
    RouteMeters known = lastMeters;
    if (known != null && lastRoute.equals(template)) {
      return known;
    }
    RouteMeters found = meters.route(template);
    lastRoute = template;
    lastMeters = found;
    return found;
  }

  private static @Nullable Object keyId(Call call) {
    return switch (call.principal()) {
      case Principal.PartnerKey(KeyRecord key) -> key.id();
      case Principal.Workspace workspace -> workspace.token().id();
      case Principal.Admin() -> null;
      case null -> null;
    };
  }

  private static Method method(HttpMethod method) {
    return switch (method.name()) {
      case "GET" -> Method.GET;
      case "HEAD" -> Method.HEAD;
      case "POST" -> Method.POST;
      case "PUT" -> Method.PUT;
      case "PATCH" -> Method.PATCH;
      case "DELETE" -> Method.DELETE;
      case "OPTIONS" -> Method.OPTIONS;
      default -> Method.OTHER;
    };
  }
}
