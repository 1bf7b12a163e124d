package ai.molecule.edge.credential;

import java.util.UUID;

/**
 * Who made a change, as the audit log names it.
 *
 * @param type {@code admin}, {@code partner_key}, {@code workspace} or {@code edge}
 * @param id the key's or the workspace's id, or the type again where there is only one
 */
public record Actor(String type, String id) {
  /** The platform's administrator. */
  public static final Actor ADMIN = new Actor("admin", "admin");

  /** The edge itself, which does some things unasked. */
  public static final Actor EDGE = new Actor("edge", "edge");

  /** The partner key with that id. */
  public static Actor partnerKey(UUID id) {
    return new Actor("partner_key", id.toString());
  }

  /** The remote workspace with that id. */
  public static Actor workspace(UUID id) {
    return new Actor("workspace", id.toString());
  }
}
