package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgStatus;
import ai.molecule.edge.controlplane.orgs.Slug;
import ai.molecule.edge.credential.Ids;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Composes orgs that did not exist before. Pure but for their fresh ids. */
final class NewOrgs {
  private NewOrgs() {}

  /**
   * The org that a request asks for.
   *
   * @param createdBy {@code admin}, or the id of the calling key
   * @throws Problem {@code slug_reserved}
   */
  static Org created(CreateOrgRequest asked, String partnerId, String createdBy, Instant now) {
    if (Slug.isReserved(asked.slug())) {
      throw Problem.of(ProblemCode.SLUG_RESERVED);
    }
    @Nullable Instant never = null;
    Integer ttl = asked.ttlSeconds();
    return new Org(
        Ids.next(),
        partnerId,
        asked.slug(),
        asked.name(),
        asked.plan(),
        asked.seats(),
        asked.branding(),
        asked.externalId(),
        asked.ephemeral(),
        ttl,
        ttl == null ? null : now.plusSeconds(ttl),
        asked.metadata(),
        OrgStatus.PROVISIONING,
        Org.FIRST_GENERATION,
        createdBy,
        now,
        never,
        never,
        never,
        never);
  }
}
