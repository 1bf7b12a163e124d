package ai.molecule.edge.controlplane.webhooks;

import ai.molecule.edge.credential.AddressRanges;
import java.net.InetAddress;
import java.util.List;

/**
 * Where a node may deliver. Receivers are named by partners, so without this the edge would send
 * requests into the operator's own network for whoever asks.
 */
public enum Targets {
  /** {@code https}, to addresses of the public internet. */
  PUBLIC,
  /** The same, and to this machine by {@code http} or {@code https}: for development. */
  LOOPBACK,
  /** Anywhere, by {@code http} or {@code https}: for networks without outsiders. */
  ANY;

  /**
   * What is not the public internet: the special-purpose registries of IANA for IPv4 and IPv6 (RFC
   * 6890 and its successors), multicast, and forms of IPv6 that carry an IPv4 address to be
   * unpacked further on.
   */
  private static final AddressRanges NOT_PUBLIC =
      AddressRanges.of(
          List.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.31.196.0/24",
              "192.52.193.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "192.175.48.0/24",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/3",
              "2001::/23",
              "2001:db8::/32",
              "2002::/16",
              "2620:4f:8000::/48",
              "3fff::/20"));

  /** All of IPv6 that is given out to be reached; what is not in it is special or unused. */
  private static final AddressRanges GLOBAL_IPV6 = AddressRanges.of(List.of("2000::/3"));

  /** Whether a webhook may have that URL, as far as it can be told from the URL. */
  public boolean allows(Target target) {
    return switch (this) {
      case PUBLIC ->
          target.tls()
              && !target.isLoopback()
              && (target.address() == null || isPublic(target.address().toInetAddress()));
      case LOOPBACK -> target.isLoopback() || PUBLIC.allows(target);
      case ANY -> true;
    };
  }

  /**
   * Whether to connect to that address, which is what {@code target}'s host was just resolved to. A
   * name of the public internet does not lead here, whatever its owner makes it resolve to.
   */
  boolean allows(Target target, InetAddress address) {
    return switch (this) {
      case PUBLIC -> PUBLIC.allows(target) && isPublic(address);
      case LOOPBACK ->
          target.isLoopback() ? address.isLoopbackAddress() : PUBLIC.allows(target, address);
      case ANY -> true;
    };
  }

  private static boolean isPublic(InetAddress address) {
    // The JDK has made IPv4 of what was IPv4 mapped into IPv6.
    String text = address.getHostAddress();
    return !NOT_PUBLIC.allows(text)
        && (address.getAddress().length == 4 || GLOBAL_IPV6.allows(text));
  }
}
