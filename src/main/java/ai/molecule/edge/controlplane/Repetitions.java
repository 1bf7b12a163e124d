package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.idempotency.IdempotencyKey;
import ai.molecule.edge.controlplane.idempotency.IdempotentCall;
import ai.molecule.edge.controlplane.idempotency.Once;
import ai.molecule.edge.controlplane.idempotency.Remembered;
import ai.molecule.edge.controlplane.idempotency.RememberedAnswers;
import ai.molecule.edge.credential.KeyChanges;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Admitted;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.Gate;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue.Repetition;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Runs the calls of routes that make something so that they may be repeated under an {@code
 * Idempotency-Key}: the HTTP contract, section 3. A repetition has passed the gate like any call
 * and is answered what the first was, once that is in force on every node. One an event loop.
 */
public final class Repetitions {
  private static final String REPLAYED = "Idempotent-Replayed";

  private final RememberedAnswers answers;
  private final KeyChanges changes;
  private final EdgeMeters meters;

  /** Repetitions of what is remembered in {@code answers} and published by {@code changes}. */
  public Repetitions(RememberedAnswers answers, KeyChanges changes, EdgeMeters meters) {
    this.answers = answers;
    this.changes = changes;
    this.meters = meters;
  }

  /**
   * Does what the call asks, or says what came of it the first time.
   *
   * @return the answer; fails with the operation's problems, {@code idempotency_mismatch}, {@code
   *     idempotency_in_flight}, or {@code insufficient_scope} for who could not make it any more
   */
  Future<Answer> run(Admitted caller, ControlRoute route, ControlRoute.Call call) {
    Optional<IdempotencyKey> key =
        route.creates()
            ? IdempotencyKey.of(caller.exchange().request().headers())
            : Optional.empty();
    // What is wrong as JSON is no value that could be compared; the operation refuses it.
    if (key.isEmpty() || !call.body().errors().all().isEmpty()) {
      return route.operation().run(caller, call);
    }
    IdempotentCall named =
        IdempotentCall.of(
            owner(caller.principal()),
            route.method() + " " + route.spec().template(),
            call.variables(),
            key.get(),
            call.body().members());
    return answers
        .find(named)
        .compose(
            remembered ->
                remembered instanceof Remembered.Nothing
                    ? first(caller, route, call, named)
                    : replay(caller, remembered));
  }

  private static String owner(Principal principal) {
    return switch (principal) {
      case Principal.Admin() -> principal.actor().id();
      case Principal.PartnerKey(KeyRecord key) -> key.lineageId().toString();
      case Principal.Workspace workspace -> workspace.id().toString();
    };
  }

  private Future<Answer> first(
      Admitted caller, ControlRoute route, ControlRoute.Call call, IdempotentCall named) {
    return Future.<Answer>future(
            done ->
                route
                    .operation()
                    .run(caller, call.claiming(new Once.Claim(answers, named)))
                    .onComplete(done))
        .onComplete(done -> meters.repeated(Repetition.FIRST), refused -> countRefused(refused))
        .recover(
            failure ->
                isInFlight(failure)
                    ? afterAnother(caller, named, failure)
                    : Future.failedFuture(failure));
  }

  private void countRefused(Throwable failure) {
    if (!isInFlight(failure)) {
      meters.repeated(Repetition.FIRST);
    }
  }

  private static boolean isInFlight(Throwable failure) {
    return failure instanceof Problem problem
        && problem.code() == ProblemCode.IDEMPOTENCY_IN_FLIGHT;
  }

  /** Another was first; it may have ended by now. */
  private Future<Answer> afterAnother(Admitted caller, IdempotentCall named, Throwable inFlight) {
    return answers
        .find(named)
        .compose(
            remembered -> {
              if (remembered instanceof Remembered.Nothing) {
                meters.repeated(Repetition.IN_FLIGHT);
                return Future.failedFuture(inFlight);
              }
              return replay(caller, remembered);
            });
  }

  private Future<Answer> replay(Admitted caller, Remembered remembered) {
    return switch (remembered) {
      case Remembered.Nothing() ->
          Future.failedFuture(new IllegalStateException("nothing to say again"));
      case Remembered.OtherBody() -> {
        meters.repeated(Repetition.MISMATCH);
        yield Future.failedFuture(Problem.of(ProblemCode.IDEMPOTENCY_MISMATCH));
      }
      case Remembered.Done(Answer answer, ScopeSet scopes, long outboxId) -> {
        demand(caller.principal(), scopes);
        meters.repeated(Repetition.REPLAYED);
        yield changes.finish(outboxId).map(published -> answer.with(REPLAYED, "true"));
      }
    };
  }

  /** A key that lost a scope since is not told the secret of one that has it. */
  private static void demand(Principal principal, ScopeSet scopes) {
    if (principal instanceof Principal.PartnerKey(KeyRecord key)) {
      ScopeSet missing = scopes.without(key.scopes());
      if (!missing.equals(ScopeSet.NONE)) {
        throw Gate.scopeProblem(missing);
      }
    }
  }
}
