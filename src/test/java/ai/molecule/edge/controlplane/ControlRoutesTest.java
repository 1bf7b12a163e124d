package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import java.lang.reflect.RecordComponent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the declared routes to the HTTP contract, section 5, written out by hand. */
class ControlRoutesTest {
  private static final List<ControlRoute> ROUTES =
      ControlPlane.routes(ControlPlaneUnderTest.offline());

  @Test
  void everyRouteDeclaresWhatItDemands() {
    assertThat(ROUTES.stream().map(ControlRoutesTest::demands))
        .containsExactlyInAnyOrder(
            "POST /cp/admin/partner-keys ADMIN_AND_KEYS [admin:keys] 1",
            "GET /cp/admin/partner-keys ADMIN_AND_KEYS [admin:keys] 1",
            "GET /cp/admin/partner-keys/{id} ADMIN_AND_KEYS [admin:keys] 1",
            "PATCH /cp/admin/partner-keys/{id} ADMIN_AND_KEYS [admin:keys] 1",
            "DELETE /cp/admin/partner-keys/{id} ADMIN_AND_KEYS [] 0",
            "POST /cp/admin/partner-keys/{id}/rotate ADMIN_AND_KEYS [admin:keys] 1",
            "DELETE /cp/partner-key KEYS_ONLY [] 0");
  }

  private static String demands(ControlRoute route) {
    RouteSpec spec = route.spec();
    return "%s %s %s %s %d"
        .formatted(
            route.method(),
            spec.template(),
            spec.audience(),
            spec.needed().wireNames(),
            spec.cost());
  }

  @Test
  void noRouteLeavesAnythingOut() throws ReflectiveOperationException {
    for (ControlRoute route : ROUTES) {
      for (RecordComponent component : ControlRoute.class.getRecordComponents()) {
        assertThat(component.getAccessor().invoke(route))
            .as("%s of %s", component.getName(), demands(route))
            .isNotNull();
      }
    }
  }

  /** A route without a scope is open to any key: only those that end the calling key may be. */
  @Test
  void onlyRevocationsAreOpenToEveryKeyOrFree() {
    for (ControlRoute route : ROUTES) {
      boolean guarded = route.spec().needed().equals(ScopeSet.of(Scope.ADMIN_KEYS));
      assertThat(guarded && route.spec().cost() == 1)
          .as(demands(route))
          .isEqualTo(!route.method().name().equals("DELETE"));
    }
  }

  @Test
  void aTemplateVariableIsOneWholeSegment() {
    String pattern = ControlRoute.pattern("/keys/{id}/rotate");
    assertThat("/keys/x/rotate").matches(pattern);
    assertThat("/keys/x/y/rotate").doesNotMatch(pattern);
    assertThat("/keys//rotate").doesNotMatch(pattern);
    assertThat("/keys/x/rotate/").doesNotMatch(pattern);
  }
}
