package ai.molecule.edge.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.TestDatabase;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With ten thousand entries no list walks the table, whatever it asks for. */
class AuditQueryPlansTest {
  private static final Reach ADMIN = new Reach.Everything();
  private static final Reach PARTNER = new Reach.OfPartner("partner-7");
  private static final UUID ORG = new UUID(0, 7);

  @AutoClose private static TestDatabase database;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
    database.query(
        """
        INSERT INTO audit_log (id, at, actor_type, actor_id, action, target_type, target_id,
                               partner_id, org_id, request_id)
        SELECT gen_random_uuid(), now() - i * interval '1 second', 'admin', 'admin',
               CASE WHEN i % 1000 = 7 THEN 'key.rotated' ELSE 'key.created' END,
               'partner_key', i::text, 'partner-' || i % 20,
               lpad(to_hex(i % 100), 32, '0')::uuid, 'r'
          FROM generate_series(1, 10000) i
        """);
    database.query("ANALYZE");
  }

  @Test
  void theAdminsListGoesByTheTimeOrTheAction() {
    assertThat(plan(ADMIN, AuditFilter.NONE)).contains("audit_log_newest").doesNotContain("Sort");
    assertThat(plan(ADMIN, new AuditFilter(null, null, "key.rotated")))
        .contains("audit_log_of_action");
  }

  @Test
  void aPartnersListGoesByThePartnerAndItsAction() {
    assertThat(plan(PARTNER, AuditFilter.NONE))
        .contains("audit_log_of_partner")
        .doesNotContain("Sort");
    assertThat(plan(ADMIN, new AuditFilter("partner-7", null, null)))
        .contains("audit_log_of_partner");
    assertThat(plan(PARTNER, new AuditFilter(null, null, "key.rotated"))).contains("_action");
  }

  @Test
  void anOrgsListGoesByTheOrg() {
    assertThat(plan(PARTNER, new AuditFilter(null, ORG, null))).contains("audit_log_of_org");
    assertThat(plan(new Reach.OfOrg("partner-7", ORG), AuditFilter.NONE))
        .contains("audit_log_of_org");
    assertThat(plan(ADMIN, new AuditFilter("partner-7", ORG, "key.created")))
        .contains("audit_log_of_org");
  }

  private static String plan(Reach reach, AuditFilter filter) {
    Cursor after = new Cursor(Instant.now(), UUID.randomUUID());
    Selection reads = AuditReads.page(reach, filter, new PageRequest(50, after));
    return database.plan(reads.sql(), reads.parameters(), "");
  }
}
