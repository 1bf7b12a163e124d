package ai.molecule.edge.credential;

import static ai.molecule.edge.credential.KeyDatabase.AUDIT;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangeOutboxTest {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration LONG = Duration.ofMinutes(1);

  private KeyDatabase database;
  private ChangeOutbox outbox;

  @BeforeEach
  void start() {
    database = new KeyDatabase();
    outbox = new ChangeOutbox(database.pools);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void aChangeIsClaimedWithItsKeysAsTheyAreNow() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    disable(key, true);
    Committed enabled = disable(key, false);
    List<PendingChange> claimed = claim(AT_ONCE, LONG, 10);
    assertThat(claimed).hasSize(2);
    assertThat(claimed).allMatch(change -> change.keys().equals(List.of(enabled.key())));
    assertThat(claimed.getLast().outboxId()).isEqualTo(enabled.outboxId());
  }

  @Test
  void aNewKeyIsNothingToBeAnnounced() {
    database.created(KeyDraft.ofPartner("acme"));
    assertThat(claim(AT_ONCE, LONG, 10)).isEmpty();
  }

  @Test
  void aChangeIsLeftToItsOwnNodeAtFirst() {
    disable(database.created(KeyDraft.ofPartner("acme")), true);
    assertThat(claim(LONG, LONG, 10)).isEmpty();
  }

  @Test
  void aClaimedChangeBelongsToItsClaimerUntilTheClaimIsOver() {
    disable(database.created(KeyDraft.ofPartner("acme")), true);
    assertThat(claim(AT_ONCE, AT_ONCE, 10)).hasSize(1);
    assertThat(claim(AT_ONCE, LONG, 10)).hasSize(1);
    assertThat(claim(AT_ONCE, LONG, 10)).isEmpty();
  }

  @Test
  void aChangeGoesAwayOnlyWhenItIsDoneAndDoneMayBeSaidTwice() {
    long id = disable(database.created(KeyDraft.ofPartner("acme")), true).outboxId();
    assertThat(claim(AT_ONCE, AT_ONCE, 10)).hasSize(1);
    assertThat(claim(AT_ONCE, AT_ONCE, 10)).hasSize(1);
    Await.result(outbox.done(id));
    Await.result(outbox.done(id));
    assertThat(claim(AT_ONCE, AT_ONCE, 10)).isEmpty();
  }

  @Test
  void nodesThatClaimAtOnceShareTheChangesOut() {
    for (int i = 0; i < 30; i++) {
      disable(database.created(KeyDraft.ofPartner("acme")), true);
    }
    List<Future<List<PendingChange>>> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(outbox.claimStale(AT_ONCE, LONG, 10));
    }
    Await.result(Future.all(nodes));
    List<Long> claimed =
        nodes.stream()
            .flatMap(node -> node.result().stream())
            .map(PendingChange::outboxId)
            .toList();
    assertThat(claimed).doesNotHaveDuplicates();
    assertThat(claimed.size() + claim(AT_ONCE, LONG, 100).size()).isEqualTo(30);
  }

  @Test
  void aChangeWhoseKeyIsGoneIsStillHandedOutToBeDoneWith() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    disable(key, true);
    database.query("DELETE FROM partner_keys WHERE id = $1", key.id());
    assertThat(claim(AT_ONCE, LONG, 10)).singleElement().matches(change -> change.keys().isEmpty());
  }

  private Committed disable(KeyRecord key, boolean disabled) {
    return Await.result(
        database.store.update(
            new Reach.Everything(),
            key.id(),
            (current, now) -> {
              KeyDraft draft = KeyDraft.of(current);
              draft.disabled = disabled;
              return draft.record();
            },
            AUDIT));
  }

  private List<PendingChange> claim(Duration olderThan, Duration claimFor, int max) {
    return Await.result(outbox.claimStale(olderThan, claimFor, max));
  }
}
