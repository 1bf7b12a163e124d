package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each deadline is told once, to those that still have one. */
class DeadlinesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Deadlines deadlines = new Deadlines(vertx);
  private final List<String> told = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    Await.result(vertx.close());
  }

  private Deadlines.Entry entry(String name, Runnable action) {
    return new Deadlines.Entry() {
      @Override
      void expired() {
        told.add(name);
        action.run();
      }
    };
  }

  private void add(Deadlines.Entry entry, long millis) {
    deadlines.add(entry, System.nanoTime(), millis);
  }

  @Test
  void oneThatFailsKeepsNoOtherFromItsOwn() {
    loop.runOnContext(
        turn -> {
          add(
              entry(
                  "broken",
                  () -> {
                    throw new IllegalStateException("a defect");
                  }),
              1);
          add(entry("same turn", () -> {}), 1);
          add(entry("later", () -> loop.runOnContext(then -> add(entry("new", () -> {}), 1))), 30);
        });
    await().atMost(PATIENCE).until(() -> told.contains("new"));
    assertThat(told).containsExactly("broken", "same turn", "later", "new");
  }

  @Test
  void oneThatIsForgottenAtAnothersIsNotTold() {
    Deadlines.Entry forgotten = entry("forgotten", () -> {});
    loop.runOnContext(
        turn -> {
          add(entry("first", () -> deadlines.remove(forgotten)), 1);
          add(forgotten, 1);
          add(entry("last", () -> {}), 1);
        });
    await().atMost(PATIENCE).until(() -> told.contains("last"));
    assertThat(told).containsExactly("first", "last");
  }
}
