package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.KEYS;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.RepeatableCalls.ORGS;
import static ai.molecule.edge.controlplane.RepeatableCalls.fresh;
import static ai.molecule.edge.controlplane.RepeatableCalls.id;
import static ai.molecule.edge.controlplane.RepeatableCalls.org;
import static ai.molecule.edge.controlplane.RepeatableCalls.replayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.postgres.Await;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Repetitions while the first call is running, and after a node that died with it. */
class IdempotencyRacesTest {
  @AutoClose private static ControlPlaneUnderTest edge;
  private static RepeatableCalls calls;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    calls = new RepeatableCalls(edge);
  }

  @Nested
  class WhileTheFirstIsRunning {
    @Test
    void aRepetitionIsToldSoAtOnceAndAfterwardsWhatWasMade() {
      UUID org = edge.org("acme");
      JsonObject asked = body("orgs:read").put("org_id", org.toString());
      String key = fresh();
      SqlConnection holder = Await.result(edge.pools.auth().getConnection());
      Await.result(holder.begin());
      Await.result(
          holder
              .preparedQuery("SELECT id FROM orgs WHERE id = $1 FOR UPDATE")
              .execute(Tuple.of(org)));
      CompletableFuture<HttpResponse<String>> first =
          CompletableFuture.supplyAsync(() -> calls.post(KEYS, ADMIN, key, asked));
      await().until(() -> locksWaitedFor() == 1);

      HttpResponse<String> second = calls.post(KEYS, ADMIN, key, asked);
      refused(second, 409, "idempotency_in_flight");
      assertThat(second.headers().firstValue("Retry-After")).contains("1");
      assertThat(first).isNotDone();

      Await.result(holder.query("ROLLBACK").execute());
      Await.result(holder.close());
      replayed(first.join(), calls.post(KEYS, ADMIN, key, asked));
    }

    private static long locksWaitedFor() {
      Row row =
          edge.query(
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                      + " AND wait_event_type = 'Lock'")
              .iterator()
              .next();
      return row.getLong(0);
    }

    @Test
    void fiftyAtOnceMakeOneOrgAndAreToldOfThatOne() {
      String key = fresh();
      List<HttpResponse<String>> answers = new ArrayList<>();
      try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          sent.add(CompletableFuture.supplyAsync(() -> untilDone(ORGS, key, org("once-j")), pool));
        }
        sent.forEach(one -> answers.add(one.join()));
      }
      assertThat(answers).allMatch(answer -> answer.statusCode() == 201);
      assertThat(answers.stream().map(HttpResponse::body).distinct()).hasSize(1);
      assertThat(answers.stream().filter(RepeatableCalls::isReplay)).hasSize(49);
      assertThat(edge.query("SELECT id FROM orgs WHERE slug LIKE 'once-j%'").size()).isEqualTo(1);
    }

    private static HttpResponse<String> untilDone(String path, String key, JsonObject asked) {
      while (true) {
        HttpResponse<String> answer = calls.post(path, ADMIN, key, asked);
        String code = json(answer).getString("code", "");
        if (!code.equals("idempotency_in_flight") && !code.equals("store_unavailable")) {
          return answer;
        }
      }
    }
  }

  @Test
  void aReplayPublishesWhatANodeLeftUnpublished() {
    JsonObject old = edge.created("orgs:read");
    String path = ControlPlaneUnderTest.path(old) + "/rotate";
    String key = fresh();
    HttpResponse<String> first = calls.post(path, ADMIN, key, "{}");
    await().until(IdempotencyRacesTest::everythingIsPublished);
    // As if the node had died between its commit and the publication.
    edge.query(
        "INSERT INTO change_outbox (id, key_ids) OVERRIDING SYSTEM VALUE"
            + " SELECT outbox_id, ARRAY[$1::text::uuid] FROM idempotency_keys"
            + " ORDER BY created_at DESC LIMIT 1",
        id(first));
    replayed(first, calls.post(path, ADMIN, key, "{}"));
    await().until(IdempotencyRacesTest::everythingIsPublished);
  }

  private static boolean everythingIsPublished() {
    return edge.query("SELECT id FROM change_outbox").size() == 0;
  }
}
