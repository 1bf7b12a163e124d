package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LastUseTest {
  private static final UUID KEY = UUID.randomUUID();

  @Test
  void aLastUseNeverMovesBack() {
    LastUse lastUse = new LastUse(10);
    lastUse.cell(KEY).touch(200);
    lastUse.cell(KEY).touch(100);
    assertThat(lastUse.cell(KEY).lastMillis()).isEqualTo(200);
  }

  @Test
  void askingForACellTakesNoRoom() {
    LastUse lastUse = new LastUse(10);
    assertThat(lastUse.cell(KEY).lastMillis()).isZero();
    assertThat(lastUse.size()).isZero();
  }

  @Test
  void aCellLeavesOnceItIsFlushedAndIdleAndReturnsWhenTouched() {
    LastUse lastUse = new LastUse(10);
    LastUse.Cell cell = lastUse.cell(KEY);
    cell.touch(100);
    lastUse.dropIdleSince(100);
    assertThat(lastUse.size()).as("it owes a flush").isOne();
    cell.flushed(100);
    lastUse.dropIdleSince(99);
    assertThat(lastUse.size()).as("it is in use").isOne();
    lastUse.dropIdleSince(100);
    assertThat(lastUse.size()).isZero();
    cell.touch(101);
    assertThat(lastUse.unflushed()).containsExactly(cell);
  }

  @Test
  void aCellKeptBySomebodyHandsItsTouchesToTheOneThatTookItsPlace() {
    LastUse lastUse = new LastUse(10);
    LastUse.Cell kept = lastUse.cell(KEY);
    LastUse.Cell newer = lastUse.cell(KEY);
    newer.touch(100);
    kept.touch(200);
    assertThat(lastUse.unflushed()).containsExactly(newer);
    assertThat(newer.lastMillis()).isEqualTo(200);
  }

  @Test
  void beyondItsBoundTouchesAreCountedAsLostUntilThereIsRoom() {
    LastUse lastUse = new LastUse(1);
    lastUse.cell(KEY).touch(100);
    LastUse.Cell second = lastUse.cell(UUID.randomUUID());
    second.touch(100);
    assertThat(lastUse.size()).isOne();
    assertThat(lastUse.overflowed()).isOne();
    lastUse.cell(KEY).flushed(100);
    lastUse.dropIdleSince(100);
    second.touch(101);
    assertThat(lastUse.unflushed()).containsExactly(second);
  }

  @Test
  void noTouchIsLostToACellThatLeavesAtTheSameMoment()
      throws InterruptedException, ExecutionException {
    int keys = 20_000;
    long last = 20;
    LastUse lastUse = new LastUse(keys);
    Map<UUID, Long> flushed = new ConcurrentHashMap<>();
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService flusher = Executors.newSingleThreadExecutor()) {
      Future<?> flushing =
          flusher.submit(
              () -> {
                while (!over.get()) {
                  flush(lastUse, flushed);
                }
                flush(lastUse, flushed);
              });
      for (int key = 0; key < keys; key++) {
        LastUse.Cell cell = lastUse.cell(new UUID(0, key));
        for (long millis = 1; millis <= last; millis++) {
          cell.touch(millis);
        }
      }
      over.set(true);
      flushing.get();
    }
    assertThat(flushed)
        .hasSize(keys)
        .allSatisfy((key, millis) -> assertThat(millis).isEqualTo(last));
  }

  @Test
  void callsAreTakenOnceAndByTheHourTheyWereMadeIn() {
    long hour = 3_600_000;
    LastUse lastUse = new LastUse(10);
    LastUse.Cell cell = lastUse.cell(KEY);
    cell.admitted(7 * hour - 1);
    cell.admitted(7 * hour - 1);
    cell.admitted(7 * hour);
    assertThat(lastUse.takeCalls(() -> 7 * hour + 5))
        .containsExactlyInAnyOrder(
            new CallTally(KEY, 6 * hour, 2), new CallTally(KEY, 7 * hour, 1));
    assertThat(lastUse.takeCalls(() -> 7 * hour + 5)).isEmpty();
    assertThat(cell.lastMillis()).isEqualTo(7 * hour);
  }

  @Test
  void aTouchIsNoCall() {
    LastUse lastUse = new LastUse(10);
    lastUse.cell(KEY).touch(100);
    assertThat(lastUse.takeCalls(() -> 100)).isEmpty();
  }

  @Test
  void aCellThatOwesCallsDoesNotLeave() {
    LastUse lastUse = new LastUse(10);
    LastUse.Cell cell = lastUse.cell(KEY);
    cell.admitted(100);
    cell.flushed(100);
    lastUse.dropIdleSince(100);
    assertThat(lastUse.size()).isOne();
    lastUse.takeCalls(() -> 100);
    lastUse.dropIdleSince(100);
    assertThat(lastUse.size()).isZero();
  }

  @Test
  void aCallInTheVeryMillisecondOfTheLastBringsACellBack() {
    LastUse lastUse = new LastUse(10);
    LastUse.Cell cell = lastUse.cell(KEY);
    cell.touch(100);
    cell.flushed(100);
    lastUse.dropIdleSince(100);
    cell.admitted(100);
    assertThat(lastUse.takeCalls(() -> 100)).containsExactly(new CallTally(KEY, 0, 1));
  }

  @Test
  void aCellKeptBySomebodyHandsItsCallsToTheOneThatTookItsPlace() {
    LastUse lastUse = new LastUse(10);
    LastUse.Cell kept = lastUse.cell(KEY);
    lastUse.cell(KEY).admitted(100);
    kept.admitted(90);
    assertThat(lastUse.takeCalls(() -> 100)).containsExactly(new CallTally(KEY, 0, 2));
  }

  @Test
  void noCallIsLostOrTakenTwiceWhileCellsComeAndGo()
      throws InterruptedException, ExecutionException {
    int keys = 2_000;
    int callers = 4;
    int calls = 50;
    LastUse lastUse = new LastUse(2 * keys);
    AtomicLong taken = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    Runnable flush =
        () -> {
          lastUse.takeCalls(() -> 100).forEach(tally -> taken.addAndGet(tally.calls()));
          lastUse.unflushed().forEach(cell -> cell.flushed(cell.lastMillis()));
          lastUse.dropIdleSince(Long.MAX_VALUE);
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(callers + 1)) {
      Future<?> flushing =
          threads.submit(
              () -> {
                while (!over.get()) {
                  flush.run();
                }
              });
      List<Future<?>> calling = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        calling.add(
            threads.submit(
                () -> {
                  for (int call = 0; call < calls; call++) {
                    for (int key = 0; key < keys; key++) {
                      lastUse.cell(new UUID(0, key)).admitted(call % 3);
                    }
                  }
                }));
      }
      for (Future<?> one : calling) {
        one.get();
      }
      over.set(true);
      flushing.get();
    }
    flush.run();
    assertThat(lastUse.overflowed()).isZero();
    assertThat(taken).hasValue((long) keys * callers * calls);
  }

  /** What the flusher does. */
  private static void flush(LastUse lastUse, Map<UUID, Long> flushed) {
    for (LastUse.Cell cell : lastUse.unflushed()) {
      long millis = cell.lastMillis();
      cell.flushed(millis);
      flushed.merge(cell.keyId(), millis, Math::max);
    }
    lastUse.dropIdleSince(Long.MAX_VALUE);
  }

  @Test
  void whoeverHoldsACellThatStayedOutsideFindsTheOneThatIsIn() {
    LastUse uses = new LastUse(10);
    UUID key = new UUID(1, 2);
    LastUse.Cell first = uses.cell(key);
    LastUse.Cell second = uses.cell(key);
    assertThat(second.settled()).isSameAs(second);
    first.touch(1);
    assertThat(second.settled()).isSameAs(first);
    assertThat(first.settled()).isSameAs(first);
  }
}
