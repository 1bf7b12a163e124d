package ai.molecule.edge.credential;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One query on keys being put together: only the conditions that apply are in its text, so that
 * each combination has a plan of its own. For one use, on one thread.
 */
final class KeyReads {
  /** Tokens are in the same table, and no caller that manages keys sees them. */
  private static final String PARTNER_KEYS = " AND k.workspace_id IS NULL";

  private final StringBuilder sql;
  private final List<@Nullable Object> parameters = new ArrayList<>();

  private KeyReads(String select) {
    this.sql = new StringBuilder(select).append(" WHERE true");
  }

  /** One key within {@code reach}. Index: the primary key. */
  static KeyReads one(String select, Reach reach, UUID id) {
    return new KeyReads(select).and("k.id = ", id).within(reach);
  }

  /**
   * One page and one item more, newest first. Index: partner_keys_of_workspace,
   * partner_keys_of_org, partner_keys_of_partner or partner_keys_newest, whichever the conditions
   * name first; the status is computed on the rows it yields.
   */
  static KeyReads page(Reach reach, KeyFilter filter, PageRequest page) {
    KeyReads reads = new KeyReads(KeyRows.SELECT).within(reach);
    if (filter.partnerId() != null) {
      reads.and("k.partner_id = ", filter.partnerId());
    }
    if (filter.orgId() != null) {
      reads.and("k.org_id = ", filter.orgId());
    }
    if (filter.status() != null) {
      reads.and(KeyRows.STATUS + " = ", filter.status());
    }
    Cursor after = page.after();
    if (after != null) {
      reads.and("(k.created_at, k.id) < (", KeyRows.time(after.createdAt()));
      reads.sql.append(", ").append(reads.place(after.id())).append(')');
    }
    reads.sql.append(" ORDER BY k.created_at DESC, k.id DESC LIMIT ");
    reads.sql.append(reads.place(page.limit() + 1));
    return reads;
  }

  KeyReads append(String text) {
    sql.append(text);
    return this;
  }

  String sql() {
    return sql.toString();
  }

  Tuple parameters() {
    return Tuple.tuple(new ArrayList<>(parameters));
  }

  private KeyReads within(Reach reach) {
    return switch (reach) {
      case Reach.Everything() -> append(PARTNER_KEYS);
      case Reach.OfPartner(String partnerId) ->
          append(PARTNER_KEYS).and("k.partner_id = ", partnerId);
      case Reach.OfOrg(String partnerId, UUID orgId) ->
          append(PARTNER_KEYS).and("k.partner_id = ", partnerId).and("k.org_id = ", orgId);
      case Reach.OfWorkspace(String partnerId, UUID orgId, UUID workspaceId) ->
          and("k.workspace_id = ", workspaceId)
              .and("k.partner_id = ", partnerId)
              .and("k.org_id = ", orgId);
    };
  }

  private KeyReads and(String condition, @Nullable Object value) {
    sql.append(" AND ").append(condition).append(place(value));
    return this;
  }

  private String place(@Nullable Object value) {
    parameters.add(value);
    return "$" + parameters.size();
  }
}
