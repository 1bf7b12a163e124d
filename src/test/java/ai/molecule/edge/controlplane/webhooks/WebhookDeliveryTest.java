package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.controlplane.webhooks.Delivery.Status;
import ai.molecule.edge.controlplane.webhooks.DeliveryWorkshop.Made;
import ai.molecule.edge.controlplane.webhooks.Receiver.Sent;
import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What receivers see of deliveries, with receivers, couriers and a Postgres that are real. */
class WebhookDeliveryTest {
  private DeliveryWorkshop workshop;

  @BeforeEach
  void start() {
    workshop = new DeliveryWorkshop();
  }

  @AfterEach
  void stop() {
    workshop.close();
  }

  private Receiver receiver(int status) {
    return Receiver.of(workshop.vertx, status);
  }

  @Test
  void anEventIsDeliveredSignedAsStandardWebhooksDo() {
    Receiver receiver = receiver(204);
    Made made = workshop.webhook(receiver.url());
    UUID event = workshop.event();
    workshop.start(8);
    await().until(() -> workshop.only(made).status() == Status.DELIVERED);
    assertThat(receiver.sent).hasSize(1);
    Sent sent = receiver.sent.getFirst();
    assertThat(sent.isSignedWith(made.secret())).isTrue();
    assertThat(sent.isSignedWith(SigningSecret.generate().text())).isFalse();
    assertThat(sent.method()).isEqualTo("POST");
    assertThat(sent.uri()).isEqualTo("/hooks?token=1");
    assertThat(sent.header("Content-Type")).isEqualTo("application/json");
    assertThat(sent.header("host")).isEqualTo("127.0.0.1:" + receiver.port());
    assertThat(sent.id()).isEqualTo(event.toString());
    assertThat(new JsonObject(sent.body()).fieldNames())
        .containsExactly("type", "timestamp", "data");
    Delivery delivery = workshop.only(made);
    assertThat(delivery.event()).isEqualTo(new JsonObject(sent.body()));
    assertThat(delivery.attempts()).isEqualTo(1);
    assertThat(delivery.history().getJsonObject(0).getInteger("response_status")).isEqualTo(204);
  }

  @Test
  void afterTenFailedAttemptsADeliveryIsDeadUntilItIsReplayedUnderTheSameId() {
    Receiver receiver = receiver(500);
    Made made = workshop.webhook(receiver.url());
    workshop.event();
    workshop.start(8);
    for (int attempt = 1; attempt <= 10; attempt++) {
      int made10 = attempt;
      await().until(() -> workshop.only(made).history().size() == made10);
      assertThat(receiver.sent).hasSize(attempt);
      // Only when its time has come is it tried again.
      if (attempt < 10) {
        assertThat(workshop.only(made).status()).isEqualTo(Status.PENDING);
        workshop.pass(RetrySchedule.PAUSES.get(attempt - 1));
      }
    }
    Delivery dead = workshop.only(made);
    assertThat(dead.status()).isEqualTo(Status.DEAD);
    assertThat(dead.nextAttemptAt()).isNull();
    assertThat(workshop.list(made, Status.DEAD)).hasSize(1);
    assertThat(workshop.list(made, Status.PENDING)).isEmpty();
    assertThat(dead.history().getJsonObject(9).getString("response_body"))
        .isEqualTo("that was 500");

    receiver.answers(Receiver.status(200));
    Delivery replayed =
        Await.result(
            workshop.deliveries.replay(
                DeliveryWorkshop.EVERYTHING, made.id(), dead.id(), DeliveryWorkshop.AUDIT));
    assertThat(replayed.status()).isEqualTo(Status.PENDING);
    await().until(() -> workshop.only(made).status() == Status.DELIVERED);
    assertThat(workshop.only(made).attempts()).isEqualTo(11);
    assertThat(workshop.only(made).history()).hasSize(DeliveryQueue.HISTORY_MAX);
    assertThat(new HashSet<>(receiver.ids())).hasSize(1);
    assertThat(receiver.sent).allMatch(sent -> sent.isSignedWith(made.secret()));
    assertThat(
            workshop.query(
                "SELECT FROM audit_log WHERE target_type = 'webhook_delivery' AND target_id = $1",
                dead.id().toString()))
        .hasSize(1);
  }

  @Test
  void aReceiverThatSaysWhenIsNotAskedSooner() {
    Receiver receiver =
        new Receiver(
            workshop.vertx,
            response -> response.setStatusCode(429).putHeader("Retry-After", "120").end());
    Made made = workshop.webhook(receiver.url());
    workshop.event();
    workshop.start(8);
    await().until(() -> workshop.only(made).history().size() == 1);
    workshop.pass(Duration.ofSeconds(60));
    assertThat(
            workshop
                .query("SELECT due_at > clock_timestamp() FROM webhook_deliveries")
                .iterator()
                .next()
                .getBoolean(0))
        .isTrue();
    workshop.pass(Duration.ofSeconds(60));
    await().until(() -> workshop.only(made).history().size() == 2);
  }

