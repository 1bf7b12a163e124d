package ai.molecule.edge.credential;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A set of scopes as a mask of {@link Scope#bit} values.
 *
 * @param mask bits of scopes this version knows; unknown bits are kept, and grant nothing
 */
public record ScopeSet(int mask) {
  /** No scope at all. */
  public static final ScopeSet NONE = new ScopeSet(0);

  /** The set of {@code scopes}. */
  public static ScopeSet of(Collection<Scope> scopes) {
    int mask = 0;
    for (Scope scope : scopes) {
      mask |= scope.bit();
    }
    return new ScopeSet(mask);
  }

  /** The set of {@code scopes}. */
  public static ScopeSet of(Scope... scopes) {
    return of(List.of(scopes));
  }

  /** Whether {@code scope} is in the set. */
  public boolean has(Scope scope) {
    return (mask & scope.bit()) != 0;
  }

  /** This set and {@code scope}. */
  public ScopeSet with(Scope scope) {
    return new ScopeSet(mask | scope.bit());
  }

  /** What this set has and {@code other} has not. */
  public ScopeSet without(ScopeSet other) {
    return new ScopeSet(mask & ~other.mask);
  }

  /** Whether every scope of {@code other} is in the set. */
  public boolean hasAll(ScopeSet other) {
    return (mask & other.mask) == other.mask;
  }

  /** The published names, in the order of the contract. */
  public List<String> wireNames() {
    List<String> names = new ArrayList<>();
    for (Scope scope : Scope.values()) {
      if (has(scope)) {
        names.add(scope.wireName());
      }
    }
    return names;
  }
}
