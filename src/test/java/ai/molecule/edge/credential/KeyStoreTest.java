package ai.molecule.edge.credential;

import static ai.molecule.edge.credential.KeyDatabase.AUDIT;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KeyStoreTest {
  private static final Reach EVERYTHING = new Reach.Everything();

  private static KeyDatabase database;
  private static KeyStore store;

  @BeforeAll
  static void start() {
    database = new KeyDatabase();
    store = database.store;
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @Test
  void aKeyComesBackAsItWasGiven() {
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.orgId = database.org("acme", "running");
    draft.expiresAt = Instant.parse("2100-01-02T03:04:05.123456Z");
    draft.limit = new Limit(60_000_000, 1_000_000);
    KeyRecord created = database.created(draft);
    assertThat(created).isEqualTo(draft.record());
    assertThat(found(EVERYTHING, created.id())).isEqualTo(created);
  }

  @Test
  void timesAreReturnedAsTheyAreStoredInMicroseconds() {
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.createdAt = Instant.parse("2026-01-02T03:04:05.123456789Z");
    KeyRecord created = database.created(draft);
    assertThat(created.createdAt()).isEqualTo(Instant.parse("2026-01-02T03:04:05.123456Z"));
    assertThat(found(EVERYTHING, created.id())).isEqualTo(created);
  }

  @Test
  void whatIsBeyondReachIsAbsent() {
    UUID org = database.org("acme", "running");
    UUID otherOrg = database.org("acme", "running");
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.orgId = org;
    UUID id = database.created(draft).id();
    UUID partnerWide = database.created(KeyDraft.ofPartner("acme")).id();

    assertThat(absent(new Reach.OfPartner("acme"), id)).isFalse();
    assertThat(absent(new Reach.OfOrg("acme", org), id)).isFalse();
    assertThat(absent(new Reach.OfPartner("other"), id)).isTrue();
    assertThat(absent(new Reach.OfOrg("acme", otherOrg), id)).isTrue();
    assertThat(absent(new Reach.OfOrg("other", org), id)).isTrue();
    assertThat(absent(new Reach.OfOrg("acme", org), partnerWide)).isTrue();
  }

  /** Whether the key is absent for reading, changing and rotating alike. */
  private static boolean absent(Reach reach, UUID id) {
    boolean unreadable = Await.result(store.find(reach, id)).isEmpty();
    Future<Committed> update = store.update(reach, id, (key, now) -> key, AUDIT);
    Future<Committed> rotate =
        store.rotate(
            reach,
            id,
            (key, now) -> {
              throw Problem.of(ProblemCode.WRONG_STATE);
            },
            AUDIT);
    ProblemCode rotated = problem(rotate);
    if (unreadable) {
      assertThat(problem(update)).isEqualTo(ProblemCode.NOT_FOUND);
      assertThat(rotated).isEqualTo(ProblemCode.NOT_FOUND);
    } else {
      assertThat(Await.result(update).changed()).isFalse();
      assertThat(rotated).isEqualTo(ProblemCode.WRONG_STATE);
    }
    return unreadable;
  }

  @Test
  void aKeyIsMadeOnlyForAnOrgItsPartnerHasAndKeeps() {
    for (UUID org :
        List.of(
            UUID.randomUUID(),
            database.org("other", "running"),
            database.org("acme", "deleting"),
            database.org("acme", "deleted"))) {
      KeyDraft draft = KeyDraft.ofPartner("acme");
      draft.orgId = org;
      Problem refused = (Problem) Await.failure(store.create(draft.record(), AUDIT));
      assertThat(refused.code()).isEqualTo(ProblemCode.INVALID_REQUEST);
      assertThat(refused.errors().getFirst().pointer()).isEqualTo("#/org_id");
      assertThat(Await.result(store.find(EVERYTHING, draft.id))).isEmpty();
    }
  }

  @Test
  void aKeyOfASuspendedOrgSaysSoFromTheStart() {
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.orgId = database.org("acme", "suspended");
    assertThat(database.created(draft).orgSuspended()).isTrue();
  }

  @Test
  void theKeysOfAnOrgThatIsGoingAreRevoked() {
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.orgId = database.org("acme", "running");
    KeyRecord key = database.created(draft);
    database.orgStatus(draft.orgId, "deleting");
    assertThat(found(EVERYTHING, key.id()).storedState()).isEqualTo(KeyState.REVOKED);
    KeyLookup.Result looked = Await.result(new PostgresLookup(database.pools).find(key.hash()));
    assertThat(((KeyLookup.Result.Found) looked).key().storedState()).isEqualTo(KeyState.REVOKED);
  }

  @Test
  void aLookupTellsFoundFromAbsent() {
    KeyLookup lookup = new PostgresLookup(database.pools);
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    assertThat(Await.result(lookup.find(key.hash()))).isEqualTo(new KeyLookup.Result.Found(key));
    assertThat(Await.result(lookup.find(KeyDraft.ofPartner("acme").record().hash())))
        .isEqualTo(new KeyLookup.Result.Absent());
  }

  @Test
  void aChangeComesWithItsAuditRowAndItsOutboxRow() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    Committed committed =
        Await.result(
            store.update(
                new Reach.OfPartner("acme"),
                key.id(),
                (current, now) -> renamed(current, "another"),
                new AuditContext(Actor.partnerKey(key.id()), "key.updated", "request-7")));
    assertThat(committed.key().version()).isEqualTo(2);
    assertThat(committed.key()).isEqualTo(found(EVERYTHING, key.id()));

    Row audit = audits(key.id()).getFirst();
    assertThat(audit.getString("actor_type")).isEqualTo("partner_key");
    assertThat(audit.getString("actor_id")).isEqualTo(key.id().toString());
    assertThat(audit.getString("action")).isEqualTo("key.updated");
    assertThat(audit.getString("partner_id")).isEqualTo("acme");
    assertThat(audit.getString("request_id")).isEqualTo("request-7");
    assertThat(audit.getUUID("id").version()).isEqualTo(7);
    assertThat(audit.getJsonObject("changes"))
        .isEqualTo(new JsonObject("{\"name\": {\"from\": \"a key\", \"to\": \"another\"}}"));
    assertThat(
            database.count(
                "SELECT count(*) FROM change_outbox WHERE id = $1 AND key_ids = ARRAY[$2::uuid]",
                committed.outboxId(),
                key.id()))
        .isEqualTo(1);
  }

  @Test
  void theAuditOfANewKeyHoldsNoHash() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    JsonObject changes = audits(key.id()).getFirst().getJsonObject("changes");
    assertThat(changes.getJsonObject("rate_limit").getInteger("to")).isEqualTo(60);
    assertThat(changes.fieldNames()).doesNotContain("hash", "root", "prefix", "last4");
    assertThat(changes.encode()).doesNotContain(key.hash().base64Url());
  }

  @Test
  void anEditThatRefusesLeavesNoTrace() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    long outboxRows = database.count("SELECT count(*) FROM change_outbox");
    Future<Committed> refused =
        store.update(
            EVERYTHING,
            key.id(),
            (current, now) -> {
              throw Problem.of(ProblemCode.ESCALATION_REFUSED);
            },
            AUDIT);
    assertThat(problem(refused)).isEqualTo(ProblemCode.ESCALATION_REFUSED);
    assertUntouched(key, outboxRows);
  }

  @Test
  void aChangeWhoseRowCannotBeWrittenLeavesNeitherAuditNorOutbox() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    long outboxRows = database.count("SELECT count(*) FROM change_outbox");
    // A NUL is a character Postgres cannot store: the three inserts are under way when one fails.
    Await.failure(
        store.update(EVERYTHING, key.id(), (current, now) -> renamed(current, "a\u0000b"), AUDIT));
    assertUntouched(key, outboxRows);
    KeyDraft twice = KeyDraft.of(key);
    Await.failure(store.create(twice.record(), AUDIT));
    assertUntouched(key, outboxRows);
  }

  @Test
  void anEditThatChangesNothingLeavesNoTrace() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    long outboxRows = database.count("SELECT count(*) FROM change_outbox");
    Committed same =
        Await.result(
            store.update(EVERYTHING, key.id(), (now, at) -> renamed(now, now.name()), AUDIT));
    assertThat(same).isEqualTo(new Committed(List.of(key), Committed.UNCHANGED));
    assertUntouched(key, outboxRows);
  }

  private static void assertUntouched(KeyRecord key, long outboxRows) {
    assertThat(found(EVERYTHING, key.id())).isEqualTo(key);
    assertThat(audits(key.id())).hasSize(1);
    assertThat(database.count("SELECT count(*) FROM change_outbox")).isEqualTo(outboxRows);
  }

  @Test
  void anEditCannotChangeWhoseKeyItIs() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    Committed committed =
        Await.result(
            store.update(
                EVERYTHING,
                key.id(),
                (current, now) -> {
                  KeyDraft moved = KeyDraft.of(current);
                  moved.partnerId = "other";
                  moved.version = 77;
                  moved.disabled = true;
                  return moved.record();
                },
                AUDIT));
    assertThat(committed.key().partnerId()).isEqualTo("acme");
    assertThat(committed.key().version()).isEqualTo(2);
    assertThat(committed.key().disabled()).isTrue();
    assertThat(found(EVERYTHING, key.id())).isEqualTo(committed.key());
  }

  @Test
  void concurrentChangesHappenOneAfterTheOtherAndNoVersionIsLeftOut() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    List<Future<Committed>> changes = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      changes.add(
          store.update(
              EVERYTHING,
              key.id(),
              (current, now) -> {
                KeyDraft more = KeyDraft.of(current);
                more.limit = new Limit(current.limit().ratePerMinute() + 1, 60);
                return more.record();
              },
              AUDIT));
    }
    Await.result(Future.all(changes));
    Set<Long> versions = new TreeSet<>();
    for (Future<Committed> change : changes) {
      KeyRecord after = change.result().key();
      versions.add(after.version());
      assertThat(after.limit().ratePerMinute()).isEqualTo(59 + after.version());
    }
    assertThat(versions).hasSize(40).contains(2L, 41L);
    assertThat(found(EVERYTHING, key.id()).limit().ratePerMinute()).isEqualTo(100);
  }

  @Test
  void theClockOfAChangeDoesNotRunBehindTheChangeBeforeIt() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    List<Future<Committed>> changes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      changes.add(
          store.update(
              EVERYTHING,
              key.id(),
              (current, now) -> {
                KeyDraft later = KeyDraft.of(current);
                assertThat(later.rotatedAt == null || !now.isBefore(later.rotatedAt)).isTrue();
                later.rotatedAt = now;
                return later.record();
              },
              AUDIT));
    }
    Await.result(Future.all(changes));
  }

  @Test
  void ofTwoRotationsAtOnceOneWinsAndTheOtherSeesTheSuccessor() {
    KeyRecord key = database.created(KeyDraft.ofPartner("acme"));
    Future<Committed> one = store.rotate(EVERYTHING, key.id(), KeyStoreTest::rotated, AUDIT);
    Future<Committed> two = store.rotate(EVERYTHING, key.id(), KeyStoreTest::rotated, AUDIT);
    Await.result(Future.join(one, two).otherwiseEmpty());
    assertThat(one.succeeded()).isNotEqualTo(two.succeeded());
    assertThat(problem(one.succeeded() ? two : one)).isEqualTo(ProblemCode.ALREADY_ROTATED);

    Committed won = one.succeeded() ? one.result() : two.result();
    KeyRecord successor = won.keys().get(0);
    KeyRecord predecessor = won.keys().get(1);
    assertThat(predecessor.version()).isEqualTo(2);
    assertThat(predecessor.successorId()).isEqualTo(successor.id());
    assertThat(successor.predecessorId()).isEqualTo(key.id());
    assertThat(successor.root()).isEqualTo(key.root());
    assertThat(found(EVERYTHING, successor.id())).isEqualTo(successor);
    assertThat(found(EVERYTHING, key.id())).isEqualTo(predecessor);
    assertThat(audits(key.id())).hasSize(2);
    assertThat(
            database.count(
                "SELECT cardinality(key_ids) FROM change_outbox WHERE id = $1", won.outboxId()))
        .isEqualTo(2);
  }

  private static Rotation.Rotated rotated(KeyRecord current, Instant now) {
    if (current.successorId() != null) {
      throw Problem.of(ProblemCode.ALREADY_ROTATED);
    }
    KeyRecord successor = KeyDraft.successorOf(current).record();
    KeyDraft predecessor = KeyDraft.of(current);
    predecessor.successorId = successor.id();
    predecessor.rotatedAt = now;
    predecessor.graceUntil = now.plus(Duration.ofDays(1));
    return new Rotation.Rotated(predecessor.record(), successor);
  }

  @Test
  void aChangeThatWaitedForASuspensionSeesIt() {
    KeyDraft draft = KeyDraft.ofPartner("acme");
    draft.orgId = database.org("acme", "running");
    KeyRecord key = database.created(draft);
    Future<?> suspended =
        database.pools.transaction(
            database.pools.auth(),
            connection ->
                connection
                    .query("UPDATE orgs SET status = 'suspended' WHERE id = '" + draft.orgId + "'")
                    .execute()
                    .compose(
                        org ->
                            connection
                                .query(
                                    "UPDATE partner_keys SET version = version + 1 WHERE org_id = '"
                                        + draft.orgId
                                        + "'")
                                .execute())
                    .compose(keys -> connection.query("SELECT pg_sleep(0.3)").execute()));
    org.awaitility.Awaitility.await()
        .until(
            () ->
                database.count(
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.3)'"
                            + " AND state = 'active'")
                    == 1);
    Committed changed =
        Await.result(
            store.update(EVERYTHING, key.id(), (now, at) -> renamed(now, "renamed"), AUDIT));
    Await.result(suspended);
    assertThat(changed.key().orgSuspended()).isTrue();
    assertThat(changed.key().version()).isEqualTo(3);
  }

  private static KeyRecord renamed(KeyRecord key, String name) {
    KeyDraft draft = KeyDraft.of(key);
    draft.name = name;
    KeyRecord renamed = draft.record();
    return name.equals(key.name()) ? key : renamed;
  }

  private static KeyRecord found(Reach reach, UUID id) {
    return Await.result(store.find(reach, id)).orElseThrow();
  }

  private static List<Row> audits(UUID keyId) {
    List<Row> rows = new ArrayList<>();
    database
        .query("SELECT * FROM audit_log WHERE target_id = $1 ORDER BY at DESC", keyId.toString())
        .forEach(rows::add);
    return rows;
  }

  private static ProblemCode problem(Future<?> future) {
    return Problem.from(Await.failure(future)).code();
  }
}
