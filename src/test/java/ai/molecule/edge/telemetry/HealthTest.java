package ai.molecule.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.telemetry.Health.Readiness;
import ai.molecule.edge.telemetry.Health.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class HealthTest {
  private boolean postgres = true;
  private boolean redis = true;
  private final Health health = Health.starting(stores());

  private Map<String, BooleanSupplier> stores() {
    Map<String, BooleanSupplier> stores = new LinkedHashMap<>();
    stores.put("postgres", () -> postgres);
    stores.put("redis", () -> redis);
    return stores;
  }

  @Test
  void aStartingNodeIsNotReady() {
    assertThat(health.readiness()).isEqualTo(new Readiness(State.STARTING, List.of()));
    assertThat(health.readiness().isReady()).isFalse();
  }

  @Test
  void aServingNodeWithBothStoresIsReady() {
    health.serving();
    assertThat(health.readiness()).isEqualTo(new Readiness(State.READY, List.of()));
    assertThat(health.readiness().isReady()).isTrue();
  }

  @Test
  void withOneStoreAwayItStaysReadyAndNamesIt() {
    health.serving();
    redis = false;
    assertThat(health.readiness()).isEqualTo(new Readiness(State.DEGRADED, List.of("redis")));
    assertThat(health.readiness().isReady()).isTrue();
  }

  @Test
  void cutOffFromBothItIsNotReadyAndComesBackByItself() {
    health.serving();
    postgres = false;
    redis = false;
    assertThat(health.readiness())
        .isEqualTo(new Readiness(State.CUT_OFF, List.of("postgres", "redis")));
    assertThat(health.readiness().isReady()).isFalse();
    postgres = true;
    assertThat(health.readiness().isReady()).isTrue();
  }

  @Test
  void aDrainingNodeIsNotReadyAndNeverServesAgain() {
    health.serving();
    health.draining();
    health.serving();
    assertThat(health.readiness().state()).isEqualTo(State.DRAINING);
    assertThat(health.readiness().isReady()).isFalse();
  }
}
