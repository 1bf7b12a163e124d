package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangesTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.2.3/8, 10.9.9.9, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 2001:db8::1, true",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::1, false",
    "10.0.0.0/8, ::ffff:10.1.1.1, true",
    "::ffff:10.0.0.0/104, 10.1.1.1, true",
    "fe80::/10, fe80::1%eth0, true",
    "10.0.0.0/8, not-an-address, false"
  })
  void anAddressIsAllowedWhenARangeHoldsIt(String range, String address, boolean allowed) {
    assertThat(AddressRanges.of(List.of(range)).allows(address)).isEqualTo(allowed);
  }

  @Test
  void noRangeAllowsAnyAddress() {
    assertThat(AddressRanges.ANYWHERE.allows("203.0.113.9")).isTrue();
    assertThat(AddressRanges.ANYWHERE.allows("2001:db8::1")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "*",
        "10.0.0.0/33",
        "10.0.0/8",
        "10.0.0.256",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "010.0.0.1",
        "0x0a.0.0.1",
        "2130706433",
        "10.0.0.1-5",
        "10.*.*.*",
        "example.com",
        "2001:db8::/129",
        "fe80::1%eth0",
        ":::",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/8/8"
      })
  void whatIsNoRangeIsRefused(String text) {
    assertThat(AddressRanges.canonical(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, 10.0.0.0/8",
    "10.1.2.3, 10.1.2.3/32",
    "2001:DB8:0::1, 2001:db8::1/128",
    "2001:db8::1/32, 2001:db8::/32"
  })
  void aRangeIsKeptInCanonicalForm(String given, String kept) {
    assertThat(AddressRanges.canonical(given)).contains(kept);
  }

  @Test
  void aNarrowerSetIsWithinAWiderOne() {
    AddressRanges wide = AddressRanges.of(List.of("10.0.0.0/8", "2001:db8::/32"));
    assertThat(AddressRanges.of(List.of("10.1.0.0/16")).isWithin(wide)).isTrue();
    assertThat(AddressRanges.of(List.of("10.1.0.0/16", "2001:db8:1::/48")).isWithin(wide)).isTrue();
    assertThat(AddressRanges.of(List.of("10.0.0.0/7")).isWithin(wide)).isFalse();
    assertThat(AddressRanges.ANYWHERE.isWithin(wide)).isFalse();
    assertThat(wide.isWithin(AddressRanges.ANYWHERE)).isTrue();
  }
}
