package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import java.lang.reflect.RecordComponent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the declared routes to the HTTP contract, sections 5 to 7, written out by hand. */
class ControlRoutesTest {
  private static final List<ControlRoute> ROUTES = ControlPlaneUnderTest.offline();

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
            "DELETE /cp/partner-key KEYS_ONLY [] 0",
            "GET /cp/admin/audit ADMIN_AND_KEYS [admin:keys] 1",
            "POST /cp/orgs ADMIN_AND_KEYS [orgs:create] 1",
            "GET /cp/orgs ADMIN_AND_KEYS [orgs:read] 1",
            "GET /cp/orgs/{slug} ADMIN_AND_KEYS [orgs:read] 1",
            "PATCH /cp/orgs/{slug} ADMIN_AND_KEYS [orgs:manage] 1",
            "POST /cp/orgs/{slug}/suspend ADMIN_AND_KEYS [orgs:manage] 1",
            "POST /cp/orgs/{slug}/resume ADMIN_AND_KEYS [orgs:manage] 1",
            "DELETE /cp/orgs/{slug} ADMIN_AND_KEYS [orgs:delete] 1",
            "GET /cp/orgs/{slug}/provision-status ADMIN_AND_KEYS [provision:status] 1",
            "GET /cp/orgs/{slug}/usage ADMIN_AND_KEYS [billing:read] 1",
            "GET /cp/orgs/{slug}/export ADMIN_AND_KEYS [orgs:export] 1",
            "POST /cp/orgs/{slug}/members ADMIN_AND_KEYS [members:manage] 1",
            "GET /cp/orgs/{slug}/members ADMIN_AND_KEYS [members:manage] 1",
            "GET /cp/orgs/{slug}/members/{id} ADMIN_AND_KEYS [members:manage] 1",
            "DELETE /cp/orgs/{slug}/members/{id} ADMIN_AND_KEYS [members:manage] 1",
            "POST /cp/orgs/{slug}/workspaces ADMIN_AND_KEYS [workspaces:manage] 1",
            "GET /cp/orgs/{slug}/workspaces ADMIN_AND_KEYS [workspaces:read] 1",
            "GET /cp/orgs/{slug}/workspaces/{id} ADMIN_AND_KEYS [workspaces:read] 1",
            "PATCH /cp/orgs/{slug}/workspaces/{id} ADMIN_AND_KEYS [workspaces:manage] 1",
            "DELETE /cp/orgs/{slug}/workspaces/{id} ADMIN_AND_KEYS [workspaces:manage] 1",
            "POST /cp/orgs/{slug}/workspaces/{id}/tokens ADMIN_AND_KEYS [workspaces:manage] 1",
            "GET /cp/orgs/{slug}/workspaces/{id}/tokens ADMIN_AND_KEYS [workspaces:read] 1",
            "DELETE /cp/orgs/{slug}/workspaces/{id}/tokens/{token} ADMIN_AND_KEYS"
                + " [workspaces:manage] 1",
            "POST /registry/heartbeat WORKSPACE [] 1",
            "GET /workspaces/{id}/state WORKSPACE [] 1",
            "GET /workspaces/{id}/tokens WORKSPACE [] 1",
            "POST /workspaces/{id}/tokens WORKSPACE [] 1",
            "DELETE /workspaces/{id}/tokens/{token} WORKSPACE [] 0",
            "POST /cp/webhooks ADMIN_AND_KEYS [webhooks:manage] 1",
            "GET /cp/webhooks ADMIN_AND_KEYS [webhooks:manage] 1",
            "GET /cp/webhooks/{id} ADMIN_AND_KEYS [webhooks:manage] 1",
            "DELETE /cp/webhooks/{id} ADMIN_AND_KEYS [webhooks:manage] 1",
            "GET /cp/webhooks/{id}/deliveries ADMIN_AND_KEYS [webhooks:manage] 1",
            "POST /cp/webhooks/{id}/deliveries/{delivery}/replay ADMIN_AND_KEYS [webhooks:manage]"
                + " 1");
  }

  @Test
  void everyPostThatMakesSomethingCanBeRepeatedAndNothingElseSaysSo() {
    assertThat(ROUTES.stream().filter(ControlRoute::creates).map(ControlRoutesTest::name))
        .allMatch(name -> name.startsWith("POST "));
    assertThat(
            ROUTES.stream()
                .filter(route -> !route.creates())
                .map(ControlRoutesTest::name)
                .filter(name -> name.startsWith("POST ")))
        .containsExactlyInAnyOrder(
            "POST /cp/orgs/{slug}/suspend",
            "POST /cp/orgs/{slug}/resume",
            "POST /registry/heartbeat",
            "POST /cp/webhooks/{id}/deliveries/{delivery}/replay");
  }

  private static String name(ControlRoute route) {
    return route.method() + " " + route.spec().template();
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
  void onlyRevocationsOfKeysAreOpenToEveryKeyOrFree() {
    for (ControlRoute route : ROUTES) {
      if (route.spec().audience() == RouteSpec.Audience.WORKSPACE) {
        continue;
      }
      boolean guarded = !route.spec().needed().equals(ScopeSet.NONE) && route.spec().cost() == 1;
      boolean revokes =
          route.method().name().equals("DELETE")
              && route.spec().template().startsWith("/cp/")
              && route.spec().template().contains("partner-key");
      assertThat(guarded).as(demands(route)).isEqualTo(!revokes);
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
