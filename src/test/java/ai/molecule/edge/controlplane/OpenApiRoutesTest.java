package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.edge.DataPlane;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.exchange.RouteSpec.Audience;
import ai.molecule.edge.reference.OpenApiDocument;
import ai.molecule.edge.reference.OpenApiDocument.Operation;
import ai.molecule.edge.reference.ReferencePages;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The document describes the declared routes and no others, with what each demands. */
class OpenApiRoutesTest {
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
  private static final List<ControlRoute> CONTROL = ControlPlaneUnderTest.offline();

  /** Every route of the public port, as its code declares it. */
  private static Map<String, RouteSpec> declared() {
    Map<String, RouteSpec> routes = new TreeMap<>();
    for (ControlRoute route : CONTROL) {
      routes.put(route.method() + " " + route.spec().template(), route.spec());
    }
    List<RouteSpec> reads = new ArrayList<>(List.of(DataPlane.OWN_KEY, ConsoleApi.ROUTE));
    ReferencePages.of(Vertx.vertx()).forEach(page -> reads.add(page.route()));
    // For gateways, which may use any method; each names the scope that it asks about.
    reads.add(new RouteSpec("/authz", Audience.KEYS_ONLY, ScopeSet.NONE, 1));
    reads.forEach(spec -> routes.put("GET " + spec.template(), spec));
    return routes;
  }

  @Test
  void everyRouteIsDescribedAndNoOther() {
    assertThat(DOCUMENT.operations().stream().map(Operation::route))
        .containsExactlyInAnyOrderElementsOf(declared().keySet());
  }

  @Test
  void everyRouteDemandsWhatIsDescribed() {
    Map<String, RouteSpec> declared = declared();
    for (Operation operation : DOCUMENT.operations()) {
      RouteSpec spec = declared.get(operation.route());
      assertThat(operation.scopes())
          .as("scopes of %s", operation.route())
          .containsExactlyInAnyOrderElementsOf(spec.needed().wireNames());
      assertThat(operation.credentials())
          .as("credentials of %s", operation.route())
          .isEqualTo(credentials(spec.audience()));
      assertThat(operation.node().path("responses").has("429"))
          .as("%s can be out of tokens", operation.route())
          .isEqualTo(spec.cost() > 0);
    }
  }

  private static Set<String> credentials(Audience audience) {
    return switch (audience) {
      case ADMIN_AND_KEYS -> Set.of("adminToken", "partnerKey");
      case KEYS_ONLY -> Set.of("partnerKey");
      case WORKSPACE -> Set.of("workspaceToken");
      case EVERYONE -> Set.of();
    };
  }

  @Test
  void everyRouteHasTheQueryAndTheBodyThatAreDescribed() {
    for (ControlRoute route : CONTROL) {
      Operation operation =
          DOCUMENT.operations().stream()
              .filter(each -> each.route().equals(route.method() + " " + route.spec().template()))
              .findFirst()
              .orElseThrow();
      assertThat(new HashSet<>(operation.parametersIn("query")))
          .as("query of %s", operation.route())
          .isEqualTo(route.parameters());
      assertThat(operation.parametersIn("header").contains("Idempotency-Key"))
          .as("%s can be repeated", operation.route())
          .isEqualTo(route.creates());
      Set<String> mediaTypes = new HashSet<>();
      operation.node().at("/requestBody/content").fieldNames().forEachRemaining(mediaTypes::add);
      assertThat(mediaTypes)
          .as("body of %s", operation.route())
          .isEqualTo(
              switch (route.body()) {
                case DISCARDED -> Set.of();
                case JSON, OPTIONAL_JSON -> Set.of("application/json");
                case MERGE_PATCH -> Set.of("application/json", "application/merge-patch+json");
              });
      assertThat(operation.node().at("/requestBody/required").asBoolean())
          .as("whether %s can do without a body", operation.route())
          .isEqualTo(route.body() == BodyRule.JSON || route.body() == BodyRule.MERGE_PATCH);
    }
  }

  @Test
  void everyRouteThatMakesSomethingIsDescribedAsRepeatableAndNoOther() {
    Set<String> creating = new HashSet<>();
    CONTROL.stream()
        .filter(ControlRoute::creates)
        .forEach(route -> creating.add(route.method() + " " + route.spec().template()));
    for (Operation operation : DOCUMENT.operations()) {
      boolean repeatable = operation.parametersIn("header").contains("Idempotency-Key");
      assertThat(repeatable).as(operation.route()).isEqualTo(creating.contains(operation.route()));
      assertThat(DOCUMENT.responses(operation).containsKey("422"))
          .as(operation.route())
          .isEqualTo(repeatable);
    }
  }
}
