package ai.molecule.edge.credential;

/**
 * The platform admin's token, known by its hash alone.
 *
 * @param hash SHA-256 of the token
 */
public record AdminToken(KeyHash hash) {
  /** Whether the presented credential is the admin token; the time taken tells nothing. */
  public boolean accepts(KeyHash presented) {
    return hash.equalsInConstantTime(presented);
  }
}
