package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresentedCredentialTest {
  private static final String LIVE = ExampleCredentials.LIVE_KEY;
  private static final String TEST = ExampleCredentials.TEST_KEY;
  private static final String WORKSPACE = ExampleCredentials.WORKSPACE_TOKEN;

  private final CredentialParser parser = new CredentialParser();

  private PresentedCredential parse(String... headers) {
    MultiMap http1 = HttpHeaders.headers();
    List.of(headers).forEach(value -> http1.add("aUTHORIZATION", value));
    PresentedCredential parsed = parser.parse(http1);
    assertThat(parser.parse(List.of(headers))).isEqualTo(parsed);
    return parsed;
  }

  private KeyHash hash(String credential) {
    return CredentialHasher.create().hash(credential.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void theVectorsOfTheContractAreWellFormed() {
    assertThat(parse("Bearer " + LIVE)).isEqualTo(new PresentedCredential.PartnerKey(hash(LIVE)));
    assertThat(parse("Bearer " + TEST)).isEqualTo(new PresentedCredential.PartnerKey(hash(TEST)));
    assertThat(parse("Bearer " + WORKSPACE))
        .isEqualTo(new PresentedCredential.WorkspaceToken(hash(WORKSPACE)));
  }

  @Test
  void noHeaderIsMissingAndAnEmptyOneIsMalformed() {
    assertThat(parse()).isInstanceOf(PresentedCredential.Missing.class);
    assertThat(parse("")).isInstanceOf(PresentedCredential.Malformed.class);
    assertThat(parse("Bearer")).isInstanceOf(PresentedCredential.Malformed.class);
    assertThat(parse("Bearer ")).isInstanceOf(PresentedCredential.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bearer ", "BEARER ", "BeArEr ", "Bearer   "})
  void theSchemeIsCaseInsensitiveAndSpacesMayFollow(String scheme) {
    assertThat(parse(scheme + LIVE)).isInstanceOf(PresentedCredential.PartnerKey.class);
  }

  @Test
  void twoHeadersAreMalformedEvenWhenEqual() {
    assertThat(parse("Bearer " + LIVE, "Bearer " + LIVE))
        .isInstanceOf(PresentedCredential.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic bWU6bWU=",
        "Bearer mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmQ",
        "Bearer mol_pk_live_BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        "Bearer mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        "Bearer mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        "Bearer mol_pk_prod_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        "Bearer mol_anything_else_that_is_long_enough_to_be_a_token",
        "Bearer MOL_PK_LIVE_short",
        "Bearer mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u00e939HjmP",
        "Bearer  only-thirty-one-characters-long"
      })
  void anotherSchemeABadFormOrABadChecksumIsMalformed(String header) {
    assertThat(parse(header)).isInstanceOf(PresentedCredential.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {" x", "0", "\u00e9"})
  void whatGoesOnBehindACredentialIsMalformed(String rest) {
    assertThat(parse("Bearer " + LIVE + rest)).isInstanceOf(PresentedCredential.Malformed.class);
  }

  @Test
  void anyOtherStringOf32CharactersMayBeTheAdminToken() {
    assertThat(parse("Bearer " + "t".repeat(32)))
        .isEqualTo(new PresentedCredential.AdminCandidate(hash("t".repeat(32))));
    assertThat(parse("Bearer " + "t".repeat(31))).isInstanceOf(PresentedCredential.Malformed.class);
    assertThat(parse("Bearer " + "t".repeat(513)))
        .isInstanceOf(PresentedCredential.Malformed.class);
  }

  @ParameterizedTest
  @EnumSource(CredentialKind.class)
  void whatIsMintedIsWellFormedAndShowsItselfOnlyOnce(CredentialKind kind) {
    MintedCredential minted = MintedCredential.mint(kind);
    String plaintext = minted.reveal();
    assertThat(plaintext).startsWith(kind.prefix()).hasSize(kind.length());
    assertThat(parse("Bearer " + plaintext)).isNotInstanceOf(PresentedCredential.Malformed.class);
    assertThat(minted.hash()).isEqualTo(hash(plaintext));
    int shown = kind == CredentialKind.WORKSPACE_TOKEN ? 11 : 16;
    assertThat(minted.shownPrefix()).isEqualTo(plaintext.substring(0, shown));
    assertThat(minted.last4()).isEqualTo(plaintext.substring(plaintext.length() - 4));
    assertThat(minted.toString()).doesNotContain(plaintext);
    assertThat(parse("Bearer " + plaintext).toString()).doesNotContain(plaintext);
  }

  @Test
  void twoMintedCredentialsDiffer() {
    assertThat(MintedCredential.mint(CredentialKind.LIVE_KEY).reveal())
        .isNotEqualTo(MintedCredential.mint(CredentialKind.LIVE_KEY).reveal());
  }
}
