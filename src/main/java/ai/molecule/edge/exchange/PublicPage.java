package ai.molecule.edge.exchange;

import io.vertx.core.Future;
import java.util.Map;

/**
 * Something for anyone to read: no credential is looked at, and no token is taken. On it stands
 * nothing that is not public. Used on the event loop of the request.
 */
public interface PublicPage {
  /** Its route, whose audience is everyone. */
  RouteSpec route();

  /**
   * Shows it.
   *
   * @param variables what the path has for each variable of the route's template, as sent
   * @return completes with the page; fails with the problem that refuses it
   */
  Future<Answer> show(Routed routed, Map<String, String> variables);
}
