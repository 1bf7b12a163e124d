package ai.molecule.edge.edge;

import ai.molecule.edge.overload.InFlight;
import ai.molecule.edge.overload.OverloadConfig;
import ai.molecule.edge.overload.Shares;
import ai.molecule.edge.proxy.UpstreamAddress;
import ai.molecule.edge.telemetry.EdgeMeter;
import ai.molecule.edge.telemetry.EdgeMeters;
import ai.molecule.edge.telemetry.LabelValue;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many requests a node has under way to each upstream, and of each partner to all of them, so
 * that one slow service or one busy partner leaves room for the others. Shared by all event loops.
 */
public final class ForwardBounds {
  private final OverloadConfig config;
  private final EdgeMeters meters;
  private final Shares partners;
  private final Map<UpstreamAddress, InFlight> upstreams = new ConcurrentHashMap<>();

  private ForwardBounds(OverloadConfig config, EdgeMeters meters) {
    this.config = config;
    this.meters = meters;
    this.partners = new Shares(config.partnerMax());
  }

  /** The bounds of a node, with their gauge. */
  public static ForwardBounds create(OverloadConfig config, EdgeMeters meters) {
    ForwardBounds bounds = new ForwardBounds(config, meters);
    meters.gauge(EdgeMeter.FORWARDED_IN_FLIGHT, bounds.partners::underWay);
    return bounds;
  }

  /** What is under way to that upstream. */
  InFlight of(UpstreamAddress upstream) {
    InFlight known = upstreams.get(upstream);
    return known == null
        ? upstreams.computeIfAbsent(
            upstream, first -> InFlight.adaptive(config.upstreamMin(), config.upstreamMax()))
        : known;
  }

  /** Forgets all other upstreams. */
  void keepOnly(Set<UpstreamAddress> addresses) {
    upstreams.keySet().retainAll(addresses);
  }

  /** Whether no upstream of {@code route} has room; counts the request that is then refused. */
  boolean refuses(Route route) {
    for (UpstreamAddress upstream : route.upstreams()) {
      if (!of(upstream).isFull()) {
        return false;
      }
    }
    meters.refused(LabelValue.Overload.UPSTREAM);
    return true;
  }

  /** Begins a request to {@code upstream}, if there is room; its {@code end} is to follow. */
  boolean tryBegin(InFlight upstream) {
    boolean begun = upstream.tryBegin();
    if (!begun) {
      meters.refused(LabelValue.Overload.UPSTREAM);
    }
    return begun;
  }

  /** Begins a request of {@code partner}, if there is room; {@link #end} is to follow. */
  boolean tryBegin(String partner) {
    boolean begun = partners.tryBegin(partner);
    if (!begun) {
      meters.refused(LabelValue.Overload.PARTNER);
    }
    return begun;
  }

  /** A request of {@code partner} is over, or has become a stream. */
  void end(String partner) {
    partners.end(partner);
  }
}
