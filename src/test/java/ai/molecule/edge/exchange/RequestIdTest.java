package ai.molecule.edge.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "Request-1.2_3", "0123456789abcdef"})
  void aFitIdIsKept(String id) {
    assertThat(RequestId.of(id)).hasToString(id);
  }

  @Test
  void upTo128CharactersAreFit() {
    assertThat(RequestId.of("x".repeat(128))).hasToString("x".repeat(128));
    assertThat(RequestId.of("x".repeat(129)).toString()).matches("[0-9a-f]{24}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "é", "a\tb", "a,b", "mol_pk_live_secret"})
  void anUnfitIdOrWhatLooksLikeACredentialIsReplaced(String id) {
    assertThat(RequestId.of(id).toString()).matches("[0-9a-f]{24}");
  }

  @Test
  void freshIdsDiffer() {
    assertThat(RequestId.of(null).toString()).isNotEqualTo(RequestId.of(null).toString());
  }
}
