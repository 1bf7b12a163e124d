package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.OrgStore;
import ai.molecule.edge.controlplane.orgs.Slug;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.PublicPage;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.exchange.Routed;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
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

  /** Shows the page of the org with that slug: 200, or 404 when there is no such page. */
  @Override
  public Future<Answer> show(Routed routed, Map<String, String> variables) {
    String slug = variables.getOrDefault("slug", "");
    if (!Slug.hasForm(slug)) {
      return Future.succeededFuture(page(ConsolePage.unknown()));
    }
    if (reads >= READS_MAX) {
      return Future.failedFuture(Problem.of(ProblemCode.OVERLOADED).retryAfter(1));
    }
    reads++;
    return store
        .find(new Reach.Everything(), new OrgRef.BySlug(slug))
        .onComplete(read -> reads--)
        .map(ConsoleApi::page);
  }

  private static Answer page(Optional<Org> org) {
    return page(org.map(ConsolePage::of).orElseGet(ConsolePage::unknown));
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
