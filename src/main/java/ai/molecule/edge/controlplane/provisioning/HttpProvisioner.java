package ai.molecule.edge.controlplane.provisioning;

import ai.molecule.edge.controlplane.orgs.Org;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Has a control plane do each step, {@code PUT} to make and {@code DELETE} to take away, on {@code
 * /v1/orgs/{org}/steps/{step}}, and then the {@code next} provisioner what is kept here. Requests
 * carry the order's key as {@code Idempotency-Key}, the generation (a control plane must not let an
 * older one undo a newer), and a signature: HMAC-SHA256 over time, method, path, idempotency key
 * and body, a line each. Any 2xx is done, and so is 404 or 410 to a {@code DELETE}. 408, 409, 425,
 * 429 and 5xx may come right; any other 4xx to a {@code PUT} never will. Described in {@code
 * docs/provisioner.md}. Safe on any thread.
 */
public final class HttpProvisioner implements Provisioner {
  static final String TIMESTAMP = "X-Edge-Timestamp";
  static final String SIGNATURE = "X-Edge-Signature";
  static final String GENERATION = "X-Edge-Generation";
  static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private static final int CONNECTIONS_MAX = 16;
  private static final int WAITING_MAX = 256;
  private static final Set<Integer> MAY_COME_RIGHT = Set.of(408, 409, 425, 429);
  private static final Set<Integer> NOT_THERE = Set.of(404, 410);

  private final RemoteControlPlane remote;
  private final HttpClient client;
  private final Duration deadline;
  private final InstantSource clock;
  private final Provisioner next;

  /**
   * A provisioner that calls {@code remote}.
   *
   * @param deadline of one call
   * @param next does its part of each step after the control plane has done its own
   */
  public HttpProvisioner(
      Vertx vertx,
      RemoteControlPlane remote,
      Duration deadline,
      InstantSource clock,
      Provisioner next) {
    this.remote = remote;
    this.deadline = deadline;
    this.clock = clock;
    this.next = next;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) deadline.toMillis())
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(WAITING_MAX));
  }

  @Override
  public Future<Void> provision(Order order) {
    return call(HttpMethod.PUT, order).compose(done -> next.provision(order));
  }

  @Override
  public Future<Void> release(Order order) {
    return call(HttpMethod.DELETE, order).compose(done -> next.release(order));
  }

  private Future<Void> call(HttpMethod method, Order order) {
    String path =
        remote.base().getRawPath()
            + "/v1/orgs/"
            + order.org().id()
            + "/steps/"
            + order.step().wireName();
    Buffer body = body(order);
    String key = order.key() + ":" + method.name().toLowerCase(Locale.ROOT);
    String time = Long.toString(clock.instant().getEpochSecond());
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setAbsoluteURI(remote.base().resolve(path).toString())
            .setTimeout(deadline.toMillis())
            .putHeader("Content-Type", "application/json")
            .putHeader(IDEMPOTENCY_KEY, key)
            .putHeader(GENERATION, Long.toString(order.generation()))
            .putHeader(TIMESTAMP, time)
            .putHeader(SIGNATURE, "v1=" + sign(remote.secret(), time, method, path, key, body));
    return client
        .request(options)
        .compose(request -> answered(request, body))
        .compose(status -> judge(method, status));
  }

  private static Future<Integer> answered(HttpClientRequest request, Buffer body) {
    return request.send(body).compose(response -> response.end().map(response.statusCode()));
  }

  private static Future<Void> judge(HttpMethod method, int status) {
    boolean removing = method.equals(HttpMethod.DELETE);
    if ((status >= 200 && status < 300) || (removing && NOT_THERE.contains(status))) {
      return Future.succeededFuture();
    }
    String reason = "the control plane answered " + status;
    boolean final4xx = status >= 400 && status < 500 && !MAY_COME_RIGHT.contains(status);
    return Future.failedFuture(
        final4xx && !removing ? new Refused(reason) : new IllegalStateException(reason));
  }

  private static Buffer body(Order order) {
    Org org = order.org();
    return new JsonObject()
        .put("org_id", org.id().toString())
        .put("partner_id", org.partnerId())
        .put("slug", org.slug())
        .put("plan", org.plan().wireName())
        .put("seats", org.seats())
        .put("generation", order.generation())
        .put("step", order.step().wireName())
        .toBuffer();
  }

  /** The signature of a request, in lower-case hexadecimal digits. */
  static String sign(
      String secret, String time, HttpMethod method, String path, String key, Buffer body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
      String head = time + "\n" + method.name() + "\n" + path + "\n" + key + "\n";
      mac.update(head.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
