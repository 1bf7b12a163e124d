package ai.molecule.edge.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A Lua script. The text that Redis runs begins with a line that fixes the incarnation, so each
 * incarnation has its own digest: EVALSHA on a server that restarted or was promoted answers
 * NOSCRIPT, which is how a node learns of it without a call of its own. The line defines {@code
 * INCARNATION}, {@code EPOCH_START_MICROS}, {@code EPOCH_PLACE}, {@code EPOCH} (what stands there
 * while the incarnation lasts) and {@code FIXED_NOW} (nil; tests set it). Safe on any thread.
 */
public final class RedisScript {
  /** Servers that a script stays bound to at the same time; more than masters of a cluster. */
  private static final int BOUND_MAX = 1_024;

  private static final String TENURE = resource(RedisScript.class, "tenure.lua");

  private final String source;
  private final ConcurrentHashMap<Incarnation, Bound> others = new ConcurrentHashMap<>();
  private volatile @Nullable Bound latest;
  private volatile @Nullable RedisScript tenured;

  private RedisScript(String source) {
    this.source = source;
  }

  /** The script in the resource {@code name} beside {@code owner}. */
  public static RedisScript load(Class<?> owner, String name) {
    return new RedisScript(resource(owner, name));
  }

  /** The script with that text. */
  public static RedisScript of(String source) {
    return new RedisScript(source);
  }

  static String resource(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name + " beside " + owner.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text without the line that binds it to an incarnation. */
  public String source() {
    return source;
  }

  /** The text and digest under that incarnation. */
  Bound under(Incarnation incarnation) {
    Bound known = latest;
    if (known != null && known.incarnation.equals(incarnation)) {
      return known;
    }
    Bound bound = others.get(incarnation);
    if (bound == null) {
      if (others.size() >= BOUND_MAX) {
        others.clear();
      }
      bound = bind(incarnation);
      others.put(incarnation, bound);
    }
    latest = bound;
    return bound;
  }

  /** This script as it runs in a cluster: it finds out first whether its slot has been away. */
  RedisScript tenured() {
    RedisScript known = tenured;
    if (known == null) {
      known = new RedisScript(TENURE + source);
      tenured = known;
    }
    return known;
  }

  private Bound bind(Incarnation incarnation) {
    String text =
        "local INCARNATION, EPOCH_START_MICROS, EPOCH_PLACE, EPOCH, FIXED_NOW = "
            + incarnation.number()
            + ", "
            + incarnation.startMicros()
            + ", '"
            + RedisEpoch.PLACE
            + "', '"
            + incarnation.stored()
            + "', nil\n"
            + source;
    return new Bound(incarnation, text, Incarnation.sha1(text));
  }

  /**
   * A script bound to an incarnation.
   *
   * @param incarnation under which it runs
   * @param text the whole text
   * @param digest its SHA-1
   */
  record Bound(Incarnation incarnation, String text, String digest) {}
}
