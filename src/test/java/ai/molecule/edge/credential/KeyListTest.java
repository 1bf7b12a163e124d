package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.molecule.edge.postgres.Await;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KeyListTest {
  private static final Reach EVERYTHING = new Reach.Everything();

  private static KeyDatabase database;

  @BeforeAll
  static void start() {
    database = new KeyDatabase();
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @Test
  void pagesShowEveryKeyOnceNewestFirstThoughKeysAreAddedMeanwhile() {
    List<UUID> before = new ArrayList<>();
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    for (int i = 0; i < 11; i++) {
      KeyDraft draft = KeyDraft.ofPartner("stable");
      // Three keys share each time: the id decides between them.
      draft.createdAt = start.plus(i / 3, ChronoUnit.MICROS);
      before.add(database.created(draft).id());
    }
    List<KeyRecord> seen = new ArrayList<>();
    Cursor after = null;
    int pages = 0;
    do {
      Page<KeyRecord> page =
          list(new Reach.OfPartner("stable"), KeyFilter.NONE, new PageRequest(4, after));
      seen.addAll(page.items());
      after = page.next();
      pages++;
      database.created(KeyDraft.ofPartner("stable"));
    } while (after != null);
    assertThat(pages).isEqualTo(3);
    assertThat(seen.stream().map(KeyRecord::id)).containsExactlyInAnyOrderElementsOf(before);
    assertThat(seen.stream().map(KeyRecord::createdAt).toList())
        .isSortedAccordingTo((a, b) -> b.compareTo(a));
  }

  @Test
  void aListEndsWithoutACursorWhenItsLastPageIsFull() {
    database.created(KeyDraft.ofPartner("two"));
    database.created(KeyDraft.ofPartner("two"));
    Page<KeyRecord> page =
        list(new Reach.OfPartner("two"), KeyFilter.NONE, new PageRequest(2, null));
    assertThat(page.items()).hasSize(2);
    assertThat(page.next()).isNull();
  }

  @Test
  void aListShowsOnlyWhatIsWithinReachWhateverItsFilterAsksFor() {
    UUID org = database.org("mine", "running");
    KeyDraft bound = KeyDraft.ofPartner("mine");
    bound.orgId = org;
    UUID boundId = database.created(bound).id();
    UUID wideId = database.created(KeyDraft.ofPartner("mine")).id();
    UUID foreignId = database.created(KeyDraft.ofPartner("foreign")).id();
    Reach mine = new Reach.OfPartner("mine");
    Reach inOrg = new Reach.OfOrg("mine", org);

    assertThat(ids(mine, KeyFilter.NONE)).containsExactlyInAnyOrder(boundId, wideId);
    assertThat(ids(inOrg, KeyFilter.NONE)).containsExactly(boundId);
    assertThat(ids(mine, new KeyFilter("foreign", null, null))).isEmpty();
    assertThat(ids(mine, new KeyFilter(null, org, null))).containsExactly(boundId);
    assertThat(ids(new Reach.OfPartner("foreign"), new KeyFilter(null, org, null))).isEmpty();
    assertThat(ids(inOrg, new KeyFilter("mine", null, "active"))).containsExactly(boundId);
    assertThat(ids(EVERYTHING, new KeyFilter("foreign", null, null))).containsExactly(foreignId);
  }

  @Test
  void theStatusFilterAgreesWithTheRecordOverGeneratedKeys() {
    Random random = new Random(20260101);
    Instant now = Instant.now();
    List<KeyRecord> keys = new ArrayList<>();
    UUID suspended = database.org("statuses", "suspended");
    UUID going = database.org("statuses", "running");
    for (int i = 0; i < 300; i++) {
      KeyDraft draft = KeyDraft.ofPartner("statuses");
      draft.orgId = random.nextInt(6) == 0 ? suspended : random.nextInt(12) == 0 ? going : null;
      draft.disabled = random.nextInt(3) == 0;
      draft.revokedAt = random.nextInt(6) == 0 ? now : null;
      draft.successorId = random.nextInt(3) == 0 ? UUID.randomUUID() : null;
      draft.graceUntil = sometime(random, now);
      draft.expiresAt = sometime(random, now);
      keys.add(database.created(draft));
    }
    database.orgStatus(going, "deleting");
    Reach reach = new Reach.OfPartner("statuses");
    Set<UUID> listed = new HashSet<>();
    for (String status : KeyFilter.STATUSES) {
      List<KeyRecord> shown = all(reach, new KeyFilter(null, null, status));
      assertThat(shown).isNotEmpty();
      assertThat(shown).allMatch(key -> key.statusAt(now).equals(status), "is " + status);
      shown.forEach(key -> assertThat(listed.add(key.id())).isTrue());
    }
    assertThat(listed).hasSize(keys.size());
  }

  private static @Nullable Instant sometime(Random random, Instant now) {
    return switch (random.nextInt(3)) {
      case 0 -> now.minus(1 + random.nextInt(1000), ChronoUnit.SECONDS);
      case 1 -> now.plus(1000 + random.nextInt(1000), ChronoUnit.SECONDS);
      default -> null;
    };
  }

  @Test
  void anUnknownStatusIsNoFilter() {
    assertThatThrownBy(() -> new KeyFilter(null, null, "gone"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<KeyRecord> all(Reach reach, KeyFilter filter) {
    List<KeyRecord> all = new ArrayList<>();
    Cursor after = null;
    do {
      Page<KeyRecord> page = list(reach, filter, new PageRequest(17, after));
      all.addAll(page.items());
      after = page.next();
    } while (after != null);
    return all;
  }

  private static List<UUID> ids(Reach reach, KeyFilter filter) {
    return all(reach, filter).stream().map(KeyRecord::id).toList();
  }

  private static Page<KeyRecord> list(Reach reach, KeyFilter filter, PageRequest page) {
    return Await.result(database.store.list(reach, filter, page));
  }
}
