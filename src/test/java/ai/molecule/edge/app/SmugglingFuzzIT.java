package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.proxy.RawUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Mutations of requests, by a fixed seed, sent through the edge to a recording upstream. The
 * invariant: however a client writes them, the upstream sees requests that the edge knows of, each
 * with the identity of the key that paid for it — no request line out of a body, no identity but
 * ours. {@code -Dedge.fuzz-cases} makes it a long one.
 */
final class SmugglingFuzzIT {
  private static final int CASES = Integer.getInteger("edge.fuzz-cases", 400);
  private static final long SEED = 20_260_102;
  private static final String SMUGGLED = "GET /up/smuggled HTTP/1.1\r\nHost: edge\r\n\r\n";
  private static EdgeNodes nodes;
  private static RunningNode node;
  private static RawUpstream upstream;
  private static Made key;

  @BeforeAll
  static void start() {
    upstream =
        RawUpstream.start(
            (head, connection) -> {
              connection.readBody(head);
              connection.write(RawUpstream.ok("served"));
            });
    nodes =
        EdgeNodes.onSharedStores()
            .with(config -> config.withRoutes(RouteYaml.parse(RouteYaml.of("/up", upstream, ""))));
    node = nodes.start();
    key = node.create("orgs:read");
  }

  @AfterAll
  static void stop() {
    nodes.close();
    upstream.close();
  }

  @Test
  void noRequestReachesTheUpstreamThatNobodyPaidFor() {
    Random random = new Random(SEED);
    List<String> strange = new ArrayList<>();
    for (int i = 0; i < CASES; i++) {
      String request = mutated(random);
      int before = upstream.heads().size();
      play(request);
      List<RawUpstream.Head> seen = List.copyOf(upstream.heads());
      for (RawUpstream.Head head : seen.subList(before, seen.size())) {
        if (!isOurs(head)) {
          strange.add(request + "\n=> " + head);
        }
      }
    }
    assertThat(strange).isEmpty();
    assertThat(upstream.heads()).as("some get through").hasSizeGreaterThan(CASES / 20);
  }

  /** The smuggled request has no credential, so the edge cannot have let it pass as one. */
  private static boolean isOurs(RawUpstream.Head head) {
    return head.line().matches("[!-~]+ /up[!-~]* HTTP/1\\.1")
        && !head.line().contains("smuggled")
        && head.all("x-mol-key-id").equals(List.of(key.id()))
        && head.headers().stream()
            .noneMatch(header -> header.matches("(?i)x[^a-z0-9]mol[^a-z0-9].*forged"))
        && head.all("transfer-encoding").size() + head.all("content-length").size() <= 1;
  }

  private static String mutated(Random random) {
    String body = SMUGGLED;
    String head =
        "POST /up/a HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
            + key.secret()
            + "\r\n"
            + (random.nextBoolean()
                ? "Content-Length: " + body.length() + "\r\n\r\n" + body
                : "Transfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(body.length())
                    + "\r\n"
                    + body
                    + "\r\n0\r\n\r\n");
    return new RequestMutations(random).of(head);
  }

  /** Sends it, and behind it a request that ends the connection, so that no wait is needed. */
  private static void play(String request) {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(
          request
              + "GET /nowhere HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n"
              + "\r\n".repeat(8));
      connection.endOfInput();
      connection.drain();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