  @Test
  void whatAKilledNodeSentAndDidNotNoteIsSentAgainUnderTheSameId() {
    Receiver receiver = receiver(200);
    Made made = workshop.webhook(receiver.url());
    workshop.event();
    DeliveryQueue queue = workshop.queue(Targets.LOOPBACK);
    Claimed claimed = Await.result(queue.claim(10)).getFirst();
    Attempt attempt = workshop.onLoop(() -> workshop.sender().send(claimed));
    assertThat(attempt.delivered()).isTrue();
    // Here it dies. While its lease lasts nobody else is at it.
    assertThat(Await.result(queue.claim(10))).isEmpty();
    assertThat(workshop.only(made).status()).isEqualTo(Status.PENDING);
    workshop.start(8);
    workshop.pass(DeliveryWorkshop.LEASE);
    await().until(() -> workshop.only(made).status() == Status.DELIVERED);
    assertThat(receiver.ids()).hasSize(2);
    assertThat(new HashSet<>(receiver.ids())).hasSize(1);
    assertThat(receiver.sent).allMatch(sent -> sent.isSignedWith(made.secret()));
    // And if it was only asleep, what it says now is not heard.
    Await.result(queue.dead(claimed, attempt));
    assertThat(workshop.only(made).status()).isEqualTo(Status.DELIVERED);
  }

  @Test
  void manyNodesMakeNoAttemptTwiceAndKeepToTheBoundOfTheWebhook() {
    Receiver receiver =
        new Receiver(
            workshop.vertx,
            response -> workshop.vertx.setTimer(5, later -> response.setStatusCode(200).end()));
    workshop.webhook(receiver.url());
    int events = 60;
    for (int i = 0; i < events; i++) {
      workshop.event();
    }
    for (int i = 0; i < 4; i++) {
      workshop.start(16);
    }
    await().until(() -> workshop.count("delivered") == events);
    assertThat(receiver.ids()).hasSize(events).doesNotHaveDuplicates();
    assertThat(receiver.atOnceMax.get()).isLessThanOrEqualTo(DeliveryWorkshop.PER_WEBHOOK_MAX);
  }

  @Test
  void aReceiverThatDoesNotAnswerDoesNotHoldUpTheOthers() {
    Queue<HttpServerResponse> held = new ConcurrentLinkedQueue<>();
    Receiver silent = new Receiver(workshop.vertx, held::add);
    Receiver lively = receiver(200);
    workshop.webhook(silent.url());
    Made served = workshop.webhook(lively.url());
    for (int i = 0; i < 30; i++) {
      workshop.event();
    }
    workshop.start(DeliveryWorkshop.PER_WEBHOOK_MAX + 1);
    await().until(() -> workshop.list(served, Status.DELIVERED).size() == 30);
    assertThat(silent.sent).hasSize(DeliveryWorkshop.PER_WEBHOOK_MAX);
    held.forEach(response -> response.setStatusCode(500).end());
    // Now that it is known to fail it gets one at a time.
    await().until(() -> silent.sent.size() == DeliveryWorkshop.PER_WEBHOOK_MAX + 1);
    held.forEach(
        response -> {
          if (!response.ended()) {
            response.setStatusCode(500).end();
          }
        });
  }

  @Test
  void goneDisablesTheWebhookAndGivesUpWhatWaitsForIt() {
    Receiver receiver = receiver(500);
    Made made = workshop.webhook(receiver.url());
    Made other = workshop.webhook(receiver(200).url());
    workshop.event();
    workshop.start(8);
    await().until(() -> workshop.list(made, null).getFirst().history().size() == 1);
    receiver.answers(Receiver.status(410));
    workshop.event();
    await().until(() -> workshop.list(made, Status.DEAD).size() == 2);
    assertThat(
            Await.result(workshop.webhooks.get(DeliveryWorkshop.EVERYTHING, made.id()))
                .disabledAt())
        .isNotNull();
    workshop.event();
    await().until(() -> workshop.list(other, Status.DELIVERED).size() == 3);
    assertThat(workshop.list(made, null)).hasSize(2);
    assertThat(
            workshop.query(
                "SELECT FROM audit_log WHERE action = 'webhook.disabled' AND target_id = $1",
                made.id().toString()))
        .hasSize(1);
    Throwable refused =
        Await.failure(
            workshop.deliveries.replay(
                DeliveryWorkshop.EVERYTHING,
                made.id(),
                workshop.list(made, null).getFirst().id(),
                DeliveryWorkshop.AUDIT));
    assertThat(((Problem) refused).code()).isEqualTo(ProblemCode.WRONG_STATE);
  }

  @Test
  void aDeletedWebhookIsToldNothingMore() {
    Receiver receiver = receiver(500);
    Made made = workshop.webhook(receiver.url());
    Made other = workshop.webhook(receiver(200).url());
    workshop.event();
    workshop.start(8);
    await().until(() -> workshop.only(made).history().size() == 1);
    Await.result(
        workshop.webhooks.remove(DeliveryWorkshop.EVERYTHING, made.id(), DeliveryWorkshop.AUDIT));
    workshop.pass(Duration.ofHours(1));
    workshop.event();
    await().until(() -> workshop.list(other, Status.DELIVERED).size() == 2);
    assertThat(receiver.sent).hasSize(1);
    assertThat(workshop.count("pending")).isZero();
  }

  @Test
  void aNodeTakesOnlyWhatItCanSignAndMayReach() {
    Receiver receiver = receiver(200);
    workshop.webhook(receiver.url());
    SealingKey others = SealingKey.parse(SealingKey.generate());
    Made sealed =
        workshop.webhook("https://a.example/", new WebhookStore(workshop.pools, others, 10));
    workshop.event();
    assertThat(Await.result(workshop.queue(Targets.PUBLIC).claim(10))).isEmpty();
    DeliveryQueue ofOthers =
        new DeliveryQueue(workshop.pools, others, false, 1, DeliveryWorkshop.LEASE);
    List<Claimed> claimed = Await.result(ofOthers.claim(10));
    assertThat(claimed).hasSize(1);
    assertThat(claimed.getFirst().webhookId()).isEqualTo(sealed.id());
    assertThat(claimed.getFirst().secret().text()).isEqualTo(sealed.secret());
  }
}
