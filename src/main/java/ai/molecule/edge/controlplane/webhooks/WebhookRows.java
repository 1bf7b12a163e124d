package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.credential.Reach;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of webhooks, and how they are reached. Stateless. */
final class WebhookRows {
  static final String SELECT =
      """
      SELECT w.id, w.partner_id, w.org_id, w.url, w.events, w.local, w.created_by, w.created_at,
             w.disabled_at
        FROM webhooks w
      """;

  private WebhookRows() {}

  static Webhook read(Row row) {
    return new Webhook(
        row.getUUID("id"),
        row.getString("partner_id"),
        row.getUUID("org_id"),
        row.getString("url"),
        List.of(row.getArrayOfStrings("events")),
        row.getBoolean("local"),
        row.getString("created_by"),
        row.getOffsetDateTime("created_at").toInstant(),
        instant(row, "disabled_at"));
  }

  static Optional<Webhook> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next()));
  }

  static @Nullable Instant instant(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  /**
   * The condition that {@code reach} puts on a webhook {@code w}; what it compares with is added to
   * {@code parameters}.
   */
  static String within(Reach reach, Tuple parameters) {
    return switch (reach) {
      case Reach.Everything() -> "true";
      case Reach.OfPartner(String partnerId) -> "w.partner_id = " + place(parameters, partnerId);
      case Reach.OfOrg(String partnerId, UUID orgId) ->
          "w.partner_id = "
              + place(parameters, partnerId)
              + " AND w.org_id = "
              + place(parameters, orgId);
      case Reach.OfWorkspace ignored -> "false";
    };
  }

  /** Adds a value, and says where it is. */
  static String place(Tuple parameters, @Nullable Object value) {
    parameters.addValue(value);
    return "$" + parameters.size();
  }
}
