package ai.molecule.edge.controlplane.orgs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.TestDatabase;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With ten thousand orgs, most of them gone, no query walks the table. */
class OrgQueryPlansTest {
  private static final Reach ADMIN = new Reach.Everything();
  private static final Reach PARTNER = new Reach.OfPartner("partner-7");

  @AutoClose private static TestDatabase database;
  private static UUID org;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
    database.query(
        """
        INSERT INTO orgs (id, partner_id, slug, name, status, external_id, created_at, deleted_at,
                          ephemeral, ttl_seconds, expires_at)
        SELECT gen_random_uuid(), 'partner-' || i % 100, 'org-' || i, 'n',
               CASE WHEN i % 3 = 0 THEN 'running' WHEN i % 500 = 1 THEN 'failed' ELSE 'deleted' END,
               'ext-' || i, now() - i * interval '1 second',
               CASE WHEN i % 3 <> 0 AND i % 500 <> 1 THEN now() END,
               true, 3600, now() + i * interval '1 second'
          FROM generate_series(1, 10000) i
        """);
    database.query(
        """
        INSERT INTO org_members (id, org_id, email, role, created_by, created_at)
        SELECT gen_random_uuid(), id, 'm@x.example', 'member', 'admin', created_at FROM orgs
        """);
    database.query(
        """
        INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, org_id, ephemeral_org,
                                  environment, prefix, last4, name, scopes, rate_limit, burst,
                                  lineage_id, created_by, created_at)
        SELECT o.id, sha256(o.slug::bytea), sha256(o.slug::bytea), 1, o.partner_id, o.id, true,
               'live', 'p', 'l', 'n', 1, 60, 60, o.id, 'admin', o.created_at
          FROM orgs o
        """);
    database.query("ANALYZE");
    org = database.query("SELECT id FROM orgs WHERE slug = 'org-9'").iterator().next().getUUID(0);
  }

  @Test
  void oneOrgGoesByItsSlugOrItsId() {
    assertThat(plan(OrgReads.one(PARTNER, new OrgRef.BySlug("org-9"))))
        .contains("orgs_slug_living");
    // The primary key, or the one that has the partner beside it.
    assertThat(plan(OrgReads.one(PARTNER, new OrgRef.ById(org)))).contains("Index Scan using");
  }

  @Test
  void listsOfLivingOrgsSkipThoseThatAreGone() {
    assertThat(list(ADMIN, null, null)).contains("orgs_living_newest").doesNotContain("Sort");
    assertThat(list(PARTNER, null, null)).contains("orgs_living_of_partner");
    assertThat(list(new Reach.OfOrg("partner-9", org), null, null)).contains("Index Scan using");
  }

  @Test
  void listsByStatusGoByTheStatus() {
    assertThat(list(ADMIN, OrgStatus.FAILED, null)).contains("orgs_of_status");
    assertThat(list(PARTNER, OrgStatus.DELETED, null)).contains("orgs_of_partner_status");
    assertThat(list(PARTNER, OrgStatus.RUNNING, null)).contains("Index");
  }

  @Test
  void listsByExternalIdGoByIt() {
    assertThat(list(ADMIN, null, "ext-9")).contains("external_id");
    assertThat(list(PARTNER, null, "ext-9")).contains("external_id");
  }

  @Test
  void whatIsNotForCallersGoesByAnIndexToo() {
    assertThat(plan(OrgWrites.COUNT, Tuple.of("partner-7"))).contains("orgs_living_of_partner");
    assertThat(plan(OrgSweeps.EXPIRED, Tuple.of(50))).contains("orgs_expiry");
    assertThat(plan(OrgSweeps.FORGOTTEN, Tuple.of(10_000.0))).contains("Index");
    assertThat(plan(OrgStore.STEPS, Tuple.of(org, 1L))).doesNotContain("Seq Scan on orgs");
    assertThat(plan(MemberStore.page(org, PageRequest.first()))).contains("org_members_newest");
  }

  @Test
  void theKeysThatKeepAnEphemeralOrgAliveGoByTheirLineage() {
    assertThat(plan(KeyRevocation.LINEAGE_LIVES, Tuple.of(org)))
        .contains("partner_keys_of_lineage");
    assertThat(plan(KeyRevocation.EPHEMERAL_ORG, Tuple.of(org))).contains("partner_keys_pkey");
  }

  private static String list(Reach reach, OrgStatus status, String externalId) {
    Cursor after = new Cursor(Instant.now(), UUID.randomUUID());
    Selection reads =
        OrgReads.page(reach, new OrgFilter(status, externalId), new PageRequest(50, after));
    return plan(reads);
  }

  private static String plan(Selection reads) {
    return plan(reads.sql(), reads.parameters());
  }

  /** The plan, of which it also asks that it finds no org or member by walking the table. */
  private static String plan(String sql, Tuple parameters) {
    return database.plan(sql, parameters, "orgs", "org_members");
  }
}
