package ai.molecule.edge.controlplane.orgs;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Orgs to and from rows. Stateless. */
final class OrgRows {
  /** What {@link #read} needs, of a row called {@code o}. */
  static final String COLUMNS =
      """
      o.id, o.partner_id, o.slug, o.name, o.plan, o.seats, o.branding, o.external_id, o.ephemeral,
      o.ttl_seconds, o.expires_at, o.metadata, o.status, o.generation, o.created_by, o.created_at,
      o.ready_at, o.deleted_at, o.billing_started_at, o.billing_closed_at
      """;

  static final String SELECT = "SELECT " + COLUMNS + "FROM orgs o";

  private OrgRows() {}

  static Org read(Row row) {
    return new Org(
        row.getUUID("id"),
        row.getString("partner_id"),
        row.getString("slug"),
        row.getString("name"),
        Plan.ofWireName(row.getString("plan")).orElseThrow(),
        row.getInteger("seats"),
        Branding.ofJson(row.getJsonObject("branding")),
        row.getString("external_id"),
        row.getBoolean("ephemeral"),
        row.getInteger("ttl_seconds"),
        instant(row, "expires_at"),
        strings(row.getJsonObject("metadata")),
        OrgStatus.ofWireName(row.getString("status")).orElseThrow(),
        row.getLong("generation"),
        row.getString("created_by"),
        row.getOffsetDateTime("created_at").toInstant(),
        instant(row, "ready_at"),
        instant(row, "deleted_at"),
        instant(row, "billing_started_at"),
        instant(row, "billing_closed_at"));
  }

  /** Since when a whole row of {@code orgs} has its status. */
  static Instant since(Row row) {
    return row.getOffsetDateTime("status_at").toInstant();
  }

  static Optional<Org> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next()));
  }

  static List<Org> all(RowSet<Row> rows) {
    List<Org> orgs = new ArrayList<>(rows.size());
    for (Row row : rows) {
      orgs.add(read(row));
    }
    return orgs;
  }

  /** What {@link OrgWrites#INSERT} takes, in its order. */
  static Tuple inserted(Org org) {
    return Tuple.tuple()
        .addUUID(org.id())
        .addString(org.partnerId())
        .addString(org.slug())
        .addString(org.name())
        .addString(org.plan().wireName())
        .addInteger(org.seats())
        .addJsonObject(stored(org.branding()))
        .addString(org.externalId())
        .addBoolean(org.ephemeral())
        .addInteger(org.ttlSeconds())
        .addOffsetDateTime(time(org.expiresAt()))
        .addJsonObject(json(org.metadata()))
        .addString(org.createdBy())
        .addOffsetDateTime(time(org.createdAt()));
  }

  /** What {@link OrgWrites#update} takes, in its order. */
  static Tuple updated(Org org, OrgFields fields) {
    return Tuple.tuple()
        .addUUID(org.id())
        .addString(fields.name())
        .addString(fields.plan().wireName())
        .addInteger(fields.seats())
        .addJsonObject(stored(fields.branding()))
        .addJsonObject(json(fields.metadata()));
  }

  static @Nullable OffsetDateTime time(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  static @Nullable Instant instant(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  private static JsonObject stored(Branding branding) {
    JsonObject set = new JsonObject();
    branding.toJson().stream()
        .filter(member -> member.getValue() != null)
        .forEach(member -> set.put(member.getKey(), member.getValue()));
    return set;
  }

  private static JsonObject json(Map<String, String> strings) {
    return new JsonObject(new LinkedHashMap<>(strings));
  }

  private static Map<String, String> strings(JsonObject json) {
    Map<String, String> strings = new LinkedHashMap<>();
    json.forEach(entry -> strings.put(entry.getKey(), String.valueOf(entry.getValue())));
    return Collections.unmodifiableMap(strings);
  }
}
