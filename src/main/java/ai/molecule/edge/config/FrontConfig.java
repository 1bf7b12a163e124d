package ai.molecule.edge.config;

import ai.molecule.edge.exchange.CallerAddresses;
import java.util.Optional;

/**
 * How connections come in at the public listener, before the first request on them.
 *
 * @param tls TLS; without it the listener speaks HTTP/1 in clear text
 * @param http2 what an HTTP/2 connection may ask for
 * @param proxyProtocol whether every connection begins with a header of the PROXY protocol
 * @param callers whose word counts on where a request comes from
 */
public record FrontConfig(
    Optional<TlsConfig> tls,
    Http2Config http2,
    ProxyProtocol proxyProtocol,
    CallerAddresses callers) {

  /** Whether connections begin with a header of the PROXY protocol, version 1 or 2. */
  public enum ProxyProtocol {
    /** None does. */
    NONE,
    /** All do, and only trusted peers may connect. */
    REQUIRED
  }

  public FrontConfig {
    if (!callers.trustsAnyone()) {
      if (proxyProtocol == ProxyProtocol.REQUIRED) {
        throw new IllegalArgumentException(
            "callers.trusted_peers is required with callers.proxy_protocol");
      }
      if (callers.forwardedHops() > 0) {
        throw new IllegalArgumentException(
            "callers.trusted_peers is required with callers.forwarded_hops");
      }
    }
  }

  /** The shipped settings. */
  public static FrontConfig defaults() {
    return new FrontConfig(
        Optional.empty(), Http2Config.defaults(), ProxyProtocol.NONE, CallerAddresses.DIRECT);
  }
}
