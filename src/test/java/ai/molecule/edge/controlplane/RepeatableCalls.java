package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.header;
import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls under an {@code Idempotency-Key}. */
final class RepeatableCalls {
  static final String ORGS = "/cp/orgs";
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final ControlPlaneUnderTest edge;

  RepeatableCalls(ControlPlaneUnderTest edge) {
    this.edge = edge;
  }

  /** An {@code Idempotency-Key} that nobody has used. */
  static String fresh() {
    return "key-" + NUMBERS.incrementAndGet();
  }

  /** Posts under that key. */
  HttpResponse<String> post(String path, String credential, String idempotencyKey, Object body) {
    return edge.send(
        edge.request("POST", path, credential)
            .header("Idempotency-Key", idempotencyKey)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString(body.toString())));
  }

  /** The body of an org of acme. */
  static JsonObject org(String slug) {
    return new JsonObject().put("slug", slug).put("name", "An org").put("partner_id", "acme");
  }

  /** Holds an answer to be the first one said again. */
  static void replayed(HttpResponse<String> first, HttpResponse<String> again) {
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
    assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
    assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    for (String header : List.of("Location", "Cache-Control", "Content-Type")) {
      assertThat(again.headers().allValues(header)).isEqualTo(first.headers().allValues(header));
    }
  }

  /** Whether an answer says that it was given before. */
  static boolean isReplay(HttpResponse<String> answer) {
    return answer.headers().firstValue("Idempotent-Replayed").isPresent();
  }

  /** The id of what was made. */
  static String id(HttpResponse<String> response) {
    return json(response).getString("id");
  }
}
