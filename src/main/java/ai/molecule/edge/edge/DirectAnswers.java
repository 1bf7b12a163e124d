package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.exchange.AnswerBytes;
import ai.molecule.edge.exchange.Completion;
import ai.molecule.edge.exchange.DirectCall;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.Passage;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of the hottest route, {@code GET /cp/partner-key}, straight at their
 * connection; everything else is for the {@link DataPlane}. Both answer this route with the same
 * bytes. One an event loop.
 */
public final class DirectAnswers {
  private final Gate gate;
  private final Completion completion;
  private final OwnKeyBodies bodies;
  private final AnswerBytes bytes = new AnswerBytes();

  /** Where the answers to one connection go, one after the other. */
  public interface Line {
    /** The connection. */
    HttpConnection connection();

    /** That call will be answered later; nothing else may be answered before it. */
    void await(DirectCall call);

    /** Sends a whole answer. */
    void send(AnswerBytes answer);
  }

  /** For the calling event loop. */
  public DirectAnswers(Gate gate, Completion completion, OwnKeyBodies bodies) {
    this.gate = gate;
    this.completion = completion;
    this.bodies = bodies;
  }

  /**
   * Takes a request and answers it, now or later, or leaves it.
   *
   * @param head of a GET over HTTP/1.1 without a body, which has passed the front filter
   * @return whether it was taken; if not, nothing has happened
   */
  public boolean takes(HttpRequest head, Line line) {
    if (!DataPlane.OWN_KEY.template().equals(head.uri())) {
      return false;
    }
    DirectCall call = new DirectCall(head, line.connection(), bytes, completion);
    Passage now;
    try {
      now =
          gate.pass(
              call, DataPlane.OWN_KEY, (passage, failure) -> end(call, line, passage, failure));
    } catch (RuntimeException unexpected) {
      end(call, line, null, unexpected);
      return true;
    }
    if (now != null) {
      end(call, line, now, null);
    } else if (!call.isOver()) {
      line.await(call);
    }
    return true;
  }

  private void end(
      DirectCall call, Line line, @Nullable Passage passage, @Nullable Throwable failure) {
    if (call.isOver()) {
      return;
    }
    switch (passage) {
      case Passage.Refused(Problem problem) -> call.fail(problem);
      case Passage.Passed passed
          when passed.principal() instanceof Principal.PartnerKey(KeyRecord key) ->
          call.answer(bodies.of(key, passed));
      // The gate lets nobody else to this route.
      case Passage.Passed other -> call.fail(Problem.of(ProblemCode.INSUFFICIENT_SCOPE));
      case null -> call.fail(failure == null ? new IllegalStateException("no answer") : failure);
    }
    line.send(bytes);
  }
}
