package ai.molecule.edge.exchange;

/** First stage: a request whose framing and target have passed the front filter. */
public record Received(Exchange exchange) {
  /** The request, once its route is known. */
  public Routed routedTo(RouteSpec route) {
    exchange.route(route.template());
    return new Routed(exchange, route);
  }
}
