package ai.molecule.edge.credential;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.util.UUID;

/**
 * Fresh ids: UUIDs of version 7 (RFC 9562, section 5.7), growing with time within one node. Safe on
 * any thread.
 */
public final class Ids {
  private static final NoArgGenerator VERSION_7 = Generators.timeBasedEpochGenerator();

  private Ids() {}

  /** An id nothing has yet. */
  public static UUID next() {
    return VERSION_7.generate();
  }
}
