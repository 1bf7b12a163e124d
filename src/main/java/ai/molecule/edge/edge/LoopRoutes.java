package ai.molecule.edge.edge;

import ai.molecule.edge.proxy.Balancer;
import ai.molecule.edge.proxy.Upstream;
import ai.molecule.edge.proxy.UpstreamAddress;
import ai.molecule.edge.proxy.UpstreamPool;
import ai.molecule.edge.proxy.UpstreamsConfig;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.UpstreamMeters;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * What one event loop knows of each route besides the route itself: its upstreams with their
 * health, and its meters. What is known of an upstream outlives a new table of routes. Used on its
 * event loop only.
 */
final class LoopRoutes {
  private final UpstreamPool upstreams;
  private final EdgeMeters meters;
  private final ForwardBounds bounds;
  private final Map<Route, LoopRoute> known = new IdentityHashMap<>();
  private RouteTable table = RouteTable.EMPTY;

  LoopRoutes(UpstreamsConfig config, EdgeMeters meters, ForwardBounds bounds) {
    this.upstreams = new UpstreamPool(config);
    this.meters = meters;
    this.bounds = bounds;
  }

  /**
   * One route on one event loop.
   *
   * @param balancer chooses among its upstreams
   * @param meters counts what became of its requests
   */
  record LoopRoute(Route route, Balancer balancer, UpstreamMeters meters) {}

  /** The state of {@code route}, a route of the table of now or of one just replaced. */
  LoopRoute of(RouteTable current, Route route) {
    if (current != table) {
      table = current;
      known.clear();
      Set<UpstreamAddress> named =
          current.routes().stream()
              .flatMap(one -> one.upstreams().stream())
              .collect(Collectors.toSet());
      upstreams.keepOnly(named);
      bounds.keepOnly(named);
    }
    LoopRoute found = known.get(route);
    if (found == null) {
      List<Upstream> targets = route.upstreams().stream().map(upstreams::of).toList();
      Balancer balancer =
          new Balancer(
              targets, System::nanoTime, bound -> ThreadLocalRandom.current().nextInt(bound));
      found = new LoopRoute(route, balancer, meters.upstream(route.template()));
      known.put(route, found);
    }
    return found;
  }
}
