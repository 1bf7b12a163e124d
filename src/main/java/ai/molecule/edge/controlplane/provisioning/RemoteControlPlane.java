package ai.molecule.edge.controlplane.provisioning;

import java.net.URI;
import java.util.Arrays;

/**
 * The control plane that provisions over HTTP.
 *
 * @param base its address, without a slash at its end
 * @param secret the key of the requests' signatures
 */
public record RemoteControlPlane(URI base, byte[] secret) {
  public RemoteControlPlane {
    secret = secret.clone();
  }

  @Override
  public byte[] secret() {
    return secret.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RemoteControlPlane that
        && base.equals(that.base)
        && Arrays.equals(secret, that.secret);
  }

  @Override
  public int hashCode() {
    return base.hashCode();
  }

  @Override
  public String toString() {
    return "RemoteControlPlane[" + base + "]";
  }
}
