package ai.molecule.edge.credential;

import static ai.molecule.edge.credential.KeyRecords.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyRecordTest {
  private static final int HEADER_BYTES = 34;

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
  void anExpiryInTheLastYearThereIsSurvivesItTooAndGraceEndsSooner() {
    Instant last = Instant.parse("9999-12-31T23:59:59.999Z");
    KeyRecord lasting = KeyRecords.expiring(active, last);
    assertThat(KeyRecordCodec.decode(lasting.hash(), KeyRecordCodec.encode(lasting)))
        .isEqualTo(lasting);
    assertThat(lasting.notAfter()).isNull();
    assertThat(lasting.stateAt(last.minusMillis(1))).isEqualTo(KeyState.ACTIVE);
    assertThat(lasting.stateAt(last)).isEqualTo(KeyState.EXPIRED);
    KeyRecord leaving = KeyRecords.inGrace(lasting, T0.plusSeconds(60));
    assertThat(leaving.notAfter()).isEqualTo(T0.plusSeconds(60));
    assertThat(leaving.endsWithGrace()).isTrue();
  }

  @Test
  void bytesThatAreNoRecordAreRefused() {
    assertThatThrownBy(() -> KeyRecordCodec.decode(active.hash(), Buffer.buffer("short")))
        .isInstanceOf(RuntimeException.class);
    for (KeyRecord whole : List.of(active, KeyRecords.complete())) {
      Buffer encoded = KeyRecordCodec.encode(whole);
      for (int cut = 0; cut < encoded.length(); cut++) {
        Buffer rest = encoded.slice(0, cut);
        assertThatThrownBy(() -> KeyRecordCodec.decode(whole.hash(), rest))
            .as("%d of %d bytes", cut, encoded.length())
            .isInstanceOf(RuntimeException.class);
      }
    }
  }

  @Test
  void aRecordIsWrittenAsItsFormatSays() {
    Buffer expected = payload("\2\5first\3\4acme\32\4AAAA");
    Buffer encoded = KeyRecordCodec.encode(active);
    assertThat(encoded.slice(HEADER_BYTES, encoded.length())).isEqualTo(expected);
  }

  @Test
  void aPrefixAndAnEnvironmentThatAreSpelledOutAreReadToo() {
    Buffer spelled = payload("\2\5first\3\4acme\4\4live\5\20mol_pk_live_AAAA");
    Buffer record = KeyRecordCodec.encode(active).slice(0, HEADER_BYTES).copy();
    assertThat(KeyRecordCodec.decode(active.hash(), record.appendBuffer(spelled)))
        .isEqualTo(active);
  }

  /** The payload of {@link #active}, with its own id before and its other fields behind. */
  private static Buffer payload(String fields) {
    return Buffer.buffer(new byte[] {1, 1, 16})
        .appendLong(1)
        .appendLong(2)
        .appendString(fields)
        .appendString("\6\4HjmP\10\5admin")
        .appendBytes(new byte[] {9, 12})
        .appendLong(T0.getEpochSecond())
        .appendInt(6_000_000);
  }

  @Test
  void aTextMayBeAsLongAsItIs() {
    for (int length : new int[] {0, 1, 127, 128, 129, 16_383, 16_384}) {
      KeyDraft draft = KeyDraft.of(active);
      draft.name = "x".repeat(length);
      KeyRecord key = draft.record();
      assertThat(KeyRecordCodec.decode(key.hash(), KeyRecordCodec.encode(key))).isEqualTo(key);
    }
  }

  @Test
  void fieldsOfALaterVersionAreIgnored() {
    Buffer later =
        KeyRecordCodec.encode(active)
            .appendBytes(new byte[] {27, 3, 7, 7, 7})
            .appendBytes(new byte[] {(byte) 255, 0});
    assertThat(KeyRecordCodec.decode(active.hash(), later)).isEqualTo(active);
  }

  @Test
  void aRecordInJsonOfAnEarlierVersionIsRead() {
    String json =
        """
        {"later":[1],"id":"00000000-0000-0001-0000-000000000002","name":"first","partner":"acme",
         "env":"live","prefix":"mol_pk_live_AAAA","last4":"HjmP",
         "lineage":"00000000-0000-0001-0000-000000000002","by":"admin","created":"%s",
         "description":"as it was","meta":{"a":"b"},"ip":["192.0.2.0/24"]}
        """
            .formatted(T0);
    Buffer earlier = KeyRecordCodec.encode(active).slice(0, HEADER_BYTES).copy().appendString(json);
    KeyRecord read = KeyRecordCodec.decode(active.hash(), earlier);
    assertThat(read.description()).isEqualTo("as it was");
    assertThat(read.metadata()).isEqualTo(Map.of("a", "b"));
    assertThat(read.ipAllow().cidrs()).containsExactly("192.0.2.0/24");
    String plain = json.replaceAll("\"description\".*", "\"org\":null}");
    earlier = KeyRecordCodec.encode(active).slice(0, HEADER_BYTES).copy().appendString(plain);
    assertThat(KeyRecordCodec.decode(active.hash(), earlier)).isEqualTo(active);
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
