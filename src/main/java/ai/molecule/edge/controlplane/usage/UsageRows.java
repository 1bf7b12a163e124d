package ai.molecule.edge.controlplane.usage;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Usage from and to rows. Stateless. */
final class UsageRows {
  private UsageRows() {}

  static Level level(Row row) {
    return new Level(
        instant(row, "at"),
        row.getInteger("orgs"),
        row.getInteger("seats"),
        row.getInteger("workspaces"));
  }

  static HourUsage hour(Row row) {
    return new HourUsage(
        instant(row, "hour"),
        row.getLong("org_micros"),
        row.getLong("seat_micros"),
        row.getLong("workspace_micros"),
        row.getLong("api_calls"));
  }

  static Instant instant(Row row, String column) {
    return row.getOffsetDateTime(column).toInstant();
  }

  static @Nullable Instant instantOrNull(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
