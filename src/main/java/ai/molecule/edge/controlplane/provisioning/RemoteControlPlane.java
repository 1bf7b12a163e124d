package ai.molecule.edge.controlplane.provisioning;

import java.net.URI;

/**
 * The control plane that provisions over HTTP. It shows no secret.
 *
 * @param base its address, without a slash at its end
 * @param secret the key of the requests' signatures, in ASCII
 */
public record RemoteControlPlane(URI base, String secret) {
  @Override
  public String toString() {
    return "RemoteControlPlane[" + base + "]";
  }
}
