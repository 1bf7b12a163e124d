package ai.molecule.edge.credential;

import java.util.UUID;

/**
 * What a caller can see and touch. It goes into the SQL itself: what lies outside is absent, the
 * same as what does not exist.
 */
public sealed interface Reach {
  /** Every partner: the admin. */
  record Everything() implements Reach {}

  /** One partner's keys and orgs: a partner-wide key. */
  record OfPartner(String partnerId) implements Reach {}

  /** One org and its keys: an org key. */
  record OfOrg(String partnerId, UUID orgId) implements Reach {}

  /** One workspace and its tokens: a workspace token. It reaches no key and no org. */
  record OfWorkspace(String partnerId, UUID orgId, UUID workspaceId) implements Reach {}
}
