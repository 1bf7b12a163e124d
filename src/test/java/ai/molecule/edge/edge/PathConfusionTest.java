package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.edge.RouteTable.Match;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.proxy.UpstreamAddress;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The invariant: the route that a request is authorized by is the one that every server behind the
 * edge would find by the path it is sent, however that server reads paths. The routes of the
 * readings are found by a second, simpler model.
 */
final class PathConfusionTest {
  private static final int CASES = Integer.getInteger("edge.path-cases", 1_000_000);
  private static final long SEED = 20_260_110;
  private static final List<String> TEMPLATES =
      List.of("/up", "/up/admin", "/up/a/admin", "/admin", "/a", "/up/{org}/a");
  private static final RouteTable TABLE =
      RouteTable.of(TEMPLATES.stream().map(PathConfusionTest::route).toList());

  private static Route route(String template) {
    return new Route(
        new RouteSpec(template, RouteSpec.Audience.KEYS_ONLY, ScopeSet.of(Scope.ORGS_READ), 1),
        Set.of(),
        List.of(new UpstreamAddress("127.0.0.1", 9000)),
        1_000,
        0,
        Long.MAX_VALUE,
        new OrgSource.Nowhere());
  }

  @Test
  void theAuthorizedRouteIsTheOneThatEveryServerFinds() {
    Random random = new Random(SEED);
    List<UnaryOperator<String>> readings =
        Stream.concat(PathReadings.ONCE.stream(), PathReadings.TWICE.stream()).toList();
    List<String> confused = new ArrayList<>();
    int authorized = 0;
    int twice = 0;
    for (int i = 0; i < CASES; i++) {
      String target = PathReadings.target(random);
      String path = target.split("\\?", 2)[0];
      if (!CanonicalTarget.holds(target)
          || !(TABLE.match(HttpMethod.GET, path) instanceof Match.Found(Route route))) {
        continue;
      }
      authorized++;
      twice += path.contains("%25") ? 1 : 0;
      for (UnaryOperator<String> reading : readings) {
        String read = reading.apply(path);
        if (!expected(read).equals(route.template())
            || !expected(PathReadings.withoutParameters(read)).equals(route.template())) {
          confused.add(target + " is authorized as " + route.template() + ", read as " + read);
        }
      }
    }
    System.out.printf(
        "%,d targets, %,d authorized, %,d confused%n", CASES, authorized, confused.size());
    assertThat(confused.stream().limit(20)).isEmpty();
    assertThat(authorized).as("authorized").isGreaterThan(CASES / 20);
    assertThat(twice).as("of them with something encoded twice").isGreaterThan(CASES / 1_000);
  }

  /** By comparing segments: more of them win, then words before variables. */
  private static String expected(String path) {
    String[] segments = path.substring(1).split("/", -1);
    String best = "none";
    int bestLength = -1;
    for (String template : TEMPLATES) {
      String[] wanted = template.substring(1).split("/");
      boolean fits = wanted.length <= segments.length;
      for (int i = 0; fits && i < wanted.length; i++) {
        fits =
            wanted[i].equals(segments[i]) || (wanted[i].startsWith("{") && !segments[i].isEmpty());
      }
      boolean better =
          wanted.length > bestLength || (wanted.length == bestLength && best.contains("{"));
      if (fits && better) {
        best = template;
        bestLength = wanted.length;
      }
    }
    return best;
  }
}
