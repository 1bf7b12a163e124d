package ai.molecule.edge.controlplane.usage;

import static ai.molecule.edge.credential.KeyJson.timestamp;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.UUID;

/** What partners are told of usage; {@code docs/usage.md} describes it. Stateless. */
final class UsageEvents {
  private UsageEvents() {}

  /**
   * The data of {@code usage.hourly}.
   *
   * @param last whether no further hour of the org will be closed
   */
  static JsonObject hourly(UUID org, String partnerId, HourUsage used, boolean last) {
    JsonArray meters = new JsonArray();
    for (Meter meter : Meter.values()) {
      meters.add(
          new JsonObject()
              .put("meter", meter.wireName())
              .put("unit", meter.unit())
              .put("quantity", Meter.json(meter.quantity(used.counted(meter)))));
    }
    return new JsonObject()
        .put("org_id", org.toString())
        .put("partner_id", partnerId)
        .put("hour", timestamp(used.hour()))
        .put("last", last)
        .put("meters", meters);
  }
}
