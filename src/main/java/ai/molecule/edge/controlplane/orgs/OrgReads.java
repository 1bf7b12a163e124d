package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import java.util.UUID;

/** The queries on orgs. Stateless. */
final class OrgReads {
  private static final String PRESENT = " AND o.status <> 'deleted'";

  /** How long the row of an org that is gone can be read: the HTTP contract, section 6. */
  private static final String READABLE = "o.deleted_at > now() - interval '30 days'";

  private OrgReads() {}

  /** One org within {@code reach} that is not gone. Index: orgs_slug_living or the primary key. */
  static Selection one(Reach reach, OrgRef ref) {
    Selection org =
        switch (ref) {
          case OrgRef.ById(UUID id) -> orgs().and("o.id = ", id);
          case OrgRef.BySlug(String slug) -> orgs().and("o.slug = ", slug);
        };
    return within(org.append(PRESENT), reach);
  }

  /**
   * The same, and by its id one that has been gone for no longer than it is readable: a slug is
   * somebody else's by then. Index: orgs_slug_living or the primary key.
   */
  static Selection readable(Reach reach, OrgRef ref) {
    return switch (ref) {
      case OrgRef.BySlug slug -> one(reach, slug);
      case OrgRef.ById(UUID id) ->
          within(
              orgs().and("o.id = ", id).append(" AND (o.status <> 'deleted' OR " + READABLE + ")"),
              reach);
    };
  }

  /**
   * One page and one item more, newest first. Index: orgs_of_external_id; with a status
   * orgs_of_partner_status or orgs_of_status; else orgs_living_of_partner or orgs_living_newest;
   * the primary key for an org key.
   */
  static Selection page(Reach reach, OrgFilter filter, PageRequest page) {
    Selection orgs = within(orgs(), reach);
    OrgStatus status = filter.status();
    if (status == null) {
      orgs.append(PRESENT);
    } else {
      orgs.and("o.status = ", status.wireName());
      if (status == OrgStatus.DELETED) {
        orgs.append(" AND " + READABLE);
      }
    }
    return orgs.andIfGiven("o.external_id = ", filter.externalId())
        .newestFirst("o.created_at", "o.id", page);
  }

  private static Selection orgs() {
    return Selection.of(OrgRows.SELECT + " WHERE true");
  }

  private static Selection within(Selection orgs, Reach reach) {
    return orgs.within(reach, "o.partner_id", "o.id");
  }
}
