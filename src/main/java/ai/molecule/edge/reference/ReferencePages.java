package ai.molecule.edge.reference;

import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Answer;
import ai.molecule.edge.exchange.PublicPage;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.exchange.Routed;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The description of the API at {@code /openapi.yaml}, rendered at {@code /docs}. One for all event
 * loops of a node; reads its files when they are first asked for. Safe on any thread.
 */
public final class ReferencePages {
  private final Vertx vertx;
  private volatile @Nullable ReferenceFiles files;

  private record Page(
      RouteSpec route, BiFunction<Routed, Map<String, String>, Future<Answer>> shows)
      implements PublicPage {
    @Override
    public Future<Answer> show(Routed routed, Map<String, String> variables) {
      return shows.apply(routed, variables);
    }
  }

  private ReferencePages(Vertx vertx) {
    this.vertx = vertx;
  }

  /** The document, the page and the page's files. */
  public static List<PublicPage> of(Vertx vertx) {
    ReferencePages pages = new ReferencePages(vertx);
    return List.of(
        page("/openapi.yaml", pages::document),
        page("/docs", pages::rendered),
        page("/docs/{file}", pages::file));
  }

  private static PublicPage page(
      String template, BiFunction<Routed, Map<String, String>, Future<Answer>> shows) {
    return new Page(new RouteSpec(template, RouteSpec.Audience.EVERYONE, ScopeSet.NONE, 0), shows);
  }

  private Future<Answer> document(Routed routed, Map<String, String> variables) {
    return files().map(loaded -> answer(routed, loaded.document()));
  }

  private Future<Answer> rendered(Routed routed, Map<String, String> variables) {
    return files().map(loaded -> answer(routed, loaded.page()));
  }

  private Future<Answer> file(Routed routed, Map<String, String> variables) {
    return files()
        .map(
            loaded ->
                Optional.ofNullable(loaded.files().get(variables.getOrDefault("file", "")))
                    .map(found -> answer(routed, found))
                    .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND)));
  }

  private static Answer answer(Routed routed, Representation found) {
    return found.answerTo(routed.exchange().request().headers());
  }

  private Future<ReferenceFiles> files() {
    ReferenceFiles loaded = files;
    return loaded == null
        ? vertx.executeBlocking(this::loadOnce).map(read -> Objects.requireNonNull(read))
        : Future.succeededFuture(loaded);
  }

  private synchronized ReferenceFiles loadOnce() {
    ReferenceFiles loaded = files;
    if (loaded == null) {
      loaded = ReferenceFiles.load();
      files = loaded;
    }
    return loaded;
  }
}
