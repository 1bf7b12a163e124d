package ai.molecule.edge.exchange;

/** Second stage: a request and the route it is for; nobody has been identified yet. */
public record Routed(Exchange exchange, RouteSpec route) {}
