package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.ExampleCredentials;
import org.junit.jupiter.api.Test;

final class PointerTest {
  private static final String SECRET = ExampleCredentials.LIVE_KEY;

  @Test
  void namesAreEscapedForTheFragmentOfAUri() {
    assertThat(Pointer.of("a/b~c d").text()).isEqualTo("#/a~1b~0c%20d");
    assertThat(Pointer.of("scopes").child(3).text()).isEqualTo("#/scopes/3");
    assertThat(Pointer.ofParameter("limit").text()).isEqualTo("?limit");
  }

  @Test
  void aCredentialSentAsANameDoesNotComeBackInAnAnswer() {
    // An ellipsis is E2 80 A6 in UTF-8.
    assertThat(Pointer.of(SECRET).text()).isEqualTo("#/mol_pk_live_AAAA%E2%80%A6");
    assertThat(Pointer.ofParameter("x" + SECRET).text()).isEqualTo("?xmol_pk_live_AAAA%E2%80%A6");
  }
}
