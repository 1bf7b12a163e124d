package ai.molecule.edge.config;

import ai.molecule.edge.config.FrontConfig.ProxyProtocol;
import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.exchange.CallerAddresses;
import java.util.List;
import java.util.regex.Pattern;

/** The section {@code callers}: whose word counts on where a request comes from. */
final class CallersSection {
  static final SectionKeys KEYS = SectionKeys.of("callers");

  private static final ConfigKey<String> TRUSTED_PEERS =
      KEYS.optional(
          "trusted_peers",
          new Kind.Text(
              Pattern.compile("[0-9A-Fa-f:./]+( ?, ?[0-9A-Fa-f:./]+)*"),
              "CIDR ranges, separated by commas"),
          "Who may report another address than its own: the proxies right before the edge.");
  private static final ConfigKey<ProxyProtocol> PROXY_PROTOCOL =
      KEYS.choice(
          "proxy_protocol",
          ProxyProtocol.NONE,
          "Whether connections begin with a header of the PROXY protocol; with required, trusted"
              + " peers alone may connect.");
  private static final ConfigKey<Integer> FORWARDED_HOPS =
      KEYS.whole(
          "forwarded_hops",
          0,
          10,
          0,
          "Proxies that append to X-Forwarded-For, which counts from trusted peers alone; 0 ignores"
              + " it.");

  private CallersSection() {}

  static ProxyProtocol proxyProtocol(ConfigValues values) {
    return values.get(PROXY_PROTOCOL);
  }

  static CallerAddresses read(ConfigValues values) {
    List<String> ranges =
        values.find(TRUSTED_PEERS).map(text -> List.of(text.split(" ?, ?"))).orElse(List.of());
    for (String range : ranges) {
      if (AddressRanges.canonical(range).isEmpty()) {
        throw new IllegalArgumentException("callers.trusted_peers has what is no CIDR range");
      }
    }
    return new CallerAddresses(AddressRanges.of(ranges), values.get(FORWARDED_HOPS));
  }
}
