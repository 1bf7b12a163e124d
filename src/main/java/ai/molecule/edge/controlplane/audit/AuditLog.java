package ai.molecule.edge.controlplane.audit;

import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Ids;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The audit log as it is written, in the transaction of what it tells. Stateless. */
public final class AuditLog {
  private static final String INSERT =
      """
      INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id, partner_id,
                             org_id, request_id, changes)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """;

  private AuditLog() {}

  /**
   * What was changed, and whose it is.
   *
   * @param type such as {@code org_member}
   * @param orgId null for what belongs to the partner itself
   */
  public record Target(String type, UUID id, String partnerId, @Nullable UUID orgId) {}

  /**
   * Adds the row of one mutation.
   *
   * @param changes {@code {"member": {"from": …, "to": …}}}, put together by {@link #change} or
   *     {@link #difference}
   */
  public static Future<Void> write(
      SqlClient connection, AuditContext context, Target target, JsonObject changes) {
    return connection
        .preparedQuery(INSERT)
        .execute(
            Tuple.of(
                Ids.next(),
                context.actor().type(),
                context.actor().id(),
                context.action(),
                target.type(),
                target.id().toString(),
                target.partnerId(),
                target.orgId(),
                context.requestId(),
                changes))
        .mapEmpty();
  }

  /** One changed member. */
  public static JsonObject change(String name, @Nullable Object from, @Nullable Object to) {
    return new JsonObject().put(name, new JsonObject().put("from", from).put("to", to));
  }

  /** The members of {@code after} that {@code before} does not have with the same value. */
  public static JsonObject difference(JsonObject before, JsonObject after) {
    JsonObject changes = new JsonObject();
    after.forEach(
        member -> {
          Object from = before.getValue(member.getKey());
          if (!Objects.equals(from, member.getValue())) {
            changes.mergeIn(change(member.getKey(), from, member.getValue()));
          }
        });
    return changes;
  }
}
