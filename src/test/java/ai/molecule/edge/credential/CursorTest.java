package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  @Test
  void aCursorSurvivesItsText() {
    Cursor cursor = new Cursor(Instant.parse("2026-03-04T05:06:07.123456Z"), UUID.randomUUID());
    assertThat(cursor.text()).hasSize(32).matches("[A-Za-z0-9_-]+");
    assertThat(Cursor.parse(cursor.text())).contains(cursor);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAé",
        "AAAAAAAAAAAAAAAA AAAAAAAAAAAAAAA",
      })
  void anythingElseIsNoCursor(String text) {
    assertThat(Cursor.parse(text)).isEmpty();
  }

  @Test
  void aTimeThatNoListCanHoldIsNoCursor() {
    byte[] bytes = new byte[24];
    bytes[0] = 0x7f;
    assertThat(Cursor.parse(Base64.getUrlEncoder().encodeToString(bytes))).isEmpty();
    bytes[0] = (byte) 0x80;
    assertThat(Cursor.parse(Base64.getUrlEncoder().encodeToString(bytes))).isEmpty();
  }
}
