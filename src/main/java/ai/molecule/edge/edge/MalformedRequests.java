package ai.molecule.edge.edge;

import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * Refuses requests whose head could not be read: too long, or no HTTP; and those that the front
 * filter refused. Where the next request would begin is not known then, so the connection ends with
 * the answer; Vert.x closes it.
 *
 * @param completion where they end
 */
public record MalformedRequests(Completion completion) implements Handler<HttpServerRequest> {
  @Override
  public void handle(HttpServerRequest request) {
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    Exchange.begin(request, completion).fail(problemOf(request.decoderResult().cause()));
  }

  private static Problem problemOf(Throwable cause) {
    return switch (cause) {
      case Problem refused -> refused;
      case TooLongHttpLineException line -> Problem.of(ProblemCode.URI_TOO_LONG);
      case TooLongHttpHeaderException header -> Problem.of(ProblemCode.HEADERS_TOO_LARGE);
      default -> Problem.of(ProblemCode.BAD_REQUEST);
    };
  }
}
