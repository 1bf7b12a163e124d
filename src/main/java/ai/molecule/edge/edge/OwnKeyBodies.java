package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.LastUse;
import ai.molecule.edge.credential.WarmKey;
import ai.molecule.edge.exchange.Passage;

/**
 * Renders the bodies of {@code GET /cp/partner-key}, and keeps one with each key that its event
 * loop holds. One an event loop.
 */
public final class OwnKeyBodies {
  private final MillisText millisText = new MillisText();

  /**
   * The body about {@code key}.
   *
   * @param passed how it was let through
   * @return JSON, to be copied before the next call
   */
  byte[] of(KeyRecord key, Passage.Passed passed) {
    LastUse.Cell use = passed.use();
    WarmKey warm = passed.warm();
    long here = use == null ? 0 : use.lastMillis();
    if (warm != null && warm.rendering() instanceof OwnKeyBody kept) {
      return kept.at(here, millisText);
    }
    OwnKeyBody body = OwnKeyBody.of(key, here);
    if (warm != null) {
      warm.rendering(body);
    }
    return body.at(here, millisText);
  }
}
