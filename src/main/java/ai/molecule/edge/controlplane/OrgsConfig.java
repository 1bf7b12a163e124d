package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.provisioning.RemoteControlPlane;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How orgs are made. Immutable and checked.
 *
 * @param perPartnerMax orgs a partner may have at a time
 * @param publicUrl under which callers know the edge; null to take it from each request
 * @param provisionerUrl the control plane that provisions; null to do it here
 * @param provisionerSecret the key of the requests to it
 * @param provisionerTimeout of one call
 * @param attemptsMax tries of a step before the org has failed
 * @param pauseMin before the second try
 * @param pauseMax the longest pause between tries
 * @param exportsMax exports of orgs at a time
 * @param exportTimeout of one export
 */
public record OrgsConfig(
    int perPartnerMax,
    @Nullable String publicUrl,
    @Nullable String provisionerUrl,
    @Nullable String provisionerSecret,
    Duration provisionerTimeout,
    int attemptsMax,
    Duration pauseMin,
    Duration pauseMax,
    int exportsMax,
    Duration exportTimeout) {
  public OrgsConfig {
    if ((provisionerUrl == null) != (provisionerSecret == null)) {
      throw new IllegalArgumentException(
          "provisioner_secret must be given with provisioner_url, and only then");
    }
    if (pauseMin.compareTo(pauseMax) > 0) {
      throw new IllegalArgumentException("retry_delay_max must not be below retry_delay_min");
    }
  }

  /** The shipped settings. */
  public static OrgsConfig defaults() {
    return new OrgsConfig(
        10_000,
        null,
        null,
        null,
        Duration.ofSeconds(10),
        8,
        Duration.ofMillis(250),
        Duration.ofSeconds(30),
        2,
        Duration.ofMinutes(10));
  }

  /** The control plane that provisions, if there is one. */
  public Optional<RemoteControlPlane> remote() {
    if (provisionerUrl == null || provisionerSecret == null) {
      return Optional.empty();
    }
    return Optional.of(new RemoteControlPlane(URI.create(provisionerUrl), provisionerSecret));
  }

  /** The address for URLs in answers. */
  public PublicAddress address() {
    return new PublicAddress(publicUrl);
  }

  @Override
  public String toString() {
    return "OrgsConfig[perPartnerMax="
        + perPartnerMax
        + ", publicUrl="
        + publicUrl
        + ", provisionerUrl="
        + provisionerUrl
        + "]";
  }
}
