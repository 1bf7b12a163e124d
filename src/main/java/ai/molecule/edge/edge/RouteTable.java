package ai.molecule.edge.edge;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All routes, found by method and path: whole segments, the longest prefix wins, and among equally
 * long ones the one whose first difference is a word and not a variable. Immutable and safe on any
 * thread; a look-up allocates nothing.
 *
 * <p>What the edge itself answers ({@link #OWN}) is never found here, whatever the routes say.
 */
public final class RouteTable {
  /** First segments of the paths that the edge answers itself. */
  public static final Set<String> OWN =
      Set.of("cp", "registry", "workspaces", "console", "authz", "docs", "openapi.yaml");

  /** No routes. */
  public static final RouteTable EMPTY = new RouteTable(List.of(), new Node(0));

  private static final Match NONE = new Match.None();
  private static final String[] OWN_SEGMENTS = OWN.toArray(String[]::new);

  private final List<Route> routes;
  private final Node root;

  private RouteTable(List<Route> routes, Node root) {
    this.routes = routes;
    this.root = root;
  }

  /** What a look-up finds. */
  public sealed interface Match {
    /** The route for the request. */
    record Found(Route route) implements Match {}

    /**
     * The path has routes, for other methods alone.
     *
     * @param allowed those methods, for {@code Allow}
     */
    record OtherMethods(Set<HttpMethod> allowed) implements Match {}

    /** No route covers the path. */
    record None() implements Match {}
  }

  /**
   * The table of {@code routes}.
   *
   * @throws IllegalArgumentException when two of them cover the same paths and methods
   */
  public static RouteTable of(List<Route> routes) {
    Node root = new Node(0);
    for (Route route : routes) {
      Node node = root;
      for (String segment : segments(route.template())) {
        node = node.child(segment);
      }
      Optional<Route> rival = node.add(route);
      if (rival.isPresent()) {
        throw new IllegalArgumentException(
            route.template() + " covers the same as " + rival.get().template());
      }
    }
    return new RouteTable(List.copyOf(routes), root);
  }

  /** The segments of a template; none for the root. */
  static List<String> segments(String template) {
    return template.equals("/") ? List.of() : List.of(template.substring(1).split("/", -1));
  }

  /** Whether {@code segment} of a template stands for any one segment. */
  static boolean isVariable(String segment) {
    return segment.startsWith("{");
  }

  /** All routes, in the order of the file. */
  public List<Route> routes() {
    return routes;
  }

  /**
   * The route of a request; none when servers could read the path as that of another route.
   *
   * @param path the path as it was sent, in canonical form, without the query
   */
  public Match match(HttpMethod method, String path) {
    if (routes.isEmpty() || path.isEmpty() || path.charAt(0) != '/' || isOwn(path)) {
      return NONE;
    }
    Node found = root.longest(path, 0);
    if (found == null || (hasReadings(path) && !isAgreed(found, path))) {
      return NONE;
    }
    return found.match(method);
  }

  /** Whether servers that decode the path once, or carelessly twice, find the same there. */
  private boolean isAgreed(Node found, String path) {
    String once = plain(path);
    if (found != root.longest(once, 0)) {
      return false;
    }
    if (once.indexOf('%') < 0) {
      return true;
    }
    String twice = CarelessPath.decoded(once);
    return found == root.longest(twice, 0)
        && found == root.longest(CarelessPath.resolved(twice), 0);
  }

  /** Whether servers differ about what the segments of a canonical path are. */
  private static boolean hasReadings(String path) {
    return path.indexOf('%') >= 0 || path.indexOf(';') >= 0;
  }

  /**
   * The path as a server reads it that decodes it and takes parameters off its segments. If that is
   * another route's, the one route's scope would open the other.
   */
  private static String plain(String path) {
    return CanonicalTarget.decoded(path.replaceAll(";[^/]*", "")).replaceAll(";[^/]*", "");
  }

  /** Whether the edge answers {@code path} itself, whatever the routes say. */
  public static boolean isOwn(String path) {
    for (String own : OWN_SEGMENTS) {
      if (path.startsWith(own, 1)
          && (path.length() == own.length() + 1 || path.charAt(own.length() + 1) == '/')) {
        return true;
      }
    }
    return false;
  }

  /** What begins with the same segments. Changed only while the table is made. */
  private static final class Node {
    private final int depth;

    /** Words and what begins with them, by hash with linear probing: at least half is empty. */
    private @Nullable String[] words = new String[4];

    private @Nullable Node[] children = new Node[4];
    private int size;
    private @Nullable Node variable;
    private final Map<HttpMethod, Match> byMethod = new LinkedHashMap<>();
    private @Nullable Match anyMethod;
    private @Nullable Match otherMethods;
    private final List<Route> routes = new ArrayList<>();

    Node(int depth) {
      this.depth = depth;
    }

    Node child(String segment) {
      if (isVariable(segment)) {
        Node known = variable;
        Node child = known == null ? new Node(depth + 1) : known;
        variable = child;
        return child;
      }
      Node known = word(segment, 0, segment.length(), segment.hashCode());
      if (known != null) {
        return known;
      }
      if (2 * (size + 1) > words.length) {
        grow();
      }
      size++;
      return put(segment, new Node(depth + 1));
    }

    private Node put(String word, Node child) {
      int at = word.hashCode() & (words.length - 1);
      while (words[at] != null) {
        at = (at + 1) & (words.length - 1);
      }
      words[at] = word;
      children[at] = child;
      return child;
    }

    private void grow() {
      @Nullable String[] oldWords = words;
      @Nullable Node[] oldChildren = children;
      words = new String[2 * oldWords.length];
      children = new Node[words.length];
      for (int i = 0; i < oldWords.length; i++) {
        String word = oldWords[i];
        Node child = oldChildren[i];
        if (word != null && child != null) {
          put(word, child);
        }
      }
    }

    /** Adds a route that ends here; answers one that covers some of the same. */
    Optional<Route> add(Route route) {
      for (Route other : routes) {
        if (route.methods().isEmpty() == other.methods().isEmpty()
            && (route.methods().isEmpty()
                || route.methods().stream().anyMatch(other.methods()::contains))) {
          return Optional.of(other);
        }
      }
      routes.add(route);
      Match found = new Match.Found(route);
      if (route.methods().isEmpty()) {
        anyMethod = found;
      }
      route.methods().forEach(method -> byMethod.put(method, found));
      otherMethods = new Match.OtherMethods(new LinkedHashSet<>(byMethod.keySet()));
      return Optional.empty();
    }

    /** The deepest node with routes on the way of {@code path}, of which {@code from} is next. */
    @Nullable Node longest(String path, int from) {
      Node best = routes.isEmpty() ? null : this;
      int start = from + 1;
      if (start >= path.length()) {
        return best;
      }
      int hash = 0;
      int end = start;
      while (end < path.length() && path.charAt(end) != '/') {
        hash = 31 * hash + path.charAt(end++);
      }
      Node word = end == start ? null : word(path, start, end, hash);
      if (word != null) {
        best = deeper(best, word.longest(path, end));
      }
      Node any = end == start ? null : variable;
      return any == null ? best : deeper(best, any.longest(path, end));
    }

    private static @Nullable Node deeper(@Nullable Node known, @Nullable Node found) {
      return found == null || (known != null && known.depth >= found.depth) ? known : found;
    }

    private @Nullable Node word(String path, int start, int end, int hash) {
      int at = hash & (words.length - 1);
      String word = words[at];
      while (word != null) {
        if (word.length() == end - start && path.startsWith(word, start)) {
          return children[at];
        }
        at = (at + 1) & (words.length - 1);
        word = words[at];
      }
      return null;
    }

    Match match(HttpMethod method) {
      Match found = byMethod.get(method);
      if (found == null) {
        found = anyMethod == null ? otherMethods : anyMethod;
      }
      return found == null ? NONE : found;
    }
  }
}
