package ai.molecule.edge.credential.model;

/** The bounds of one exploration: what exists, and how often what may happen. */
final class Scenario {
  final String name;
  int nodes = 1;
  int loops = 1;
  int ticks = 5;
  int attentions = 15;
  int requests;
  int failures;
  int breaks;
  int jumps;
  int redisLosses;
  int expiries;
  int runs = 1;
  int crashes;
  boolean slowCommits;
  boolean recordInRedis;
  boolean keyCached;

  private Scenario(String name) {
    this.name = name;
  }

  static Scenario named(String name) {
    return new Scenario(name);
  }

  /** Nodes, each with a session from the start. */
  Scenario nodes(int nodes) {
    this.nodes = nodes;
    return this;
  }

  /** Event loops of each node, each with a cache and tiers of its own. */
  Scenario loops(int loops) {
    this.loops = loops;
    return this;
  }

  /** How far time goes. A session lasts two ticks, a silence is fenced after one. */
  Scenario ticks(int ticks) {
    this.ticks = ticks;
    return this;
  }

  /** How often each node attends to its session, at most; what it does besides is not counted. */
  Scenario attentions(int attentions) {
    this.attentions = attentions;
    return this;
  }

  /** Requests, each at any node at any time. */
  Scenario requests(int requests) {
    this.requests = requests;
    return this;
  }

  /** Calls to a store whose answer is lost; they may have run, or may run yet. */
  Scenario failures(int failures) {
    this.failures = failures;
    return this;
  }

  /** Listening connections that break. */
  Scenario breaks(int breaks) {
    this.breaks = breaks;
    return this;
  }

  /** Wall clocks that jump: a machine that was paused. */
  Scenario jumps(int jumps) {
    this.jumps = jumps;
    return this;
  }

  /** How often Redis loses its memory. */
  Scenario redisLosses(int redisLosses) {
    this.redisLosses = redisLosses;
    return this;
  }

  /** How often an unused active record leaves Redis. */
  Scenario expiries(int expiries) {
    this.expiries = expiries;
    return this;
  }

  /** Publications of the revocation: the first, and those from the outbox. */
  Scenario runs(int runs) {
    this.runs = runs;
    return this;
  }

  /** Coordinators that crash. */
  Scenario crashes(int crashes) {
    this.crashes = crashes;
    return this;
  }

  /** Statements on the listening connection are decided and become visible in two steps. */
  Scenario slowCommits() {
    this.slowCommits = true;
    return this;
  }

  /** The active record is in Redis at the start. */
  Scenario recordInRedis() {
    this.recordInRedis = true;
    return this;
  }

  /** Every node has admitted with the key before, so it is in Redis and in every cache. */
  Scenario keyCached() {
    this.keyCached = true;
    return this;
  }

  @Override
  public String toString() {
    return name;
  }
}
