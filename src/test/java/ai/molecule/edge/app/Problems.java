package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;

/** What every problem that is answered has. */
final class Problems {
  private Problems() {}

  /** Checks that the answer is that problem, with all that a problem has (RFC 9457). */
  static void assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    JsonObject problem = new JsonObject(response.body());
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(problem.getString("type")).isNotBlank();
    assertThat(problem.getString("title")).isNotBlank();
    assertThat(problem.getString("detail")).isNotBlank();
    assertThat(problem.getString("request_id")).isEqualTo(header(response, "X-Request-Id"));
  }

  /** A header of the answer, {@code none} when it is not there. */
  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }
}
