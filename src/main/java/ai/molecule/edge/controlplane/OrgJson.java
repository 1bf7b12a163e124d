package ai.molecule.edge.controlplane;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import ai.molecule.edge.controlplane.orgs.Member;
import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.StepStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;

/** What callers see of orgs: the HTTP contract, section 6. Stateless. */
final class OrgJson {
  private OrgJson() {}

  /**
   * The org object.
   *
   * @param publicUrl the address under which the edge is known, without a slash at its end
   */
  static JsonObject of(Org org, String publicUrl) {
    return new JsonObject()
        .put("id", org.id().toString())
        .put("partner_id", org.partnerId())
        .put("slug", org.slug())
        .put("name", org.name())
        .put("plan", org.plan().wireName())
        .put("seats", org.seats())
        .put("branding", org.branding().toJson())
        .put("external_id", org.externalId())
        .put("ephemeral", org.ephemeral())
        .put("ttl_seconds", org.ttlSeconds())
        .put("metadata", new JsonObject(new LinkedHashMap<>(org.metadata())))
        .put("status", org.status().wireName())
        .put("console_url", publicUrl + ConsoleApi.PATH + "/" + org.slug())
        .put("created_at", timestamp(org.createdAt()))
        .put("ready_at", timestamp(org.readyAt()))
        .put("deleted_at", timestamp(org.deletedAt()))
        .put("expires_at", timestamp(org.expiresAt()))
        .put("billing", billing(org));
  }

  private static JsonObject billing(Org org) {
    return new JsonObject()
        .put("state", org.billingClosedAt() == null ? "metering" : "closed")
        .put("started_at", timestamp(org.billingStartedAt()))
        .put("closed_at", timestamp(org.billingClosedAt()));
  }

  /** How far an org is. */
  static JsonObject provisioning(Org org, List<StepStatus> steps) {
    JsonArray list = new JsonArray();
    for (StepStatus step : steps) {
      list.add(
          new JsonObject()
              .put("name", step.name())
              .put("status", step.status())
              .put("started_at", timestamp(step.startedAt()))
              .put("finished_at", timestamp(step.finishedAt()))
              .put("error", step.error()));
    }
    return new JsonObject()
        .put("status", org.status().wireName())
        .put("steps", list)
        .put("ready_at", timestamp(org.readyAt()));
  }

  /** The member object. */
  static JsonObject of(Member member) {
    return new JsonObject()
        .put("id", member.id().toString())
        .put("email", member.email())
        .put("role", member.role())
        .put("created_at", timestamp(member.createdAt()));
  }
}
