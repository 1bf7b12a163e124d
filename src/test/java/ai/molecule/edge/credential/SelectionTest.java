package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The text of a query and what is in its places, written out by hand. */
class SelectionTest {
  private static final UUID ORG = UUID.randomUUID();

  private static Selection rows() {
    return Selection.of("SELECT * FROM t WHERE true");
  }

  private static List<Object> values(Selection selection) {
    Tuple parameters = selection.parameters();
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      values.add(parameters.getValue(i));
    }
    return values;
  }

  @Test
  void conditionsAreInTheTextAndTheirValuesInThePlaces() {
    Selection selection = rows().and("t.a = ", "x' OR true --").append(" AND t.b").and("t.c > ", 7);
    assertThat(selection.sql())
        .isEqualTo("SELECT * FROM t WHERE true AND t.a = $1 AND t.b AND t.c > $2");
    assertThat(values(selection)).containsExactly("x' OR true --", 7);
  }

  @Test
  void whatIsNotGivenIsNoCondition() {
    Selection selection = rows().andIfGiven("t.a = ", null).andIfGiven("t.b = ", "b");
    assertThat(selection.sql()).isEqualTo("SELECT * FROM t WHERE true AND t.b = $1");
    assertThat(values(selection)).containsExactly("b");
  }

  @Test
  void aReachIsAConditionOnPartnerAndOrg() {
    Selection everything = rows().within(new Reach.Everything(), "t.p", "t.o");
    assertThat(everything.sql()).isEqualTo("SELECT * FROM t WHERE true");
    Selection partner = rows().within(new Reach.OfPartner("acme"), "t.p", "t.o");
    assertThat(partner.sql()).isEqualTo("SELECT * FROM t WHERE true AND t.p = $1");
    Selection org = rows().within(new Reach.OfOrg("acme", ORG), "t.p", "t.o");
    assertThat(org.sql()).isEqualTo("SELECT * FROM t WHERE true AND t.p = $1 AND t.o = $2");
    assertThat(values(org)).containsExactly("acme", ORG);
  }

  @Test
  void aWorkspaceReachesNothingOfItsOrgs() {
    Reach workspace = new Reach.OfWorkspace("acme", ORG, UUID.randomUUID());
    assertThat(rows().within(workspace, "t.p", "t.o").sql())
        .isEqualTo("SELECT * FROM t WHERE true AND false");
  }

  @Test
  void aPageBeginsAfterItsCursorAndHasOneItemMore() {
    assertThat(values(rows().newestFirst("t.at", "t.id", new PageRequest(20, null))))
        .containsExactly(21);
    Cursor after = new Cursor(Instant.parse("2026-01-02T03:04:05.678901Z"), ORG);
    Selection next =
        rows().and("t.a = ", 1).newestFirst("t.at", "t.id", new PageRequest(20, after));
    assertThat(next.sql())
        .isEqualTo(
            "SELECT * FROM t WHERE true AND t.a = $1 AND (t.at, t.id) < ($2, $3)"
                + " ORDER BY t.at DESC, t.id DESC LIMIT $4");
    assertThat(values(next))
        .containsExactly(1, OffsetDateTime.parse("2026-01-02T03:04:05.678901Z"), ORG, 21);
  }
}
