package ai.molecule.edge.controlplane.orgs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** No table and no secret is forgotten by an export: held against the schema as it is. */
class ExportSectionTest {
  /** What holds nothing of one org, and why. */
  private static final Map<String, String> NOT_OF_AN_ORG =
      Map.of(
          "change_outbox", "keys that are being announced, for moments",
          "node_sessions", "nodes",
          "scheduled_tasks", "jobs of steps, which are exported as such",
          "idempotency_keys", "answers that said what is exported here, for a day",
          "usage_flushes", "nodes",
          "flyway_schema_history", "the schema itself");

  @AutoClose private static TestDatabase database;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
  }

  private static List<String> texts(String sql) {
    List<String> texts = new ArrayList<>();
    database.query(sql).forEach(row -> texts.add(row.getString(0)));
    return texts;
  }

  @Test
  void everyTableIsExportedOrSaidToHoldNothingOfAnOrg() {
    List<String> told = new ArrayList<>(NOT_OF_AN_ORG.keySet());
    ExportSection.ALL.forEach(section -> told.add(section.table()));
    assertThat(texts("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"))
        .containsExactlyInAnyOrderElementsOf(told);
  }

  @Test
  void noTableWithAnOrgIsSaidToHoldNothingOfOne() {
    assertThat(
            texts(
                "SELECT table_name::text FROM information_schema.columns"
                    + " WHERE table_schema = current_schema() AND column_name = 'org_id'"))
        .doesNotContainAnyElementsOf(NOT_OF_AN_ORG.keySet());
  }

  /** Hashes and sealed secrets are the only bytes that the edge keeps in columns of their own. */
  @Test
  void everyColumnOfBytesIsWithheldAndNothingElseIs() {
    for (ExportSection section : ExportSection.ALL) {
      assertThat(
              texts(
                  "SELECT column_name::text FROM information_schema.columns WHERE table_name = '"
                      + section.table()
                      + "' AND table_schema = current_schema() AND data_type = 'bytea'"))
          .as(section.table())
          .containsExactlyInAnyOrderElementsOf(section.withheld());
    }
  }

  @Test
  void sectionsAreToldApart() {
    assertThat(ExportSection.ALL.stream().map(ExportSection::type)).doesNotHaveDuplicates();
    assertThat(Set.copyOf(ExportSection.ALL)).hasSize(ExportSection.ALL.size());
  }
}
