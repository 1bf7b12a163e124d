package ai.molecule.edge.controlplane.orgs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.exchange.StreamedBody;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.postgres.TestDatabase;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an export holds, and that it waits for its reader, over a real Postgres. */
class OrgExportsTest {
  private static final int ENTRIES = 3000;
  private static final Reach ADMIN = new Reach.Everything();
  private static final OrgRef ORG = OrgRef.parse("exported").orElseThrow();

  @AutoClose private static TestDatabase database;
  private static OrgExports exports;
  private static Context loop;

  @BeforeAll
  static void start() {
    database = new TestDatabase();
    loop = database.vertx.getOrCreateContext();
    exports = new OrgExports(database.pools, 2, Duration.ofMinutes(5));
    database.query(
        """
        INSERT INTO orgs (id, partner_id, slug, name, status)
        VALUES ('00000000-0000-7000-8000-000000000001', 'acme', 'exported', 'E', 'running'),
               ('00000000-0000-7000-8000-000000000002', 'acme', 'other', 'O', 'running')
        """);
    database.query(
        """
        INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id,
                               partner_id, org_id, request_id)
        SELECT gen_random_uuid(), 'admin', 'admin', 'org.updated', 'org', i::text, 'acme',
               CASE WHEN i %% 4 = 0 THEN '00000000-0000-7000-8000-000000000002'::uuid
                    ELSE '00000000-0000-7000-8000-000000000001'::uuid END, repeat('x', 500)
          FROM generate_series(1, %d) i
        """
            .formatted(ENTRIES / 3 * 4));
  }

  /** A reader that takes so many lines and then no more until it is told to. */
  private static final class Reader implements WriteStream<Buffer> {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final Promise<Void> gone = Promise.promise();
    private volatile int room;
    private volatile Handler<Void> drained = nothing -> {};

    Reader(int room) {
      this.room = room;
    }

    Future<Void> read(StreamedBody body) {
      Promise<Void> read = Promise.promise();
      loop.runOnContext(go -> body.writeTo(this, gone.future()).onComplete(read));
      return read.future();
    }

    void goOn(int lines) {
      loop.runOnContext(
          go -> {
            room += lines;
            drained.handle(null);
          });
    }

    @Override
    public Future<Void> write(Buffer data) {
      lines.add(data.toString());
      return Future.succeededFuture();
    }

    @Override
    public boolean writeQueueFull() {
      return lines.size() >= room;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
      drained = handler;
      return this;
    }

    @Override
    public Future<Void> end() {
      throw new AssertionError("the exchange ends it");
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
      return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
      return this;
    }
  }

  private static StreamedBody begun() {
    return begun(exports);
  }

  private static StreamedBody begun(OrgExports exports) {
    Promise<StreamedBody> begun = Promise.promise();
    loop.runOnContext(go -> exports.begin(ADMIN, ORG).onComplete(begun));
    return Await.result(begun.future());
  }

  @Test
  void everyRowOfTheOrgAndNoOtherIsThereOnceAndThenTheirNumber() {
    Reader reader = new Reader(Integer.MAX_VALUE);
    Await.result(reader.read(begun()));

    List<JsonObject> lines = reader.lines.stream().map(JsonObject::new).toList();
    assertThat(reader.lines).allMatch(line -> line.endsWith("\n"));
    assertThat(lines.getLast())
        .isEqualTo(new JsonObject().put("type", "end").put("rows", lines.size() - 1));
    assertThat(lines.getFirst().getJsonObject("data").getString("slug")).isEqualTo("exported");
    assertThat(lines.stream().filter(line -> line.getString("type").equals("audit")))
        .hasSize(ENTRIES)
        .allMatch(line -> line.getJsonObject("data").getString("org_id").endsWith("01"));
    await().until(() -> exports.running() == 0);
  }

  @Test
  void aReaderThatStopsIsWaitedForWithNoMoreThanItsQueueAndAFewRows() {
    Reader reader = new Reader(10);
    Future<Void> read = reader.read(begun());
    await().until(() -> reader.lines.size() >= 10);
    for (int room = 10; room < 100; room += 10) {
      int before = room;
      await().until(() -> reader.lines.size() >= before);
      assertThat(reader.lines.size()).isLessThanOrEqualTo(room + OrgExport.FETCH_ROWS);
      reader.goOn(10);
    }
    assertThat(read.isComplete()).isFalse();
    reader.goOn(ENTRIES);
    Await.result(read);
    assertThat(entries(reader)).isEqualTo(ENTRIES);
    assertThat(reader.lines.getLast()).startsWith("{\"type\":\"end\"");
  }

  private static long entries(Reader reader) {
    return reader.lines.stream().filter(line -> line.startsWith("{\"type\":\"audit\"")).count();
  }

  @Test
  void aSnapshotDoesNotSeeWhatHappensWhileItIsRead() {
    Reader reader = new Reader(1);
    Future<Void> read = reader.read(begun());
    await().until(() -> !reader.lines.isEmpty());
    database.query(
        """
        INSERT INTO events (id, partner_id, org_id, type, at, body)
        VALUES (gen_random_uuid(), 'acme', '00000000-0000-7000-8000-000000000001', 'x', now(), '')
        """);
    reader.goOn(Integer.MAX_VALUE / 2);
    Await.result(read);
    database.query("DELETE FROM events");
    assertThat(reader.lines).noneMatch(line -> line.startsWith("{\"type\":\"event\""));
    assertThat(entries(reader)).isEqualTo(ENTRIES);
  }

  @Test
  void oneMoreThanMayRunIsRefusedUntilAnotherHasEndedHoweverItDid() {
    Reader left = new Reader(1);
    Future<Void> cut = left.read(begun());
    StreamedBody unread = begun();
    Problem refused = (Problem) Await.failure(exports.begin(ADMIN, ORG));
    assertThat(refused.code()).isEqualTo(ProblemCode.OVERLOADED);
    assertThat(refused.headers()).containsKey("Retry-After");

    unread.abandon();
    left.gone.complete();
    Await.failure(cut);
    await().until(() -> exports.running() == 0);
    Reader reader = new Reader(Integer.MAX_VALUE);
    Await.result(reader.read(begun()));
    assertThat(left.lines).noneMatch(line -> line.contains("\"end\""));
  }

  @Test
  void anExportIsCutShortAtItsDeadlineAndWhenPostgresGoes() {
    OrgExports brief = new OrgExports(database.pools, 1, Duration.ofMillis(300));
    Reader slow = new Reader(1);
    Problem late = (Problem) Await.failure(slow.read(begun(brief)));
    assertThat(late.code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
    await().until(() -> brief.running() == 0);

    Reader reader = new Reader(1);
    Future<Void> read = reader.read(begun());
    await().until(() -> !reader.lines.isEmpty());
    database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND state = 'idle in transaction'");
    reader.goOn(Integer.MAX_VALUE / 2);
    Await.failure(read);
    assertThat(reader.lines).noneMatch(line -> line.contains("\"end\""));
    await().until(() -> exports.running() == 0);
  }

  @Test
  void whatIsOutOfReachIsNotFound() {
    for (Reach reach : List.<Reach>of(new Reach.OfPartner("rival"))) {
      Problem refused = (Problem) Await.failure(exports.begin(reach, ORG));
      assertThat(refused.code()).isEqualTo(ProblemCode.NOT_FOUND);
    }
    await().until(() -> exports.running() == 0);
  }
}
