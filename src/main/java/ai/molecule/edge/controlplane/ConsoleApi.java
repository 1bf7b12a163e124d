package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.PublicPage;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.exchange.Routed;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The public status page of an org. It takes no credential and no token of any limit, so what it
 * may ask of Postgres at once is bounded: past that it is {@code overloaded}, and the control plane
 * is not. One an event loop.
 */
public final class ConsoleApi implements PublicPage {
  /** The path below which the pages are. */
  static final String PATH = "/console";

  /** The page's route. */
  static final RouteSpec ROUTE =
      new RouteSpec(PATH + "/{slug}", RouteSpec.Audience.EVERYONE, ScopeSet.NONE, 0);

  private static final int READS_MAX = 2;

  private final OrgStore store;
  private int reads;

  /** The pages of the orgs in {@code store}. */
  public ConsoleApi(OrgStore store) {
    this.store = store;
  }

  @Override
  public RouteSpec route() {
    return ROUTE;
  }

  /**
   * Shows the page of an org, by slug or id: 200, or 404 when there is none. That is a page too for
   * who asks for one, as browsers do, and the problem it is everywhere for programs.
   */
  @Override
  public Future<Answer> show(Routed routed, Map<String, String> variables) {
    Optional<OrgRef> named = OrgRef.parse(variables.getOrDefault("slug", ""));
    if (named.isEmpty()) {
      return Future.succeededFuture(none(routed));
    }
    if (reads >= READS_MAX) {
      return Future.failedFuture(Problem.of(ProblemCode.OVERLOADED).retryAfter(1));
    }
    reads++;
    return store
        .find(new Reach.Everything(), named.get())
        .onComplete(read -> reads--)
        .map(org -> org.isPresent() ? page(ConsolePage.of(org.get())) : none(routed));
  }

  private static Answer none(Routed routed) {
    String accepted =
        String.join(",", routed.exchange().request().headers().getAll(HttpHeaders.ACCEPT));
    if (!accepted.toLowerCase(Locale.ROOT).contains("text/html")) {
      throw Problem.of(ProblemCode.NOT_FOUND).with("Vary", "Accept");
    }
    return page(ConsolePage.unknown()).with("Vary", "Accept");
  }

  private static Answer page(ConsolePage page) {
    return Answer.html(page.status(), page.html())
        .with("Content-Security-Policy", page.contentSecurityPolicy())
        .with("Cache-Control", "no-cache")
        .with("X-Content-Type-Options", "nosniff")
        .with("X-Frame-Options", "DENY")
        .with("Referrer-Policy", "no-referrer")
        .with("Cross-Origin-Resource-Policy", "same-origin");
  }
}
