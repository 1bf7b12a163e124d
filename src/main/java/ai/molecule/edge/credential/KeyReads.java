package ai.molecule.edge.credential;

import java.util.UUID;

/** The queries on keys. Stateless. */
final class KeyReads {
  /** Tokens are in the same table, and no caller that manages keys sees them. */
  private static final String PARTNER_KEYS = " AND k.workspace_id IS NULL";

  private KeyReads() {}

  /** One key within {@code reach}. Index: the primary key. */
  static Selection one(String select, Reach reach, UUID id) {
    return within(Selection.of(select + " WHERE true").and("k.id = ", id), reach);
  }

  /**
   * One page and one item more, newest first. Index: partner_keys_of_workspace,
   * partner_keys_of_org, partner_keys_of_partner or partner_keys_newest, whichever the conditions
   * name first; the status is computed on the rows it yields.
   */
  static Selection page(Reach reach, KeyFilter filter, PageRequest page) {
    return within(Selection.of(KeyRows.SELECT + " WHERE true"), reach)
        .andIfGiven("k.partner_id = ", filter.partnerId())
        .andIfGiven("k.org_id = ", filter.orgId())
        .andIfGiven(KeyRows.STATUS + " = ", filter.status())
        .newestFirst("k.created_at", "k.id", page);
  }

  private static Selection within(Selection keys, Reach reach) {
    return switch (reach) {
      case Reach.OfWorkspace(String partnerId, UUID orgId, UUID workspaceId) ->
          keys.and("k.workspace_id = ", workspaceId)
              .and("k.partner_id = ", partnerId)
              .and("k.org_id = ", orgId);
      case Reach.Everything all -> managed(keys, all);
      case Reach.OfPartner partner -> managed(keys, partner);
      case Reach.OfOrg org -> managed(keys, org);
    };
  }

  private static Selection managed(Selection keys, Reach reach) {
    return keys.append(PARTNER_KEYS).within(reach, "k.partner_id", "k.org_id");
  }
}
