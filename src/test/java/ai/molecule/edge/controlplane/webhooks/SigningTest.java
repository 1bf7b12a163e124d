package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How deliveries are signed, and how the secrets for that are kept. */
class SigningTest {
  private static final String BODY = "{\"test\": 2432232314}";

  /** The one that the libraries of Standard Webhooks test themselves with. */
  @Test
  void theSignatureIsThatOfThePublishedExample() {
    SigningSecret secret =
        SigningSecret.of(Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assertThat(secret.text()).isEqualTo("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assertThat(secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330L, BODY))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void theLibraryOfStandardWebhooksTakesWhatIsSignedAndNothingElse() throws Exception {
    SigningSecret secret = SigningSecret.generate();
    long now = Instant.now().getEpochSecond();
    String body = "{\"type\":\"org.created\",\"data\":{\"name\":\"Zoë 🦊\"}}";
    String signature = secret.sign("an-id", now, body);
    Webhook library = new Webhook(secret.text());
    library.verify(body, headers("an-id", now, signature));
    assertThatThrownBy(() -> library.verify(body + " ", headers("an-id", now, signature)))
        .hasMessageContaining("signature");
    assertThatThrownBy(() -> library.verify(body, headers("another", now, signature)))
        .hasMessageContaining("signature");
    assertThatThrownBy(() -> library.verify(body, headers("an-id", now - 1, signature)))
        .hasMessageContaining("signature");
    Webhook other = new Webhook(SigningSecret.generate().text());
    assertThatThrownBy(() -> other.verify(body, headers("an-id", now, signature)))
        .hasMessageContaining("signature");
  }

  private static HttpHeaders headers(String id, long seconds, String signature) {
    return HttpHeaders.of(
        Map.of(
            "webhook-id", List.of(id),
            "webhook-timestamp", List.of(Long.toString(seconds)),
            "webhook-signature", List.of(signature)),
        (name, value) -> true);
  }

  @Test
  void aSecretHasThirtyTwoBytesAndShowsItselfWhenAskedAlone() {
    SigningSecret secret = SigningSecret.generate();
    assertThat(Base64.getDecoder().decode(secret.text().substring("whsec_".length()))).hasSize(32);
    assertThat(secret).hasToString("SigningSecret");
    assertThat(SigningSecret.generate().text()).isNotEqualTo(secret.text());
  }

  @Test
  void aSealedSecretOpensForItsWebhookUnderItsKeyAlone() {
    SealingKey key = SealingKey.parse(SealingKey.generate());
    SealingKey other = SealingKey.parse(SealingKey.generate());
    UUID webhook = UUID.randomUUID();
    SigningSecret secret = SigningSecret.generate();
    byte[] sealed = key.seal(webhook, secret);
    assertThat(key.open(webhook, sealed).text()).isEqualTo(secret.text());
    assertThat(key.seal(webhook, secret)).isNotEqualTo(sealed);
    assertThatThrownBy(() -> key.open(UUID.randomUUID(), sealed)).hasMessage("does not open");
    assertThatThrownBy(() -> other.open(webhook, sealed)).hasMessage("does not open");
    sealed[sealed.length - 1] ^= 1;
    assertThatThrownBy(() -> key.open(webhook, sealed)).hasMessage("does not open");
    assertThatThrownBy(() -> key.open(webhook, new byte[3])).hasMessage("too short");
  }

  @Test
  void aKeyIsKnownByAnIdThatDoesNotTellIt() {
    String text = SealingKey.generate();
    SealingKey key = SealingKey.parse(text);
    assertThat(SealingKey.parse(text).id()).isEqualTo(key.id()).hasSize(16);
    assertThat(SealingKey.parse(SealingKey.generate()).id()).isNotEqualTo(key.id());
    assertThat(key).hasToString("SealingKey[" + key.id() + "]");
    assertThatThrownBy(() -> SealingKey.parse("c2hvcnQ=")).hasMessage("not 32 bytes");
    assertThatThrownBy(() -> SealingKey.parse("!")).hasMessage("not base64").hasNoCause();
  }
}
