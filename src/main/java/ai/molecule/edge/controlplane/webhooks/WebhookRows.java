package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
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

  /** The webhooks within {@code reach}, as {@code w}. */
  static Selection within(Reach reach) {
    return Selection.of(SELECT + " WHERE true").within(reach, "w.partner_id", "w.org_id");
  }
}
