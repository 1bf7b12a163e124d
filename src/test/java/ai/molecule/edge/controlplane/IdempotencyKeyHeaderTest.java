package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.refused;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.KEYS;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.body;
import static ai.molecule.edge.controlplane.RepeatableCalls.fresh;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which {@code Idempotency-Key} is one, and on which calls it is looked at. */
class IdempotencyKeyHeaderTest {
  @AutoClose private static ControlPlaneUnderTest edge;
  private static RepeatableCalls calls;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    calls = new RepeatableCalls(edge);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "tab\there", "é"})
  void aKeyIsOneToManyVisibleCharacters(String key) throws Exception {
    HttpResponse<String> response = raw(key);
    refused(response, 400, "invalid_request");
    assertThat(response.body()).contains("\"pointer\":\"Idempotency-Key\"");
  }

  /** What the JDK's client would not send. */
  private static HttpResponse<String> raw(String key) throws Exception {
    return RawPost.send(edge.port(), KEYS, ADMIN, List.of(key), body("orgs:read").toString());
  }

  @Test
  void aKeyHas255CharactersAtMostAndIsGivenOnce() throws Exception {
    assertThat(calls.post(KEYS, ADMIN, "k".repeat(255), body("orgs:read")).statusCode())
        .isEqualTo(201);
    refused(calls.post(KEYS, ADMIN, "k".repeat(256), body("orgs:read")), 400, "invalid_request");
    HttpResponse<String> two =
        RawPost.send(edge.port(), KEYS, ADMIN, List.of("one", "two"), body("orgs:read").toString());
    refused(two, 400, "invalid_request");
  }

  @Test
  void aBodyWithDuplicateMembersIsRefusedAlsoUnderAKeyThatIsKnown() {
    String key = fresh();
    String member = "{\"name\":\"n\",\"partner_id\":\"acme\",\"scopes\":[\"orgs:read\"]}";
    calls.post(KEYS, ADMIN, key, member);
    refused(
        calls.post(KEYS, ADMIN, key, member.replace("}", ",\"name\":\"n\"}")),
        400,
        "invalid_request");
  }

  @Test
  void whatMakesNothingKnowsNoKeys() {
    JsonObject made = edge.created("orgs:read");
    for (String name : List.of("one", "two")) {
      HttpResponse<String> patched =
          edge.send(
              edge.request("PATCH", ControlPlaneUnderTest.path(made), ADMIN)
                  .header("Idempotency-Key", "same")
                  .header("Content-Type", "application/json")
                  .method("PATCH", BodyPublishers.ofString("{\"name\":\"" + name + "\"}")));
      assertThat(json(patched).getString("name")).isEqualTo(name);
    }
  }
}
