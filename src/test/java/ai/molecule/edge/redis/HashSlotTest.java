package ai.molecule.edge.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashSlotTest {
  /** As the specification of Redis Cluster and a server's CLUSTER KEYSLOT say. */
  @ParameterizedTest
  @CsvSource({
    "123456789, 12739",
    "somekey, 11058",
    "foo{hash_tag}, 2515",
    "hash_tag, 2515",
    "'', 0",
  })
  void aKeyHasTheSlotThatRedisGivesIt(String key, int slot) {
    assertThat(HashSlot.of(key)).isEqualTo(slot);
  }

  @Test
  void onlyTheFirstBracesCountAndEmptyOnesDoNot() {
    assertThat(HashSlot.of("a{b}{c}")).isEqualTo(HashSlot.of("b"));
    assertThat(HashSlot.of("a{{b}}c")).isEqualTo(HashSlot.of("{b"));
    assertThat(HashSlot.of("a{}{b}")).isNotEqualTo(HashSlot.of("b"));
    assertThat(HashSlot.of("a{b")).isNotEqualTo(HashSlot.of("b"));
  }

  @Test
  void eachSlotHasAPlaceForItsTenureInItself() {
    Set<String> places = new HashSet<>();
    for (int slot = 0; slot < HashSlot.COUNT; slot++) {
      String place = HashSlot.tenurePlace(slot);
      assertThat(HashSlot.of(place)).isEqualTo(slot);
      places.add(place);
    }
    assertThat(places).hasSize(HashSlot.COUNT);
  }
}
