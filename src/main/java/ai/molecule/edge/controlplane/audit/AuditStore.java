package ai.molecule.edge.controlplane.audit;

import ai.molecule.edge.credential.Actor;
import ai.molecule.edge.credential.Cursor;
import ai.molecule.edge.credential.Page;
import ai.molecule.edge.credential.PageRequest;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.Selection;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.telemetry.LabelValue.StoreOp;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be read of the audit log, always through a {@link Reach}. On the control pool; safe on
 * any thread. Everything fails with {@code store_unavailable} when Postgres cannot serve in time.
 */
public final class AuditStore {
  private final PostgresPools pools;

  /** The log behind {@code pools}. */
  public AuditStore(PostgresPools pools) {
    this.pools = pools;
  }

  /** One page of the entries within reach, newest first; stable while entries are added. */
  public Future<Page<AuditEntry>> list(Reach reach, AuditFilter filter, PageRequest page) {
    Selection reads = AuditReads.page(reach, filter, page);
    return pools
        .measured(StoreOp.READ, pools.query(pools.control(), reads.sql(), reads.parameters()))
        .map(
            rows -> {
              List<AuditEntry> entries = new ArrayList<>(rows.size());
              rows.forEach(row -> entries.add(read(row)));
              return Page.cut(entries, page, last -> new Cursor(last.at(), last.id()));
            });
  }

  private static AuditEntry read(Row row) {
    return new AuditEntry(
        row.getUUID("id"),
        row.getOffsetDateTime("at").toInstant(),
        new Actor(row.getString("actor_type"), row.getString("actor_id")),
        row.getString("action"),
        row.getString("target_type"),
        row.getString("target_id"),
        row.getString("partner_id"),
        row.getUUID("org_id"),
        row.getString("request_id"),
        row.getJsonObject("changes"));
  }
}
