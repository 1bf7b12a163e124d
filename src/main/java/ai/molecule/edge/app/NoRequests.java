package ai.molecule.edge.app;

import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.problem.ProblemRenderer;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Answers every request that there is nothing here. */
final class NoRequests implements RequestSide {
  @Override
  public Handler<HttpServerRequest> handler(Vertx vertx) {
    return request -> {
      Problem problem = Problem.of(ProblemCode.NOT_FOUND);
      request
          .response()
          .setStatusCode(problem.code().status())
          .putHeader(HttpHeaders.CONTENT_TYPE, ProblemRenderer.MEDIA_TYPE)
          .end(ProblemRenderer.body(problem, "none"));
    };
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
