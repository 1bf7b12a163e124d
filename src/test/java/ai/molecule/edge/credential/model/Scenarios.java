package ai.molecule.edge.credential.model;

import java.util.List;

/** The explorations of the build. Their bounds are counts; each is explored to the end. */
final class Scenarios {
  /** One warm node that misses its renewals, was paused, or whose coordinator loses an answer. */
  static Scenario session() {
    return Scenario.named("A one node, lost answers, pauses")
        .ticks(5)
        .attentions(2)
        .keyCached()
        .failures(1)
        .jumps(1);
  }

  /** One cold node whose renewals take effect late, and a request that fills its cache. */
  static Scenario slowCommits() {
    return Scenario.named("A' one node, slow commits, a fill")
        .ticks(4)
        .slowCommits()
        .recordInRedis()
        .requests(1);
  }

  /** Two warm nodes of which each can be silent. */
  static Scenario twoNodes() {
    return Scenario.named("B two nodes, slow commits")
        .nodes(2)
        .ticks(3)
        .attentions(1)
        .slowCommits()
        .keyCached();
  }

  /** Two fills from Postgres around a Redis that forgets. */
  static Scenario redisLoss() {
    return Scenario.named("C one node, Redis loses its memory")
        .ticks(1)
        .attentions(0)
        .requests(2)
        .redisLosses(1);
  }

  /** The coordinator crashes, or not; another finishes from the outbox. */
  static Scenario outbox() {
    return Scenario.named("D coordinator crashes, outbox")
        .ticks(3)
        .attentions(2)
        .keyCached()
        .runs(2)
        .crashes(1);
  }

  /** The listening connection breaks; the node notices, or does not, and connects again. */
  static Scenario lostConnection() {
    return Scenario.named("E listening connection lost")
        .ticks(4)
        .attentions(2)
        .keyCached()
        .breaks(1);
  }

  /** A node with two event loops. */
  static Scenario twoLoops() {
    return Scenario.named("F two event loops, a fill")
        .loops(2)
        .ticks(3)
        .recordInRedis()
        .requests(1);
  }

  /** Redis does not answer, so that Postgres decides; the record may leave Redis by itself. */
  static Scenario redisAway() {
    return Scenario.named("G Redis does not answer")
        .ticks(1)
        .attentions(0)
        .recordInRedis()
        .requests(2)
        .failures(2)
        .expiries(1);
  }

  private Scenarios() {}

  static List<Scenario> all() {
    return List.of(
        outbox(),
        twoNodes(),
        lostConnection(),
        redisLoss(),
        twoLoops(),
        slowCommits(),
        session(),
        redisAway());
  }
}
