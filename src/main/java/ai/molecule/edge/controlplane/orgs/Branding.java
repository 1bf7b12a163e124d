package ai.molecule.edge.controlplane.orgs;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * How an org shows itself. Checked before it is stored; null is what is not set.
 *
 * @param logoUrl an https URL
 * @param primaryColor {@code #rrggbb} in lower case
 */
public record Branding(
    @Nullable String displayName,
    @Nullable String logoUrl,
    @Nullable String primaryColor,
    @Nullable String supportEmail,
    @Nullable String customDomain) {
  /** Nothing set. */
  public static final Branding NONE = new Branding(null, null, null, null, null);

  /** All members, null where there is none: as callers see it. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("display_name", displayName)
        .put("logo_url", logoUrl)
        .put("primary_color", primaryColor)
        .put("support_email", supportEmail)
        .put("custom_domain", customDomain);
  }

  /** The branding that {@link #toJson} made; what is missing is not set. */
  static Branding ofJson(JsonObject json) {
    return new Branding(
        json.getString("display_name"),
        json.getString("logo_url"),
        json.getString("primary_color"),
        json.getString("support_email"),
        json.getString("custom_domain"));
  }
}
