package ai.molecule.edge.controlplane.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With ten thousand orgs that were metered for two days, no query walks a table. */
class UsageQueryPlansTest {
  private static final Instant EIGHT = Instant.parse("2026-01-01T08:00:00Z");

  @AutoClose private static MeteredOrgs orgs;
  private static UUID org;

  @BeforeAll
  static void start() {
    orgs = new MeteredOrgs(EIGHT);
    orgs.query(
        """
        INSERT INTO orgs (id, partner_id, slug, status, seats, created_at, billing_started_at)
        SELECT gen_random_uuid(), 'partner-' || i % 100, 'org-' || i, 'running', 5, usage_now(),
               usage_now()
          FROM generate_series(1, 10000) i
        """);
    orgs.query(
        """
        INSERT INTO usage_levels
        SELECT o.id, o.billing_started_at + i * interval '1 minute', 1, i, i
          FROM orgs o, generate_series(1, 5) i
        """);
    orgs.query(
        """
        INSERT INTO usage_calls (key_id, hour, partner_id, org_id, calls)
        SELECT gen_random_uuid(), o.billing_started_at + i * interval '1 hour', 'p', o.id, i
          FROM orgs o, generate_series(1, 5) i
        """);
    orgs.query("ALTER TABLE usage_hours DISABLE TRIGGER usage_hours_are_open");
    orgs.query(
        """
        INSERT INTO usage_hours
        SELECT o.id, o.billing_started_at - i * interval '1 hour', 1, 1, 1, 1
          FROM orgs o, generate_series(1, 5) i
        """);
    orgs.query(
        """
        UPDATE usage_accounts SET closed_until = closed_until + interval '1 day',
                                  due_at = due_at + interval '1 day'
         WHERE org_id IN (SELECT id FROM orgs WHERE partner_id <> 'partner-7')
        """);
    orgs.query("ANALYZE");
    org = orgs.query("SELECT id FROM orgs WHERE slug = 'org-9'").iterator().next().getUUID(0);
    orgs.pass(Duration.ofHours(2));
  }

  @Test
  void usageOfOneOrgGoesByTheOrg() {
    Tuple hours =
        Tuple.of(org, UsageRows.time(EIGHT), UsageRows.time(EIGHT.plus(Duration.ofDays(31))));
    assertThat(plan(UsageStore.ACCOUNT, Tuple.of(org))).contains("usage_accounts_pkey");
    assertThat(plan(UsageStore.CLOSED, hours)).contains("usage_hours_pkey");
    assertThat(plan(UsageStore.LEVELS, hours)).contains("usage_levels_pkey");
    assertThat(plan(UsageStore.CALLS, hours)).contains("usage_calls_of_org");
  }

  @Test
  void closingGoesByWhatIsDue() {
    Tuple batch =
        Tuple.tuple()
            .addArrayOfUUID(new UUID[] {org, UUID.randomUUID()})
            .addArrayOfOffsetDateTime(
                new OffsetDateTime[] {UsageRows.time(EIGHT), UsageRows.time(EIGHT)});
    assertThat(plan(HourCloser.OVERDUE, Tuple.of(10_000.0))).contains("usage_accounts_due");
    assertThat(plan(HourCloser.DUE, Tuple.of(10_000.0, 200))).contains("usage_accounts_due");
    assertThat(plan(HourCloser.LEVELS, batch)).contains("usage_levels_pkey");
    assertThat(plan(HourCloser.CALLS, batch)).contains("usage_calls_of_org");
  }

  private static String plan(String sql, Tuple parameters) {
    String plan = orgs.database.plan(sql, parameters, "usage");
    assertThat(plan).doesNotContain("Scan on orgs");
    return plan;
  }
}
