package ai.molecule.edge.controlplane.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgStep;
import ai.molecule.edge.controlplane.provisioning.Provisioner.Order;
import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The provisioner that calls a control plane, against one that keeps what it was told. */
class HttpProvisionerTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");

  private static OrgWorkshop workshop;
  private static HttpServer remote;
  private static volatile int status;
  private static volatile boolean silent;
  private static final List<String> HEARD = new CopyOnWriteArrayList<>();
  private static final Set<String> MADE = ConcurrentHashMap.newKeySet();

  @BeforeAll
  static void start() {
    workshop = new OrgWorkshop();
    remote =
        Await.result(
            workshop
                .vertx
                .createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> serve(request, body)))
                .listen(0, "127.0.0.1"));
  }

  private static void serve(HttpServerRequest request, Buffer body) {
    String key = request.getHeader("Idempotency-Key");
    String signature =
        "v1="
            + HttpProvisioner.sign(
                SECRET,
                request.getHeader("X-Edge-Timestamp"),
                request.method(),
                request.path(),
                key,
                body);
    assertSigned(signature, request);
    HEARD.add(request.method() + " " + key + " " + body.toJsonObject().getString("step"));
    if (silent) {
      return;
    }
    if (status < 300) {
      if (request.method().equals(HttpMethod.PUT)) {
        MADE.add(request.path());
      } else {
        MADE.remove(request.path());
      }
    }
    request.response().setStatusCode(status).end();
  }

  private static void assertSigned(String expected, HttpServerRequest request) {
    if (!expected.equals(request.getHeader("X-Edge-Signature"))) {
      HEARD.add("BADLY SIGNED");
    }
  }

  @AfterAll
  static void stop() {
    Await.result(remote.close());
    workshop.close();
  }

  @BeforeEach
  void answerWell() {
    status = 204;
    silent = false;
    HEARD.clear();
  }

  private static HttpProvisioner provisioner(Duration deadline) {
    return new HttpProvisioner(
        workshop.vertx,
        new RemoteControlPlane(
            URI.create("http://127.0.0.1:" + remote.actualPort() + "/base"), SECRET),
        deadline,
        () -> NOW,
        workshop.ledger);
  }

  private static HttpProvisioner provisioner() {
    return provisioner(Duration.ofSeconds(5));
  }

  private static Order order(OrgStep step) {
    Org org = workshop.created();
    return new Order(org, 1, step);
  }

  private static Throwable failure(Future<Void> call) {
    return Await.result(call.transform(done -> Future.<Throwable>succeededFuture(done.cause())));
  }

  @Test
  void asksForEachStepOnceAndSigned() {
    Order order = order(OrgStep.DATABASE);
    assertThat(failure(provisioner().provision(order))).isNull();
    assertThat(failure(provisioner().release(order))).isNull();
    assertThat(HEARD)
        .containsExactly(
            "PUT " + order.key() + ":put database", "DELETE " + order.key() + ":delete database");
  }

  @Test
  void theSignatureIsThatOfTheDocumentedText() {
    // printf '1\nPUT\n/p\nk\n{}' | openssl dgst -sha256 -hmac key
    assertThat(
            HttpProvisioner.sign(
                "key", "1", HttpMethod.PUT, "/p", "k", new JsonObject().toBuffer()))
        .isEqualTo(SIGNATURE_BY_OPENSSL);
  }

  private static final String SIGNATURE_BY_OPENSSL =
      "d69435febdb82f66b18492c7f87cff4f510c91aae9926b7ea82a034bc18676f4";

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 422})
  void aRefusalIsFinalForWhatIsMade(int refusal) {
    status = refusal;
    assertThat(failure(provisioner().provision(order(OrgStep.NETWORK))))
        .isInstanceOf(Provisioner.Refused.class)
        .hasMessageContaining(Integer.toString(refusal));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 425, 429, 500, 502, 503})
  void anythingElseMayComeRight(int refusal) {
    status = refusal;
    assertThat(failure(provisioner().provision(order(OrgStep.NETWORK))))
        .isNotNull()
        .isNotInstanceOf(Provisioner.Refused.class);
    assertThat(failure(provisioner().release(order(OrgStep.NETWORK)))).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void whatIsNotThereIsTakenAway(int gone) {
    status = gone;
    assertThat(failure(provisioner().release(order(OrgStep.NETWORK)))).isNull();
  }

  @Test
  void aSilentControlPlaneIsGivenUpOn() {
    silent = true;
    assertThat(failure(provisioner(Duration.ofMillis(50)).provision(order(OrgStep.NETWORK))))
        .isNotNull();
  }

  @ParameterizedTest
  @EnumSource(OrgStep.class)
  void whatWasMadeWhenADeletionWonIsTakenBack(OrgStep step) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    var job = workshop.job(org, step);
    HeldProvisioner held =
        new HeldProvisioner(provisioner(), HeldProvisioner.Moment.AFTER_THE_CALL);
    Future<StepOutcome> run = workshop.machine(held).run(job);
    Await.result(held.reached());
    assertThat(MADE).anyMatch(path -> path.contains(org.id().toString()));
    workshop.delete(org);
    workshop.runAll(org, job);
    held.letGo();
    Await.result(run);
    workshop.runAll(org, null);
    assertThat(MADE).noneMatch(path -> path.contains(org.id().toString()));
    assertThat(workshop.remains(org)).isEqualTo(OrgWorkshop.NOTHING_REMAINS);
    assertThat(HEARD).doesNotContain("BADLY SIGNED");
  }
}
