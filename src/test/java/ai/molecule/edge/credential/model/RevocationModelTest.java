package ai.molecule.edge.credential.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.model.Explorer.Found;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Explores the revocation protocol in every order of events. Once a revocation has been answered:
 * no cache would let the key in, no request that starts then is let in by any tier, and Redis does
 * not show the active record. Versions in Redis never go back.
 *
 * <p>Outside the model: a Redis that still answers some nodes after another server was promoted,
 * and clocks that run at different speeds ({@code SessionTimes.margin} is for those).
 */
final class RevocationModelTest {
  private static final Logger PROTOCOL =
      (Logger) LoggerFactory.getLogger("ai.molecule.edge.credential");
  private static final int THREADS = 2;

  private static Level levelBefore;

  /** The protocol logs each fenced session, of which there are millions here. */
  @BeforeAll
  static void silenceTheProtocol() {
    levelBefore = PROTOCOL.getLevel();
    PROTOCOL.setLevel(Level.OFF);
  }

  @AfterAll
  static void letTheProtocolSpeak() {
    PROTOCOL.setLevel(levelBefore);
  }

  @Test
  void nothingIsLetInOnceARevocationIsAnswered() throws Exception {
    List<Task> tasks = new ArrayList<>();
    Scenarios.all().forEach(scenario -> tasks.add(new Task(scenario, Mutant.NONE)));
    List<Found> all = explore(tasks);
    int states = 0;
    System.out.printf("%n%-36s %9s %11s %5s%n", "scenario", "states", "transitions", "depth");
    for (Found found : all) {
      states += found.states();
      System.out.printf(
          "%-36s %9d %11d %5d  %s%n",
          found.scenario().name,
          found.states(),
          found.transitions(),
          found.depth(),
          found.holds() ? "invariant holds" : told(found));
    }
    System.out.printf("%-36s %9d%n", "together", states);
    assertThat(all.stream().filter(found -> !found.holds()).map(RevocationModelTest::told))
        .isEmpty();
    assertThat(states).as("distinct states").isGreaterThan(500_000);
  }

  @Test
  void noStepOfTheProtocolCanBeLeftOut() throws Exception {
    List<Found> all =
        explore(
            List.of(
                new Task(Scenarios.session(), Mutant.SESSIONS_NOT_AWAITED),
                new Task(Scenarios.session(), Mutant.CONFIRM_BEFORE_DROP),
                new Task(Scenarios.session(), Mutant.CONFIRM_WITHOUT_DROP),
                new Task(Scenarios.twoLoops(), Mutant.CONFIRM_BEFORE_LAST_LOOP),
                new Task(Scenarios.slowCommits(), Mutant.READS_SURVIVE_DROP),
                new Task(Scenarios.slowCommits(), Mutant.READS_SURVIVE_NEW_SESSION),
                new Task(Scenarios.session(), Mutant.FENCE_DOES_NOT_FENCE),
                new Task(Scenarios.session(), Mutant.FENCED_NOT_AWAITED),
                new Task(Scenarios.session(), Mutant.EXPIRED_SESSION_RENEWED_AND_COUNTED),
                new Task(Scenarios.session(), Mutant.SESSION_TRUSTED_TOO_LONG),
                new Task(Scenarios.session(), Mutant.SESSION_COUNTED_FROM_ANSWER),
                new Task(Scenarios.session(), Mutant.CACHE_WITHOUT_SESSION),
                new Task(Scenarios.session(), Mutant.CACHE_KEPT_OVER_SESSIONS),
                new Task(Scenarios.slowCommits(), Mutant.CACHE_KEPT_BY_NEW_SESSION),
                new Task(Scenarios.session(), Mutant.NO_TOMBSTONE),
                new Task(Scenarios.slowCommits(), Mutant.ANNOUNCED_BEFORE_REDIS),
                new Task(Scenarios.redisLoss(), Mutant.PUT_IGNORES_VERSIONS),
                new Task(Scenarios.redisLoss(), Mutant.PUT_IGNORES_INCARNATION),
                new Task(Scenarios.redisLoss(), Mutant.RECORD_OF_ANY_INCARNATION),
                new Task(Scenarios.redisLoss(), Mutant.FILLS_SHARED_OVER_INCARNATIONS),
                new Task(Scenarios.slowCommits(), Mutant.LATE_RENEWAL_COUNTED),
                new Task(Scenarios.redisAway(), Mutant.DECIDING_READS_SHARED)));
    for (Found found : all) {
      System.out.printf("%n%s: %s%n%s%n", found.mutant(), found.mutant().what, told(found));
    }
    assertThat(all.stream().filter(Found::holds).map(Found::mutant)).as("unnoticed").isEmpty();
  }

  /**
   * What the invariant does not need. An ended session's cache is not trusted, and a new session
   * begins by dropping it: to drop it at the end as well frees memory early. A node that goes on
   * with its session over a lost connection is fenced like any silent one: to give up spares the
   * coordinator the wait. A renewal granted too late comes too late for the node, which counts none
   * that is answered after its session's end. And whoever began a session after the notification
   * began it after the tombstone: to read first spares waiting for those.
   */
  @Test
  void whatServesPromptnessAloneIsNotNeededForTruth() throws Exception {
    List<Found> all =
        explore(
            List.of(
                new Task(Scenarios.session(), Mutant.EXPIRED_SESSION_RENEWED),
                new Task(Scenarios.session(), Mutant.CACHE_KEPT_BY_ENDED_SESSION),
                new Task(Scenarios.lostConnection(), Mutant.LOST_CONNECTION_IGNORED),
                new Task(Scenarios.slowCommits(), Mutant.NOTIFIED_BEFORE_READ)));
    assertThat(all.stream().filter(found -> !found.holds()).map(RevocationModelTest::told))
        .isEmpty();
  }

  private record Task(Scenario scenario, Mutant mutant) {}

  private static List<Found> explore(List<Task> tasks)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Found>> running = new ArrayList<>();
      for (Task task : tasks) {
        running.add(threads.submit(() -> exploreAndTell(task)));
      }
      List<Found> all = new ArrayList<>();
      for (Future<Found> one : running) {
        all.add(one.get());
      }
      return all;
    }
  }

  private static Found exploreAndTell(Task task) {
    Found found = Explorer.explore(task.scenario(), task.mutant());
    System.out.printf(
        "%s, %s: %d states, %s%n",
        task.scenario().name,
        task.mutant(),
        found.states(),
        found.holds() ? "invariant holds" : "violated");
    return found;
  }

  private static String told(Found found) {
    if (found.holds()) {
      return "  NOT NOTICED in " + found.scenario().name;
    }
    return "  " + found.violation() + "\n    " + String.join("\n    ", found.path());
  }
}
