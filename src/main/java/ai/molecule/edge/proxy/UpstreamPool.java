package ai.molecule.edge.proxy;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The upstreams that one event loop knows, by address. Used on its event loop only. */
public final class UpstreamPool {
  private final UpstreamsConfig config;
  private final Map<UpstreamAddress, Upstream> upstreams = new HashMap<>();

  /** No upstreams yet. */
  public UpstreamPool(UpstreamsConfig config) {
    this.config = config;
  }

  /** The upstream at {@code address}, in good health when nothing is known of it. */
  public Upstream of(UpstreamAddress address) {
    return upstreams.computeIfAbsent(address, unknown -> new Upstream(unknown, config));
  }

  /** Forgets all others. */
  public void keepOnly(Set<UpstreamAddress> addresses) {
    upstreams.keySet().retainAll(addresses);
  }
}
