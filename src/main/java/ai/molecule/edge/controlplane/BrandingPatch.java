package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Branding;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a body says about branding: a merge patch (RFC 7396) of its members. */
record BrandingPatch(
    boolean clears,
    Change<String> displayName,
    Change<String> logoUrl,
    Change<String> primaryColor,
    Change<String> supportEmail,
    Change<String> customDomain) {
  private static final Set<String> MEMBERS =
      Set.of("display_name", "logo_url", "primary_color", "support_email", "custom_domain");

  /** Reads the member {@code branding}; what is wrong is noted. */
  static BrandingPatch of(BodyMembers body) {
    BodyMembers branding = body.within("branding", MEMBERS);
    return new BrandingPatch(
        body.isNull("branding"),
        change(branding, "display_name", OrgMembers::displayName),
        change(branding, "logo_url", OrgMembers::logoUrl),
        change(branding, "primary_color", OrgMembers::primaryColor),
        change(branding, "support_email", OrgMembers::supportEmail),
        change(branding, "custom_domain", OrgMembers::customDomain));
  }

  private static Change<String> change(
      @Nullable BodyMembers branding, String name, Function<BodyMembers, @Nullable String> read) {
    return branding == null
        ? new Change.Keep<>()
        : branding.change(name, member -> read.apply(branding));
  }

  /** The branding after the patch. */
  Branding over(Branding current) {
    Branding from = clears ? Branding.NONE : current;
    return new Branding(
        displayName.over(from.displayName()),
        logoUrl.over(from.logoUrl()),
        primaryColor.over(from.primaryColor()),
        supportEmail.over(from.supportEmail()),
        customDomain.over(from.customDomain()));
  }
}
