package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where webhooks may lead: by their URL, and by the address that it comes to. */
class TargetsTest {
  private static Target target(String url) {
    return Target.parse(url).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/path",
        "https:///path",
        "ftp://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://user:password@a.example/",
        "https://user@a.example/",
        "https://a.example/#fragment",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example/ x",
        "https://a.example/\u00e9",
        "https://a.example/\n",
        // Addresses as some resolvers read them.
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.01/",
        "https://1.2.3/",
        "https://0/",
        "https://[::1%25lo]/",
        "https://[::1%lo]/",
        "https://a..example/",
        "https://-a.example/",
        "https://a.example./",
        "https://xn--/",
      })
  void aUrlInAnotherFormIsNone(String url) {
    assertThat(Target.parse(url)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example, true, a.example, 443, /",
    "HTTPS://A.Example:8443/x/y?z=1&t=%20, true, a.example, 8443, /x/y?z=1&t=%20",
    "http://10.0.0.1?q, false, 10.0.0.1, 80, /?q",
    "https://[2606:4700::1111]:444/x, true, 2606:4700::1111, 444, /x",
  })
  void aUrlSaysWhereItLeads(String url, boolean tls, String host, int port, String path) {
    Target target = target(url);
    assertThat(target.tls()).isEqualTo(tls);
    assertThat(target.host()).isEqualTo(host);
    assertThat(target.port()).isEqualTo(port);
    assertThat(target.pathAndQuery()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example/,           true,  true",
    "https://8.8.8.8/,             true,  true",
    "https://[2606:4700::1111]/,   true,  true",
    "http://a.example/,            false, false",
    "http://8.8.8.8/,              false, false",
    "https://10.0.0.1/,            false, false",
    "https://169.254.169.254/,     false, false",
    "https://[fd00::1]/,           false, false",
    "https://localhost/,           false, true",
    "http://localhost:8080/,       false, true",
    "http://x.localhost/,          false, true",
    "http://127.0.0.1/,            false, true",
    "https://127.8.8.8/,           false, true",
    "http://[::1]:1/,              false, true",
    "http://[::ffff:127.0.0.1]/,   false, false",
    "http://0.0.0.0/,              false, false",
    "http://[::]/,                 false, false",
  })
  void aWebhookMayHaveThatUrl(String url, boolean inPublic, boolean withLoopback) {
    assertThat(Targets.PUBLIC.allows(target(url))).as("public").isEqualTo(inPublic);
    assertThat(Targets.LOOPBACK.allows(target(url))).as("loopback").isEqualTo(withLoopback);
    assertThat(Targets.ANY.allows(target(url))).as("any").isTrue();
    assertThat(target(url).isLocal()).isEqualTo(!inPublic);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
      })
  void noPublicNameLeadsToAnAddressThatIsNotPublic(String address) throws UnknownHostException {
    InetAddress resolved = InetAddress.getByName(address);
    Target target = target("https://rebound.example/");
    assertThat(Targets.PUBLIC.allows(target, resolved)).isFalse();
    assertThat(Targets.LOOPBACK.allows(target, resolved)).isFalse();
    assertThat(Targets.ANY.allows(target, resolved)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:200::1",
        "2606:4700::1111",
        "2a00:1450::1",
      })
  void aPublicNameLeadsToThePublicInternet(String address) throws UnknownHostException {
    InetAddress resolved = InetAddress.getByName(address);
    assertThat(Targets.PUBLIC.allows(target("https://a.example/"), resolved)).isTrue();
    assertThat(Targets.LOOPBACK.allows(target("https://a.example/"), resolved)).isTrue();
  }

  @Test
  void whatSaysThatItIsHereLeadsNowhereElse() throws UnknownHostException {
    Target here = target("http://localhost/");
    assertThat(Targets.LOOPBACK.allows(here, InetAddress.getByName("127.0.0.1"))).isTrue();
    assertThat(Targets.LOOPBACK.allows(here, InetAddress.getByName("::1"))).isTrue();
    assertThat(Targets.LOOPBACK.allows(here, InetAddress.getByName("8.8.8.8"))).isFalse();
    assertThat(Targets.LOOPBACK.allows(here, InetAddress.getByName("10.0.0.1"))).isFalse();
    assertThat(Targets.PUBLIC.allows(here, InetAddress.getByName("127.0.0.1"))).isFalse();
    assertThat(Targets.PUBLIC.allows(here, InetAddress.getByName("8.8.8.8"))).isFalse();
  }
}
