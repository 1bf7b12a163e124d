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
 * Refuses requests whose head could not be read: too long, or no HTTP. Where the next request would
 * begin is not known then, so the connection ends with the answer; Vert.x closes it.
 *
 * @param completion where they end
 */
public record MalformedRequests(Completion completion) implements Handler<HttpServerRequest> {
  @Override
  public void handle(HttpServerRequest request) {
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    Exchange.begin(request, completion).fail(Problem.of(codeOf(request.decoderResult().cause())));
  }

  private static ProblemCode codeOf(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException line -> ProblemCode.URI_TOO_LONG;
      case TooLongHttpHeaderException header -> ProblemCode.HEADERS_TOO_LARGE;
      default -> ProblemCode.BAD_REQUEST;
    };
  }
}
