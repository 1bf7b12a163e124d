package ai.molecule.edge.credential;

import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One SELECT being put together: only the conditions that apply are in its text, so that each
 * combination has a plan of its own. Values travel as parameters, never in the text. For one use,
 * on one thread.
 */
public final class Selection {
  private final StringBuilder sql;
  private final List<@Nullable Object> parameters = new ArrayList<>();

  private Selection(String select) {
    this.sql = new StringBuilder(select);
  }

  /**
   * A selection that begins with {@code select}, whose {@code WHERE} more conditions may follow.
   */
  public static Selection of(String select) {
    return new Selection(select);
  }

  /** Adds a condition, {@code condition} followed by the place of {@code value}. */
  public Selection and(String condition, @Nullable Object value) {
    sql.append(" AND ").append(condition).append(place(value));
    return this;
  }

  /** The same when there is a value, and else nothing. */
  public Selection andIfGiven(String condition, @Nullable Object value) {
    return value == null ? this : and(condition, value);
  }

  /**
   * Adds the condition that a row is within {@code reach}. What belongs to a partner or an org lies
   * beyond the reach of a workspace.
   *
   * @param partnerId the column of the row's partner
   * @param orgId the column of its org
   */
  public Selection within(Reach reach, String partnerId, String orgId) {
    return switch (reach) {
      case Reach.Everything() -> this;
      case Reach.OfPartner(String partner) -> and(partnerId + " = ", partner);
      case Reach.OfOrg(String partner, UUID org) ->
          and(partnerId + " = ", partner).and(orgId + " = ", org);
      case Reach.OfWorkspace ignored -> append(" AND false");
    };
  }

  /** Adds text as it is. */
  public Selection append(String text) {
    sql.append(text);
    return this;
  }

  /**
   * Ends as one page and one item more, newest first; {@link Page#cut} takes that item away.
   *
   * @param time the column of a {@link Cursor}'s time
   * @param id the column of its id
   */
  public Selection newestFirst(String time, String id, PageRequest page) {
    Cursor after = page.after();
    if (after != null) {
      and("(" + time + ", " + id + ") < (", after.createdAt().atOffset(ZoneOffset.UTC));
      sql.append(", ").append(place(after.id())).append(')');
    }
    sql.append(" ORDER BY ").append(time).append(" DESC, ").append(id).append(" DESC LIMIT ");
    sql.append(place(page.limit() + 1));
    return this;
  }

  private String place(@Nullable Object value) {
    parameters.add(value);
    return "$" + parameters.size();
  }

  /** The statement's text. */
  public String sql() {
    return sql.toString();
  }

  /** Its parameters, in their places. */
  public Tuple parameters() {
    return Tuple.tuple(new ArrayList<>(parameters));
  }
}
