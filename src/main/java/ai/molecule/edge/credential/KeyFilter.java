package ai.molecule.edge.credential;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a list shows; null members do not filter.
 *
 * @param status one of {@link #STATUSES}, by the rules of {@link KeyRecord#statusAt}
 */
public record KeyFilter(@Nullable String partnerId, @Nullable UUID orgId, @Nullable String status) {
  /** Every status a key object can show. */
  public static final Set<String> STATUSES =
      Set.of("active", "disabled", "grace", "rotated", "expired", "revoked");

  /** No filter. */
  public static final KeyFilter NONE = new KeyFilter(null, null, null);

  public KeyFilter {
    if (status != null && !STATUSES.contains(status)) {
      throw new IllegalArgumentException("unknown status: " + status);
    }
  }
}
