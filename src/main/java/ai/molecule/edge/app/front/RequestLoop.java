package ai.molecule.edge.app.front;

import ai.molecule.edge.edge.DirectAnswers;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Supplier;

/**
 * What answers the requests of one event loop. Used on that loop only.
 *
 * @param requests takes every request whose head could be read
 * @param malformed takes the others, only to refuse them
 * @param direct answers, before either, what can be answered from memory
 * @param leaving asks what would go on for ever to end
 * @param closing lets go of what the loop holds, once no request is left; never fails
 */
public record RequestLoop(
    Handler<HttpServerRequest> requests,
    Handler<HttpServerRequest> malformed,
    DirectAnswers direct,
    Runnable leaving,
    Supplier<Future<Void>> closing) {}
