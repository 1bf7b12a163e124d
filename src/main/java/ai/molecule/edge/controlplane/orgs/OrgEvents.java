package ai.molecule.edge.controlplane.orgs;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import ai.molecule.edge.controlplane.events.EventLog;
import ai.molecule.edge.controlplane.events.EventType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.Instant;

/**
 * What partners are told of their orgs, written in the transaction that makes it so. The members
 * are those of the org object of the HTTP contract, section 6, that say which org it is and what it
 * has become; whoever wants more asks for the org. Stateless.
 */
final class OrgEvents {
  private OrgEvents() {}

  /** The org has become what {@code org} says. */
  static Future<Void> became(SqlClient connection, Org org, EventType type, Instant at) {
    return append(connection, type, org, identity(org), at);
  }

  /** The org's account was closed, at the moment that {@code org} says. */
  static Future<Void> billingClosed(SqlClient connection, Org org) {
    Instant closedAt = org.billingClosedAt();
    if (closedAt == null) {
      throw new IllegalArgumentException("the account is open");
    }
    JsonObject billing =
        new JsonObject()
            .put("state", "closed")
            .put("started_at", timestamp(org.billingStartedAt()))
            .put("closed_at", timestamp(closedAt));
    JsonObject data = identity(org).put("billing", billing);
    return append(connection, EventType.BILLING_CLOSED, org, data, closedAt);
  }

  private static JsonObject identity(Org org) {
    return new JsonObject()
        .put("org_id", org.id().toString())
        .put("partner_id", org.partnerId())
        .put("slug", org.slug())
        .put("external_id", org.externalId())
        .put("plan", org.plan().wireName())
        .put("seats", org.seats())
        .put("status", org.status().wireName());
  }

  private static Future<Void> append(
      SqlClient connection, EventType type, Org org, JsonObject data, Instant at) {
    return EventLog.append(connection, org.partnerId(), org.id(), type, data, at).mapEmpty();
  }
}
