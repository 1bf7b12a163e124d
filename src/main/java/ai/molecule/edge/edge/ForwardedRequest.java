package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.exchange.Exchange;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.UUID;

/**
 * A request that has been let through, as it is to be sent on.
 *
 * @param key whose it is
 * @param org the org that it is about, checked against the key's reach
 * @param upgrade whether it asks for an upgrade that goes through
 * @param bodyLength bytes of its body, {@link RequestBody#NONE} or {@link RequestBody#UNKNOWN}
 */
record ForwardedRequest(
    Exchange exchange,
    Route route,
    KeyRecord key,
    Optional<UUID> org,
    boolean upgrade,
    long bodyLength) {
  static ForwardedRequest of(
      Exchange exchange, Route route, KeyRecord key, Optional<UUID> org, long bodyLength) {
    return new ForwardedRequest(
        exchange, route, key, org, Upgrade.isAsked(exchange.request()), bodyLength);
  }

  HttpServerRequest request() {
    return exchange.request();
  }

  boolean hasBody() {
    return bodyLength != RequestBody.NONE;
  }
}
