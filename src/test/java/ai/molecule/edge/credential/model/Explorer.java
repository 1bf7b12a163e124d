package ai.molecule.edge.credential.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks through every state of a scenario, breadth first, so that the first violation found has a
 * shortest path. The protocol's futures cannot be copied: a state is reached again by making its
 * moves from the start on fresh objects.
 */
final class Explorer {
  private static final int[] NONE = {};

  private final Scenario scenario;
  private final Mutant mutant;
  private final LongSet seen = new LongSet();
  private long transitions;

  private Explorer(Scenario scenario, Mutant mutant) {
    this.scenario = scenario;
    this.mutant = mutant;
  }

  /** A state by the way to it, with what can happen there. */
  private record State(@Nullable State before, int move, int depth, int[] moves) {}

  /**
   * What an exploration found.
   *
   * @param states distinct states reached
   * @param transitions moves made from them
   * @param depth moves of the longest shortest path
   * @param violation what was violated, or null when the invariant holds
   * @param path the way to the violation, in words
   */
  record Found(
      Scenario scenario,
      Mutant mutant,
      int states,
      long transitions,
      int depth,
      @Nullable String violation,
      List<String> path) {
    boolean holds() {
      return violation == null;
    }
  }

  static Found explore(Scenario scenario, Mutant mutant) {
    return new Explorer(scenario, mutant).run();
  }

  private Found run() {
    World start = new World(scenario, mutant);
    seen.add(Fingerprint.of(start));
    List<State> level = List.of(new State(null, 0, 0, Moves.of(start)));
    int depth = 0;
    while (true) {
      List<State> next = new ArrayList<>();
      for (State state : level) {
        for (int move : state.moves()) {
          transitions++;
          World world = replay(state);
          world.apply(move);
          if (world.violation != null) {
            List<String> path = tell(state, move);
            return new Found(
                scenario, mutant, seen.size(), transitions, depth, world.violation, path);
          }
          if (seen.add(Fingerprint.of(world))) {
            int[] moves = Invariant.isSafeForEver(world) ? NONE : Moves.of(world);
            next.add(new State(state, move, state.depth() + 1, moves));
          }
        }
      }
      if (next.isEmpty()) {
        return new Found(scenario, mutant, seen.size(), transitions, depth, null, List.of());
      }
      level = next;
      depth++;
    }
  }

  private World replay(State state) {
    World world = new World(scenario, mutant);
    for (int move : movesTo(state)) {
      world.apply(move);
    }
    return world;
  }

  private static int[] movesTo(State state) {
    int[] moves = new int[state.depth()];
    State at = state;
    for (int i = moves.length - 1; i >= 0; i--) {
      moves[i] = at.move();
      at = at.before();
    }
    return moves;
  }

  private List<String> tell(State state, int last) {
    List<String> path = new ArrayList<>();
    World world = new World(scenario, mutant);
    for (int move : movesTo(state)) {
      path.add(Moves.describe(world, move));
      world.apply(move);
    }
    path.add(Moves.describe(world, last));
    return path;
  }
}
