package ai.molecule.edge.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.AddressRanges;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CallerAddressesTest {
  private static final String PROXY = "10.0.0.1";

  private static CallerAddresses hops(int hops) {
    return new CallerAddresses(AddressRanges.of(List.of("10.0.0.0/8", "fd00::/8")), hops);
  }

  private static MultiMap forwarded(String... lines) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (String line : lines) {
      headers.add("x-forwarded-for", line);
    }
    return headers;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1.2.3.4 | 1.2.3.4",
        "1 | 9.9.9.9, 1.2.3.4 | 1.2.3.4",
        "1 | 9.9.9.9,  1.2.3.4:5678 | 1.2.3.4",
        "1 | 2001:DB8::1 | 2001:db8::1",
        "1 | [2001:db8::1]:443 | 2001:db8::1",
        "1 | ::ffff:1.2.3.4 | 1.2.3.4",
        "2 | 9.9.9.9, 1.2.3.4, 10.0.0.2 | 1.2.3.4",
        "2 | 1.2.3.4, 10.0.0.2 | 1.2.3.4"
      })
  void theCallerIsAsFarFromTheRightAsThereAreProxies(int hops, String line, String caller) {
    assertThat(hops(hops).of(PROXY, forwarded(line))).isEqualTo(caller);
  }

  @Test
  void linesCountAsOneList() {
    assertThat(hops(1).of(PROXY, forwarded("9.9.9.9", "1.2.3.4"))).isEqualTo("1.2.3.4");
    assertThat(hops(2).of(PROXY, forwarded("9.9.9.9, 1.2.3.4", "10.0.0.2"))).isEqualTo("1.2.3.4");
  }

  @Test
  void whoIsNotTrustedIsTheCaller() {
    assertThat(hops(1).of("11.0.0.1", forwarded("1.2.3.4"))).isEqualTo("11.0.0.1");
    assertThat(hops(1).of(null, forwarded("1.2.3.4"))).isEmpty();
    assertThat(CallerAddresses.DIRECT.of(PROXY, forwarded("1.2.3.4"))).isEqualTo(PROXY);
    assertThat(hops(0).of(PROXY, forwarded("1.2.3.4"))).isEqualTo(PROXY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "unknown",
        "_hidden",
        "1.2.3.4/8",
        "1.2.3",
        "1",
        "0x1.2.3.4",
        "1.2.3.4.5",
        "*",
        "1.2.3.*",
        "[::1",
        "::g",
        "9.9.9.9,",
        "evil.example",
        "1.2.3.4 5.6.7.8",
        "01.2.3.4"
      })
  void whatIsNoAddressIsNotPassedOver(String line) {
    assertThat(hops(1).of(PROXY, forwarded("9.9.9.9", line))).isEqualTo(PROXY);
  }

  @Test
  void fewerEntriesThanProxiesIsTheProxyItself() {
    assertThat(hops(2).of(PROXY, forwarded("1.2.3.4"))).isEqualTo(PROXY);
    assertThat(hops(1).of(PROXY, forwarded())).isEqualTo(PROXY);
  }
}
