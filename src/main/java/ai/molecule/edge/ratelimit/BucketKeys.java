package ai.molecule.edge.ratelimit;

/**
 * Names in Redis. {@code h} and {@code root} are key hashes as 43 characters of base64url; the
 * braces make a lineage's bucket and the records beside it share a Cluster slot.
 */
public final class BucketKeys {
  private BucketKeys() {}

  /**
   * A place of the record of {@code h}: with {@code root} equal to {@code h} the one where it is
   * found when nothing but its hash is known, else the one beside its lineage's bucket.
   */
  public static String record(String h, String root) {
    return root.equals(h) ? "k:{" + h + "}" : "k:{" + root + "}:" + h;
  }

  /** The bucket of the lineage whose first key is {@code root}. */
  public static String bucket(String root) {
    return "b:{" + root + "}";
  }
}
