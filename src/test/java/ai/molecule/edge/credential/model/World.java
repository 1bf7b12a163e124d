package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.Admission;
import ai.molecule.edge.credential.coherence.SessionTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One state of the model: the real protocol over stores in memory, and every call that has not
 * ended. Nothing happens by itself; {@link Moves} names what can, and {@link #apply} does it.
 */
final class World {
  static final long TICK_NANOS = 1_000_000_000;
  static final RuntimeException POSTGRES_AWAY = new Failure();

  private static final SessionTimes TIMES = times(0);
  private static final SessionTimes GREEDY_TIMES = times(-1);

  final Scenario scenario;
  final Mutant mutant;
  final ModelRedis redis;
  final ModelPostgres postgres = new ModelPostgres();
  final List<ModelNode> nodes = new ArrayList<>();
  final List<Publication> publications = new ArrayList<>();
  final List<Call> calls = new ArrayList<>();
  final List<Request> requests = new ArrayList<>();
  final Ends ends = new Ends(this);
  private final Stores stores = new Stores(this);

  int now;
  int requestsLeft;
  int failuresLeft;
  int breaksLeft;
  int jumpsLeft;
  int redisLossesLeft;
  int expiriesLeft;
  int crashesLeft;

  /** The publication whose notification is being handled; -1 for none. */
  int delivering = -1;

  /** The revocation has been answered: from here on nobody may be let in. */
  boolean isAnswered;

  @Nullable String violation;
  private @Nullable Request current;
  @Nullable Call answering;
  private int nextCall;
  private int nextRequest;
  private int nextSession;

  World(Scenario scenario, Mutant mutant) {
    this.scenario = scenario;
    this.mutant = mutant;
    this.redis = new ModelRedis(mutant);
    for (int i = 0; i < scenario.nodes; i++) {
      nodes.add(new ModelNode(this, i));
    }
    nodes.forEach(node -> node.session.tick());
    settle();
    if (scenario.recordInRedis) {
      redis.put(1);
    }
    if (scenario.keyCached) {
      for (ModelNode node : nodes) {
        for (int loop = 0; loop < scenario.loops; loop++) {
          request(node.index, loop);
          settle();
        }
      }
    }
    requestsLeft = scenario.requests;
    failuresLeft = scenario.failures;
    breaksLeft = scenario.breaks;
    jumpsLeft = scenario.jumps;
    redisLossesLeft = scenario.redisLosses;
    expiriesLeft = scenario.expiries;
    crashesLeft = scenario.crashes;
  }

  private static SessionTimes times(int marginTicks) {
    Duration tick = Duration.ofNanos(TICK_NANOS);
    return new SessionTimes(
        tick.multipliedBy(ModelPostgres.LENGTH),
        tick,
        tick.multipliedBy(marginTicks),
        Duration.ofMillis(100),
        tick);
  }

  /** Lets everything that is under way end well. */
  private void settle() {
    while (!calls.isEmpty()) {
      Call call = calls.get(0);
      while (call.kind != Call.Kind.DROP_ALL && call.stage != Call.Stage.EXECUTED) {
        stores.execute(call);
      }
      while (call.loopsLeft != 0) {
        ends.drop(call.node, Integer.numberOfTrailingZeros(call.loopsLeft));
      }
      if (calls.contains(call)) {
        ends.answer(call);
      }
    }
  }

  SessionTimes times() {
    return mutant == Mutant.SESSION_TRUSTED_TOO_LONG ? GREEDY_TIMES : TIMES;
  }

  long nanos() {
    return now * TICK_NANOS;
  }

  UUID newId() {
    return new UUID(0, nextSession++);
  }

  static int number(UUID id) {
    return (int) id.getLeastSignificantBits();
  }

  Call newCall(Call.Kind kind) {
    Call call = new Call(nextCall++, kind);
    call.issuedAt = now;
    calls.add(call);
    return call;
  }

  Call call(int id) {
    for (Call call : calls) {
      if (call.id == id) {
        return call;
      }
    }
    throw new IllegalStateException("no call " + id);
  }

  /** The request on whose behalf a port is called. */
  Request current() {
    if (current == null) {
      throw new IllegalStateException("no request is being served");
    }
    return current;
  }

  /** Runs what goes on for a request. */
  void as(Request request, Runnable action) {
    Request outer = current;
    current = request;
    action.run();
    current = outer;
  }

  /** The call being answered successfully, if it is of that kind. */
  @Nullable Call answering(Call.Kind kind) {
    return answering != null && answering.kind == kind ? answering : null;
  }

  void apply(int move) {
    int a = Moves.first(move);
    int b = Moves.second(move);
    switch (Moves.kind(move)) {
      case TICK -> tick();
      case RENEW -> {
        if (scenario.attentions < 15) {
          nodes.get(a).attentionsLeft--;
        }
        nodes.get(a).attend();
      }
      case EXECUTE -> {
        Call call = call(Moves.wide(move));
        stores.execute(call);
        // What goes on after these can be late anyway: to make the answer late as well adds
        // nothing.
        if ((call.kind == Call.Kind.PUT_NOW || call.kind == Call.Kind.FENCE) && !call.orphan) {
          ends.answer(call);
        }
      }
      case ANSWER -> ends.answer(call(Moves.wide(move)));
      case LOSE -> {
        failuresLeft--;
        ends.fail(call(Moves.wide(move)));
      }
      case FAIL -> ends.fail(call(Moves.wide(move)));
      case DROP -> ends.drop(a, b);
      case NOTIFY -> nodes.get(a).deliver(b);
      case CONFIRM -> publications.get(a).confirm(b);
      case REQUEST -> {
        requestsLeft--;
        request(a, b);
      }
      case BREAK -> nodes.get(a).breakConnection();
      case NOTICE -> nodes.get(a).notice();
      case RECONNECT -> nodes.get(a).reconnect();
      case JUMP -> {
        jumpsLeft--;
        nodes.get(a).jump();
      }
      case LOSE_MEMORY -> {
        redisLossesLeft--;
        redis.loseMemory();
      }
      case EXPIRE -> {
        expiriesLeft--;
        redis.expire();
      }
      case PUBLISH -> publish();
      case CRASH -> {
        crashesLeft--;
        publications.get(a).crash();
      }
      case TIMER -> publications.get(a).fire();
    }
    ends.forgetUseless();
    for (Publication publication : publications) {
      isAnswered |= publication.succeeded;
    }
    if (violation == null) {
      violation = Invariant.violated(this);
    }
  }

  private void tick() {
    now++;
    if (!mutant.renewsExpired()) {
      postgres.sweep(now);
    }
  }

  private void request(int node, int loop) {
    Request request = new Request(nextRequest++, node, loop, isAnswered);
    requests.add(request);
    as(
        request,
        () ->
            nodes
                .get(node)
                .loops
                .get(loop)
                .tiers()
                .admit(TheKey.HASH, TheKey.ASK)
                .onComplete(done -> served(request, done.result())));
  }

  private void served(Request request, @Nullable Admission admission) {
    requests.remove(request);
    if (request.late && admission instanceof Admission.Decided) {
      violation = "a request that started after the answer was let in";
    }
  }

  private void publish() {
    postgres.keyVersion = 2;
    Publication publication = new Publication(this, publications.size());
    publications.add(publication);
    publication.start();
  }

  private static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Failure() {
      super("postgres away", null, false, false);
    }
  }
}
