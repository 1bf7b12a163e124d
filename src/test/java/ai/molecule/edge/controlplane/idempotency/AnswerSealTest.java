package ai.molecule.edge.controlplane.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerSealTest {
  private static final byte[] ANSWER = "{\"key\":\"a-secret\"}".getBytes(StandardCharsets.UTF_8);

  private static IdempotentCall call(String caller, String route, String org, String key) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add(IdempotencyKey.HEADER, key);
    return IdempotentCall.of(
        caller,
        route,
        Map.of("slug", org),
        IdempotencyKey.of(headers).orElseThrow(),
        JsonNodeFactory.instance.objectNode());
  }

  @Test
  void onlyTheSameCallerRouteAndKeyOpenWhatWasSealed() {
    byte[] sealed = AnswerSeal.seal(call("admin", "POST /x", "a", "k-1"), ANSWER);

    assertThat(AnswerSeal.open(call("admin", "POST /x", "a", "k-1"), sealed)).contains(ANSWER);
    assertThat(AnswerSeal.open(call("other", "POST /x", "a", "k-1"), sealed)).isEmpty();
    assertThat(AnswerSeal.open(call("admin", "POST /y", "a", "k-1"), sealed)).isEmpty();
    assertThat(AnswerSeal.open(call("admin", "POST /x", "b", "k-1"), sealed)).isEmpty();
    assertThat(AnswerSeal.open(call("admin", "POST /x", "a", "k-2"), sealed)).isEmpty();
  }

  @Test
  void whatIsSealedShowsNothingAndIsNeverTheSameTwice() {
    IdempotentCall call = call("admin", "POST /x", "a", "k-1");
    byte[] one = AnswerSeal.seal(call, ANSWER);
    byte[] two = AnswerSeal.seal(call, ANSWER);

    assertThat(new String(one, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    assertThat(one).isNotEqualTo(two);
  }

  @Test
  void oneChangedBitIsNoticed() {
    IdempotentCall call = call("admin", "POST /x", "a", "k-1");
    byte[] sealed = AnswerSeal.seal(call, ANSWER);
    for (int at : new int[] {0, 12, sealed.length - 1}) {
      byte[] changed = sealed.clone();
      changed[at] ^= 1;
      assertThat(AnswerSeal.open(call, changed)).as("byte " + at).isEmpty();
    }
  }

  @Test
  void neitherKeyNorSecretIsInAnyText() {
    IdempotentCall call = call("admin", "POST /x", "a", "the-idempotency-key");
    Creation creation =
        Creation.of("/x/1", new io.vertx.core.json.JsonObject()).showing("key", "a-secret");

    assertThat(call + " " + call.key() + " " + creation)
        .doesNotContain("the-idempotency-key")
        .doesNotContain("a-secret");
  }
}
