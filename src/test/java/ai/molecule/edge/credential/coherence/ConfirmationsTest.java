package ai.molecule.edge.credential.coherence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.postgres.PostgresConfig;
import ai.molecule.edge.postgres.PostgresPools;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever waits for a confirmation is told of it, however many go together. */
class ConfirmationsTest {
  private static final Vertx VERTX = Vertx.vertx();

  private static PostgresPools pools;
  private static Node coordinator;
  private static Node bystander;
  private static Node confirming;

  /** A node's end of the channels, and what it was told. */
  private static final class Node implements PostgresSessionStore.Listener {
    final Context context = VERTX.getOrCreateContext();
    final List<Confirmation> told = new CopyOnWriteArrayList<>();
    final PostgresSessionStore store;

    Node(PostgresConfig config) {
      store =
          new PostgresSessionStore(
              PostgresPools.connectOptions(config, "test"),
              pools.control(),
              "node",
              SessionTimes.DEFAULT);
      on(() -> store.listen(VERTX, this));
    }

    <T> T on(Supplier<Future<T>> action) {
      Promise<T> done = Promise.promise();
      context.runOnContext(turn -> action.get().onComplete(done));
      return Await.result(done.future());
    }

    /** Confirms all of them in one turn. */
    void confirm(List<Confirmation> confirmations) {
      on(() -> Future.all(confirmations.stream().map(store::confirm).toList()));
    }

    @Override
    public void invalidated(Invalidation invalidation) {}

    @Override
    public void confirmed(Confirmation confirmation) {
      told.add(confirmation);
    }

    @Override
    public void disconnected() {}
  }

  @BeforeAll
  static void start() {
    PostgresConfig config = PostgresConfig.defaults(TestStores.freshDatabase());
    Await.result(new Migrations(VERTX, config, Duration.ofSeconds(60), told -> {}).migrate());
    pools = PostgresPools.create(VERTX, config);
    coordinator = new Node(config);
    bystander = new Node(config);
    confirming = new Node(config);
  }

  @AfterAll
  static void stop() {
    for (Node node : List.of(coordinator, bystander, confirming)) {
      node.on(() -> node.store.close(null));
    }
    Await.result(pools.close());
    Await.result(VERTX.close());
  }

  @Test
  void manyAtOnceAllArriveAtTheCoordinatorAndNowhereElse() {
    List<Confirmation> confirmations = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      confirmations.add(new Confirmation(coordinator.store.newChangeId(), UUID.randomUUID()));
    }
    confirming.confirm(confirmations);
    await().until(() -> coordinator.told.containsAll(confirmations));
    // Notifications arrive in the order of their commits: what the bystander is told last is last.
    Confirmation last = new Confirmation(UUID.randomUUID(), UUID.randomUUID());
    confirming.confirm(List.of(last));
    await().until(() -> bystander.told.contains(last));
    assertThat(bystander.told).doesNotContainAnyElementsOf(confirmations);
  }

  @Test
  void aChangeOfAnEarlierBuildIsConfirmedWhereAllListen() {
    Confirmation old = new Confirmation(UUID.randomUUID(), UUID.randomUUID());
    confirming.confirm(List.of(old));
    await().until(() -> coordinator.told.contains(old) && bystander.told.contains(old));
  }

  @Test
  void idsOfChangesAreUniqueAndGiveBackTheirAddress() {
    Set<UUID> ids = new HashSet<>();
    for (int bits : new int[] {0, 1, -1, Integer.MIN_VALUE, 0x1234ABCD}) {
      ChangeAddress address = new ChangeAddress(bits);
      for (int i = 0; i < 1000; i++) {
        UUID id = address.newChangeId();
        assertThat(ids.add(id)).isTrue();
        assertThat(id.variant()).isEqualTo(2);
        assertThat(ChangeAddress.of(id)).contains(address);
      }
    }
    assertThat(new ChangeAddress(0x1234ABCD).hex()).isEqualTo("1234abcd");
    assertThat(ChangeAddress.of(UUID.randomUUID())).isEmpty();
  }
}
