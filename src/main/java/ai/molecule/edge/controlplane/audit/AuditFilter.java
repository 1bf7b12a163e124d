package ai.molecule.edge.controlplane.audit;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which entries a list shows; null is any. */
public record AuditFilter(
    @Nullable String partnerId, @Nullable UUID orgId, @Nullable String action) {
  /** Every entry. */
  public static final AuditFilter NONE = new AuditFilter(null, null, null);
}
