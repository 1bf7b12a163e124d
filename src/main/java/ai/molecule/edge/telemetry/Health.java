package ai.molecule.edge.telemetry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Whether this node should get traffic. It should while it serves and reaches at least one of its
 * stores: warm keys go on without Postgres, and all keys go on without Redis. Safe on any thread;
 * asking is cheap, since dependencies only tell what they already know.
 */
public final class Health {
  private final Map<String, BooleanSupplier> stores;
  private volatile Phase phase = Phase.STARTING;

  /** What the node is doing. */
  private enum Phase {
    STARTING,
    SERVING,
    DRAINING
  }

  /** What readiness is made of. */
  public enum State {
    STARTING,
    READY,
    /** Serving, with one store away. */
    DEGRADED,
    /** Away from every store. */
    CUT_OFF,
    DRAINING
  }

  /**
   * An answer to the question whether traffic should come.
   *
   * @param state why or why not
   * @param missing the stores that are away, in the order they were named
   */
  public record Readiness(State state, List<String> missing) {
    /** Whether traffic should come. */
    public boolean isReady() {
      return state == State.READY || state == State.DEGRADED;
    }
  }

  private Health(Map<String, BooleanSupplier> stores) {
    this.stores = stores;
  }

  /**
   * Starting, with these stores.
   *
   * @param stores by name; each tells whether it is reachable, at once and from any thread
   */
  public static Health starting(Map<String, BooleanSupplier> stores) {
    return new Health(new LinkedHashMap<>(stores));
  }

  /** The node listens; a node that drains stays draining. */
  public synchronized void serving() {
    if (phase == Phase.STARTING) {
      phase = Phase.SERVING;
    }
  }

  /** The node is leaving, for good. */
  public synchronized void draining() {
    phase = Phase.DRAINING;
  }

  /** Whether traffic should come now. */
  public Readiness readiness() {
    List<String> missing = new ArrayList<>();
    stores.forEach(
        (name, reachable) -> {
          if (!reachable.getAsBoolean()) {
            missing.add(name);
          }
        });
    return new Readiness(state(missing.size()), List.copyOf(missing));
  }

  private State state(int missing) {
    return switch (phase) {
      case STARTING -> State.STARTING;
      case DRAINING -> State.DRAINING;
      case SERVING -> {
        if (missing == 0) {
          yield State.READY;
        }
        yield missing < stores.size() ? State.DEGRADED : State.CUT_OFF;
      }
    };
  }
}
