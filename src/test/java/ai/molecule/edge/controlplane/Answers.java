package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at what the control plane answers. */
final class Answers {
  private Answers() {}

  /** The body, an object. */
  static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  /** A header's first value; null without one. */
  static @Nullable String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  /** The body of an answer that has to have that status. */
  static JsonObject ok(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return json(response);
  }

  /** The problem of an answer that has to be that refusal. */
  static JsonObject refused(HttpResponse<String> response, int status, String code) {
    JsonObject problem = ok(response, status);
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(problem.getString("request_id")).isEqualTo(header(response, "X-Request-Id"));
    return problem;
  }

  /** What an answer that has to be 400 {@code invalid_request} finds wrong, in its order. */
  static List<String> pointers(HttpResponse<String> response) {
    return objects(refused(response, 400, "invalid_request"), "errors")
        .map(error -> error.getString("pointer"))
        .toList();
  }

  /** The ids of a list, which has to be 200, in its order. */
  static List<String> ids(HttpResponse<String> response) {
    return objects(ok(response, 200), "data").map(one -> one.getString("id")).toList();
  }

  private static Stream<JsonObject> objects(JsonObject body, String member) {
    return body.getJsonArray(member).stream().map(JsonObject.class::cast);
  }

  /** Everything that two answers to different requests have in common when they are the same. */
  static String bytes(HttpResponse<String> response) {
    return response.statusCode()
        + response.body().replaceAll("\"request_id\":\"[^\"]*\"", "")
        + response.headers().map().keySet();
  }
}
