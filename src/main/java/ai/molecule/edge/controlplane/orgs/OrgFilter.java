package ai.molecule.edge.controlplane.orgs;

import org.jspecify.annotations.Nullable;

/**
 * Which orgs a list shows. Without a status: all but those that are gone.
 *
 * @param status null for any but {@code deleted}
 * @param externalId null for any
 */
public record OrgFilter(@Nullable OrgStatus status, @Nullable String externalId) {
  /** Every org that is not gone. */
  public static final OrgFilter LIVING = new OrgFilter(null, null);
}
