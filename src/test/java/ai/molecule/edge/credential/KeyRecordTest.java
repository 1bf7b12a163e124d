package ai.molecule.edge.credential;

import static ai.molecule.edge.credential.KeyRecords.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class KeyRecordTest {
  private final KeyRecord active = KeyRecords.active(new KeyHash(1, 2, 3, 4), new Limit(60, 60));

  @Test
  void aRecordSurvivesTheTripThroughRedis() {
    KeyRecord complete = KeyRecords.complete();
    assertThat(KeyRecordCodec.decode(complete.hash(), KeyRecordCodec.encode(complete)))
        .isEqualTo(complete);
    assertThat(KeyRecordCodec.decode(active.hash(), KeyRecordCodec.encode(active)))
        .isEqualTo(active);
  }

  @Test
  void bytesThatAreNoRecordAreRefused() {
    assertThatThrownBy(() -> KeyRecordCodec.decode(active.hash(), Buffer.buffer("short")))
        .isInstanceOf(RuntimeException.class);
    Buffer cut = KeyRecordCodec.encode(active);
    assertThatThrownBy(() -> KeyRecordCodec.decode(active.hash(), cut.slice(0, cut.length() - 1)))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void membersOfALaterVersionAreIgnored() {
    Buffer encoded = KeyRecordCodec.encode(active);
    String text = encoded.getString(34, encoded.length());
    Buffer later = encoded.slice(0, 34).copy().appendString("{\"later\":[1]," + text.substring(1));
    assertThat(KeyRecordCodec.decode(active.hash(), later)).isEqualTo(active);
  }

  @Test
  void aKeyExpiresAtItsMomentAndNotBefore() {
    KeyRecord key = KeyRecords.expiring(active, T0.plusSeconds(10));
    assertThat(key.stateAt(T0.plusSeconds(10).minusNanos(1))).isEqualTo(KeyState.ACTIVE);
    assertThat(key.stateAt(T0.plusSeconds(10))).isEqualTo(KeyState.EXPIRED);
    assertThat(key.statusAt(T0.plusSeconds(10))).isEqualTo("expired");
  }

  @Test
  void aRotatedKeyWorksInItsGracePeriodAndNotAfter() {
    KeyRecord key = KeyRecords.inGrace(active, T0.plusSeconds(10));
    assertThat(key.statusAt(T0)).isEqualTo("grace");
    assertThat(key.stateAt(T0)).isEqualTo(KeyState.ACTIVE);
    assertThat(key.stateAt(T0.plusSeconds(10))).isEqualTo(KeyState.ROTATED);
    assertThat(key.endsWithGrace()).isTrue();
  }

  @Test
  void revocationOutranksEverything() {
    KeyRecord key = KeyRecords.revoked(KeyRecords.expiring(KeyRecords.inGrace(active, T0), T0));
    assertThat(key.stateAt(T0.plusSeconds(60))).isEqualTo(KeyState.REVOKED);
  }

  @Test
  void theEarlierOfExpiryAndGraceEndsTheKey() {
    KeyRecord key =
        KeyRecords.expiring(KeyRecords.inGrace(active, T0.plusSeconds(20)), T0.plusSeconds(10));
    assertThat(key.notAfter()).isEqualTo(T0.plusSeconds(10));
    assertThat(key.endsWithGrace()).isFalse();
  }
}
