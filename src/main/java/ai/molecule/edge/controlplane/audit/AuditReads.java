package ai.molecule.edge.controlplane.audit;

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
 * One query on the audit log being put together: only the conditions that apply are in its text, so
 * that each combination has a plan of its own. For one use, on one thread.
 */
final class AuditReads {
  private static final String SELECT =
      """
      SELECT a.id, a.at, a.actor_type, a.actor_id, a.action, a.target_type, a.target_id,
             a.partner_id, a.org_id, a.request_id, a.changes
        FROM audit_log a WHERE true
      """;

  private final StringBuilder sql = new StringBuilder(SELECT);
  private final List<@Nullable Object> parameters = new ArrayList<>();

  private AuditReads() {}

  /**
   * One page and one entry more, newest first. Index: audit_log_of_org,
   * audit_log_of_partner_action, audit_log_of_partner, audit_log_of_action or audit_log_newest, the
   * first that has a condition.
   */
  static AuditReads page(Reach reach, AuditFilter filter, PageRequest page) {
    AuditReads reads = new AuditReads().within(reach);
    if (filter.partnerId() != null) {
      reads.and("a.partner_id = ", filter.partnerId());
    }
    if (filter.orgId() != null) {
      reads.and("a.org_id = ", filter.orgId());
    }
    if (filter.action() != null) {
      reads.and("a.action = ", filter.action());
    }
    Cursor after = page.after();
    if (after != null) {
      reads.and("(a.at, a.id) < (", after.createdAt().atOffset(ZoneOffset.UTC));
      reads.sql.append(", ").append(reads.place(after.id())).append(')');
    }
    reads.sql.append(" ORDER BY a.at DESC, a.id DESC LIMIT ");
    reads.sql.append(reads.place(page.limit() + 1));
    return reads;
  }

  String sql() {
    return sql.toString();
  }

  Tuple parameters() {
    return Tuple.tuple(new ArrayList<>(parameters));
  }

  private AuditReads within(Reach reach) {
    return switch (reach) {
      case Reach.Everything() -> this;
      case Reach.OfPartner(String partnerId) -> and("a.partner_id = ", partnerId);
      case Reach.OfOrg(String partnerId, UUID orgId) ->
          and("a.partner_id = ", partnerId).and("a.org_id = ", orgId);
      case Reach.OfWorkspace ignored -> {
        sql.append(" AND false");
        yield this;
      }
    };
  }

  private AuditReads and(String condition, @Nullable Object value) {
    sql.append(" AND ").append(condition).append(place(value));
    return this;
  }

  private String place(@Nullable Object value) {
    parameters.add(value);
    return "$" + parameters.size();
  }
}
