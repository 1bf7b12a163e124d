package ai.molecule.edge.controlplane.orgs;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One query on orgs being put together: only the conditions that apply are in its text, so that
 * each combination has a plan of its own. For one use, on one thread.
 */
final class OrgReads {
  /** How long the row of an org that is gone can be read: the HTTP contract, section 6. */
  private static final String READABLE = "o.deleted_at > now() - interval '30 days'";

  private final StringBuilder sql;
  private final List<@Nullable Object> parameters = new ArrayList<>();

  private OrgReads(String select) {
    this.sql = new StringBuilder(select).append(" WHERE true");
  }

  /** One org within {@code reach} that is not gone. Index: orgs_slug_living or the primary key. */
  static OrgReads one(Reach reach, OrgRef ref) {
    OrgReads reads = new OrgReads(OrgRows.SELECT);
    switch (ref) {
      case OrgRef.ById(UUID id) -> reads.and("o.id = ", id);
      case OrgRef.BySlug(String slug) -> reads.and("o.slug = ", slug);
    }
    reads.sql.append(" AND o.status <> 'deleted'");
    return reads.within(reach);
  }

  /**
   * The same, and by its id one that has been gone for no longer than it is readable: a slug is
   * somebody else's by then. Index: orgs_slug_living or the primary key.
   */
  static OrgReads readable(Reach reach, OrgRef ref) {
    return switch (ref) {
      case OrgRef.BySlug slug -> one(reach, slug);
      case OrgRef.ById(UUID id) -> {
        OrgReads reads = new OrgReads(OrgRows.SELECT).and("o.id = ", id);
        reads.sql.append(" AND (o.status <> 'deleted' OR ").append(READABLE).append(')');
        yield reads.within(reach);
      }
    };
  }

  /**
   * One page and one item more, newest first. Index: orgs_of_external_id; with a status
   * orgs_of_partner_status or orgs_of_status; else orgs_living_of_partner or orgs_living_newest;
   * the primary key for an org key.
   */
  static OrgReads page(Reach reach, OrgFilter filter, PageRequest page) {
    OrgReads reads = new OrgReads(OrgRows.SELECT).within(reach);
    OrgStatus status = filter.status();
    if (status == null) {
      reads.sql.append(" AND o.status <> 'deleted'");
    } else {
      reads.and("o.status = ", status.wireName());
      if (status == OrgStatus.DELETED) {
        reads.sql.append(" AND ").append(READABLE);
      }
    }
    if (filter.externalId() != null) {
      reads.and("o.external_id = ", filter.externalId());
    }
    Cursor after = page.after();
    if (after != null) {
      reads.and("(o.created_at, o.id) < (", after.createdAt().atOffset(ZoneOffset.UTC));
      reads.sql.append(", ").append(reads.place(after.id())).append(')');
    }
    reads.sql.append(" ORDER BY o.created_at DESC, o.id DESC LIMIT ");
    reads.sql.append(reads.place(page.limit() + 1));
    return reads;
  }

  OrgReads append(String text) {
    sql.append(text);
    return this;
  }

  String sql() {
    return sql.toString();
  }

  Tuple parameters() {
    return Tuple.tuple(new ArrayList<>(parameters));
  }

  private OrgReads within(Reach reach) {
    return switch (reach) {
      case Reach.Everything() -> this;
      case Reach.OfPartner(String partnerId) -> and("o.partner_id = ", partnerId);
      case Reach.OfOrg(String partnerId, UUID orgId) ->
          and("o.partner_id = ", partnerId).and("o.id = ", orgId);
      case Reach.OfWorkspace ignored -> append(" AND false");
    };
  }

  private OrgReads and(String condition, @Nullable Object value) {
    sql.append(" AND ").append(condition).append(place(value));
    return this;
  }

  private String place(@Nullable Object value) {
    parameters.add(value);
    return "$" + parameters.size();
  }
}
