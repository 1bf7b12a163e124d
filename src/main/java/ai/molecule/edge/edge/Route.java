package ai.molecule.edge.edge;

import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.proxy.UpstreamAddress;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;

/**
 * One way through the edge to a service behind it. Immutable.
 *
 * @param spec the template, the scope and the cost: what the gate has to know
 * @param methods those it takes; empty for any
 * @param upstreams who answers, at least one
 * @param timeoutMillis until the head of the answer must be there
 * @param retries further attempts for a request that no upstream can have seen
 * @param bodyBytesMax bytes that the body of a request may have
 * @param org where a request says which org it is about
 */
public record Route(
    RouteSpec spec,
    Set<HttpMethod> methods,
    List<UpstreamAddress> upstreams,
    int timeoutMillis,
    int retries,
    long bodyBytesMax,
    OrgSource org) {
  public Route {
    methods = Set.copyOf(methods);
    upstreams = List.copyOf(upstreams);
    if (upstreams.isEmpty()) {
      throw new IllegalArgumentException("a route needs an upstream");
    }
  }

  /** The path it begins with, variables in braces: its name in metrics and logs. */
  public String template() {
    return spec.template();
  }
}
