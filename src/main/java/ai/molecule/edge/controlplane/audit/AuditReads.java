package ai.molecule.edge.controlplane.audit;

import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;

/** The query on the audit log. Stateless. */
final class AuditReads {
  private static final String SELECT =
      """
      SELECT a.id, a.at, a.actor_type, a.actor_id, a.action, a.target_type, a.target_id,
             a.partner_id, a.org_id, a.request_id, a.changes
        FROM audit_log a WHERE true
      """;

  private AuditReads() {}

  /**
   * One page and one entry more, newest first. Index: audit_log_of_org,
   * audit_log_of_partner_action, audit_log_of_partner, audit_log_of_action or audit_log_newest, the
   * first that has a condition.
   */
  static Selection page(Reach reach, AuditFilter filter, PageRequest page) {
    return Selection.of(SELECT)
        .within(reach, "a.partner_id", "a.org_id")
        .andIfGiven("a.partner_id = ", filter.partnerId())
        .andIfGiven("a.org_id = ", filter.orgId())
        .andIfGiven("a.action = ", filter.action())
        .newestFirst("a.at", "a.id", page);
  }
}
