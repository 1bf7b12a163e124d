package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.edge.CanonicalTarget;
import ai.molecule.edge.edge.PathReadings;
import ai.molecule.edge.proxy.RawUpstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Thousands of spellings of paths and of headers, by fixed seeds, over the wire: what the edge
 * authorized is what an upstream gets, and who pays is what the edge says. The millions are in
 * {@code PathConfusionTest} and {@code HeaderPolicyTest}.
 */
final class ConfusionIT {
  private static final int TARGETS = Integer.getInteger("edge.confusion-targets", 4_000);
  private static final int SPELLINGS = Integer.getInteger("edge.confusion-spellings", 6_000);
  private static final int SPELLINGS_A_REQUEST = 30;
  private static final String SEPARATORS = "-_.!#$%&'*+^`|~";
  private static final List<String> OURS =
      List.of(
          "X-Mol-Partner-Id",
          "X-Mol-Org-Id",
          "X-Mol-Target-Org-Id",
          "X-Mol-Key-Id",
          "X-Mol-Scopes",
          "X-Mol-Anything-Else",
          "X-Forwarded-Proto",
          "X-Forwarded-Anything",
          "X-Real-IP",
          "Forwarded",
          "Proxy-Authorization");

  private static RawUpstream open;
  private static RawUpstream closed;
  private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made key;

  @BeforeAll
  static void start() {
    open = RawUpstream.withBody("open");
    closed = RawUpstream.withBody("closed");
    String routes =
        "routes: [{prefix: /up, upstream: '%s', scope: 'orgs:read'}, "
            + "{prefix: /a, upstream: '%s', scope: 'orgs:read'}, "
            + "{prefix: /up/admin, upstream: '%s', scope: 'orgs:delete'}, "
            + "{prefix: /admin, upstream: '%s', scope: 'orgs:delete'}]";
    nodes =
        EdgeNodes.onSharedStores()
            .with(
                config ->
                    config.withRoutes(
                        RouteYaml.parse(
                            routes.formatted(open.url(), open.url(), closed.url(), closed.url()))));
    node = nodes.start();
    key = node.create("orgs:read");
  }

  @AfterAll
  static void stop() {
    nodes.close();
    open.close();
    closed.close();
  }

  @Test
  void whatIsServedWentUpstreamAsItWasSentAndNothingElseDid() throws IOException {
    Random random = new Random(20_260_111);
    int before = open.heads().size();
    List<String> served = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < TARGETS; i++) {
      String target = PathReadings.target(random);
      try (RawConnection connection = new RawConnection(node)) {
        connection.send(
            "GET "
                + target
                + " HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
                + key.secret()
                + "\r\nConnection: close\r\n\r\n");
        String answer = connection.untilClosed();
        if (answer.startsWith("HTTP/1.1 200 ")) {
          served.add("GET " + target + " HTTP/1.1");
        }
        boolean mayBe = CanonicalTarget.holds(target);
        if (mayBe == answer.matches("(?s)HTTP/1\\.[01] 400 .*")) {
          wrong.add(target + ": " + answer);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(served).hasSizeGreaterThan(TARGETS / 50);
    List<RawUpstream.Head> heads = open.heads();
    assertThat(heads.subList(before, heads.size()))
        .extracting(RawUpstream.Head::line)
        .isEqualTo(served);
    assertThat(closed.connections()).as("of the service that the key has no scope for").isZero();
  }

  @Test
  void noSpellingOfAnIdentityIsTakenForOurs() throws IOException {
    Random random = new Random(20_260_112);
    int from = open.heads().size();
    int requests = SPELLINGS / SPELLINGS_A_REQUEST;
    try (RawConnection connection = new RawConnection(node)) {
      for (int i = 0; i < requests; i++) {
        StringBuilder request = new StringBuilder("GET /up HTTP/1.1\r\nHost: edge\r\n");
        for (int n = 0; n < SPELLINGS_A_REQUEST; n++) {
          request.append(spelled(random)).append(": forged\r\n");
        }
        request.append("Connection: ").append(OURS.get(random.nextInt(OURS.size())));
        connection.send(request + "\r\nAuthorization: Bearer " + key.secret() + "\r\n\r\n");
        assertThat(connection.answer()).startsWith("HTTP/1.1 200 ");
      }
    }
    List<RawUpstream.Head> heads = List.copyOf(open.heads()).subList(from, from + requests);
    assertThat(open.heads()).hasSize(from + requests);
    for (RawUpstream.Head head : heads) {
      assertThat(head.headers()).noneMatch(header -> header.contains("forged"));
      assertThat(head.names().stream().map(ConfusionIT::plain).filter(it -> it.startsWith("x-mol")))
          .containsExactlyInAnyOrder("x-mol-partner-id", "x-mol-key-id", "x-mol-scopes");
      assertThat(head.one("x-mol-key-id")).isEqualTo(key.id());
      assertThat(head.one("x-mol-partner-id")).isEqualTo("acme");
      assertThat(head.one("x-mol-scopes")).isEqualTo("orgs:read");
    }
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "-");
  }

  private static String spelled(Random random) {
    StringBuilder spelled = new StringBuilder();
    for (char c : OURS.get(random.nextInt(OURS.size())).toCharArray()) {
      if (c == '-') {
        spelled.append(SEPARATORS.charAt(random.nextInt(SEPARATORS.length())));
      } else {
        spelled.append(random.nextBoolean() ? Character.toUpperCase(c) : Character.toLowerCase(c));
      }
    }
    return spelled.toString();
  }
}
