package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.Corpus.Case;
import ai.molecule.edge.app.Corpus.Expected;
import ai.molecule.edge.app.Corpus.Spelling;
import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The corpus against a whole node over HTTP/1. Behind every request that is refused, in the same
 * write, comes one that revokes a key: it must never have happened. Behind every other comes one
 * that must be answered, so that both sides agree where the requests end.
 */
final class FrontFilterIT {
  private static final int CASES_MIN = 250;

  private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made key;

  /** The key that nobody may revoke, by the case that tries. */
  private static final Map<String, Made> spared = new ConcurrentHashMap<>();

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    node = nodes.start();
    key = node.create();
  }

  @AfterAll
  static void stop() {
    List<String> revoked =
        spared.entrySet().stream()
            .filter(spare -> node.status(spare.getValue()) != 200)
            .map(Map.Entry::getKey)
            .toList();
    assertThat(revoked).as("what let the request behind it happen").isEmpty();
    nodes.close();
  }

  @Test
  void theCorpusIsAsLargeAsPromised() {
    int cases =
        Corpus.targets().size()
            + Corpus.hosts().size()
            + Corpus.framing().size()
            + Corpus.heads().size();
    assertThat(cases).isGreaterThan(CASES_MIN);
  }

  @TestFactory
  Stream<DynamicTest> targets() {
    return Corpus.targets().stream()
        .map(target -> test(target, "GET " + target.text() + " HTTP/1.1\r\nHost: edge\r\n"));
  }

  @TestFactory
  Stream<DynamicTest> hosts() {
    return Corpus.hosts().stream()
        .map(host -> test(host, "GET /cp/partner-key HTTP/1.1\r\nHost: " + host.text() + "\r\n"));
  }

  @TestFactory
  Stream<DynamicTest> framing() {
    return Corpus.framing().stream().map(FrontFilterIT::test);
  }

  @TestFactory
  Stream<DynamicTest> heads() {
    return Corpus.heads().stream().map(FrontFilterIT::test);
  }

  /**
   * Every refused request of the corpus, sent to a route instead, with a good request for that
   * route behind it in the same write.
   */
  @Test
  void notAByteOfWhatIsRefusedReachesAnUpstream() throws IOException {
    List<String> refused =
        Stream.of(
                Corpus.targets().stream()
                    .filter(Spelling::isRefused)
                    .map(target -> head("GET " + target.text(), "edge")),
                Corpus.hosts().stream()
                    .filter(Spelling::isRefused)
                    .map(host -> head("GET /up", host.text())),
                Stream.concat(Corpus.framing().stream(), Corpus.heads().stream())
                    .filter(one -> one.answers().size() == 1 && isRefusal(one.answers().getFirst()))
                    .map(Case::send))
            .flatMap(requests -> requests)
            .map(request -> request.replaceAll("/cp/(admin/partner-keys|partner-key)", "/up"))
            .map(request -> request.replaceAll("\\$\\{(KEY|ADMIN)}", key.secret()))
            .toList();
    assertThat(refused).hasSizeGreaterThan(200);
    try (RawUpstream upstream = RawUpstream.withBody("served")) {
      RunningNode routed = routed(upstream);
      for (String request : refused) {
        try (RawConnection connection = new RawConnection(routed)) {
          connection.send(request + good("/up/behind"));
          assertThat(connection.answer()).matches("(?s)HTTP/1\\.[01] 4.*");
          assertThat(connection.isClosedByTheEdge()).as(request).isTrue();
        }
      }
      assertThat(upstream.connections()).isZero();
      assertThat(upstream.bytesRead()).isZero();
    }
  }

  private static boolean isRefusal(Expected answer) {
    return answer.closed() && (answer.status() == 400 || answer.status() == 405);
  }

  @Test
  void aTargetThatPassesReachesTheUpstreamAsItWasSent() throws IOException {
    try (RawUpstream upstream = RawUpstream.withBody("served")) {
      RunningNode routed = routed(upstream);
      for (Spelling target : Corpus.targets()) {
        if (target.status() == 404) {
          try (RawConnection connection = new RawConnection(routed)) {
            connection.send(good(target.text()));
            assertThat(connection.answer()).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.heads().getLast().line())
                .isEqualTo("GET " + target.text() + " HTTP/1.1");
          }
        }
      }
    }
  }

  /** A node that sends everything but its own paths to {@code upstream}. */
  private static RunningNode routed(RawUpstream upstream) {
    return nodes
        .with(config -> config.withRoutes(RouteYaml.parse(RouteYaml.of("/", upstream, ""))))
        .start();
  }

  private static String head(String line, String host) {
    return line + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer ${KEY}\r\n\r\n";
  }

  private static String good(String target) {
    return head("GET " + target, "edge").replace("${KEY}", key.secret());
  }

  private static DynamicTest test(Spelling spelling, String head) {
    String code = spelling.isRefused() ? "bad_request" : "";
    return test(
        new Case(
            spelling.family() + " " + printable(spelling.text()),
            head + "Authorization: Bearer ${KEY}\r\n\r\n",
            List.of(new Expected(spelling.status(), code, spelling.isRefused()))));
  }

  private static String printable(String text) {
    return new JsonObject().put("it", text).encode();
  }

  private static DynamicTest test(Case one) {
    return DynamicTest.dynamicTest(one.name(), () -> play(one));
  }

  private static void play(Case one) throws IOException {
    String request =
        one.send().replace("${KEY}", key.secret()).replace("${ADMIN}", EdgeNodes.ADMIN);
    // Only who may speak an older version is answered in it.
    String version = one.send().contains(" HTTP/1.0\r\n") ? "1\\.[01]" : "1\\.1";
    try (RawConnection connection = new RawConnection(node)) {
      String last =
          one.ends()
              ? own("DELETE", spared.computeIfAbsent(one.name(), name -> node.create()))
              : own("GET", key);
      connection.send(request + last);
      for (Expected expected : one.answers()) {
        if (expected.status() > 0) {
          assertAnswer(connection.answer(), version, expected);
        }
      }
      if (one.ends()) {
        assertThat(connection.isClosedByTheEdge()).as("closed, and nothing more said").isTrue();
      } else {
        assertThat(connection.answer()).startsWith("HTTP/1.1 200 ").contains(key.id());
      }
    }
  }

  private static String own(String method, Made key) {
    return method
        + " /cp/partner-key HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
        + key.secret()
        + "\r\n\r\n";
  }

  private static void assertAnswer(String answer, String version, Expected expected) {
    assertThat(answer).matches("(?s)HTTP/" + version + " " + expected.status() + " .*");
    assertThat(answer).containsIgnoringCase("\r\nx-request-id: ");
    if (!expected.code().isEmpty()) {
      JsonObject problem = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
      assertThat(problem.getString("code")).isEqualTo(expected.code());
    }
    if (expected.status() >= 400 && expected.closed()) {
      assertThat(answer).containsIgnoringCase("\r\nconnection: close\r\n");
    }
  }
}
