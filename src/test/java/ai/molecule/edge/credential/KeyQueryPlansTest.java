package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With ten thousand keys of a hundred partners, no query walks the table. */
class KeyQueryPlansTest {
  private static KeyDatabase database;
  private static UUID org;
  private static UUID key;

  @BeforeAll
  static void start() {
    database = new KeyDatabase();
    database.query(
        """
        INSERT INTO orgs (id, partner_id, slug, status)
        SELECT gen_random_uuid(), 'partner-' || i % 100, 'org-' || i, 'running'
          FROM generate_series(1, 1000) i
        """);
    database.query(
        """
        INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, org_id, environment,
                                  prefix, last4, name, scopes, rate_limit, burst, lineage_id,
                                  created_by, created_at)
        SELECT gen_random_uuid(), sha256(i::text::bytea), sha256(i::text::bytea), 1, o.partner_id,
               o.id, 'live', 'p', 'l', 'n', 1, 60, 60, gen_random_uuid(), 'admin',
               now() - i * interval '1 second'
          FROM generate_series(1, 10000) i
          JOIN orgs o ON o.slug = 'org-' || (i % 1000 + 1)
        """);
    database.query("ANALYZE");
    org = database.query("SELECT id FROM orgs WHERE slug = 'org-7'").iterator().next().getUUID(0);
    key = database.query("SELECT id FROM partner_keys LIMIT 1").iterator().next().getUUID(0);
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @Test
  void theLookupOfACredentialGoesByItsHash() {
    Buffer hash = Buffer.buffer(KeyDraft.ofPartner("p").record().hash().bytes());
    assertThat(plan(PostgresLookup.BY_HASH, Tuple.of(hash))).contains("partner_keys_hash");
  }

  @Test
  void oneKeyGoesByItsId() {
    assertThat(plan(KeyReads.one(KeyRows.SELECT, new Reach.OfPartner("partner-7"), key)))
        .contains("partner_keys_pkey");
  }

  @Test
  void theAdminsListGoesByTheTime() {
    assertThat(list(new Reach.Everything(), KeyFilter.NONE)).contains("partner_keys_newest");
  }

  @Test
  void aPartnersListGoesByThePartnerAndNeedsNoSort() {
    assertThat(list(new Reach.OfPartner("partner-7"), KeyFilter.NONE))
        .contains("partner_keys_of_partner")
        .doesNotContain("Sort");
    assertThat(list(new Reach.OfPartner("partner-7"), new KeyFilter(null, null, "active")))
        .contains("partner_keys_of_partner");
  }

  @Test
  void anOrgsListGoesByTheOrg() {
    assertThat(list(new Reach.OfOrg("partner-6", org), KeyFilter.NONE))
        .contains("partner_keys_of_org");
  }

  private static String list(Reach reach, KeyFilter filter) {
    Cursor after = new Cursor(Instant.now(), UUID.randomUUID());
    return plan(KeyReads.page(reach, filter, new PageRequest(50, after)));
  }

  private static String plan(Selection reads) {
    return plan(reads.sql(), reads.parameters());
  }

  /** The plan, of which it also asks that it reads no key by walking the table. */
  private static String plan(String sql, Tuple parameters) {
    StringBuilder plan = new StringBuilder();
    for (Row row :
        Await.result(
            database.pools.query(database.pools.control(), "EXPLAIN " + sql, parameters))) {
      plan.append(row.getString(0)).append('\n');
    }
    assertThat(plan.toString()).doesNotContain("Seq Scan on partner_keys");
    return plan.toString();
  }
}
