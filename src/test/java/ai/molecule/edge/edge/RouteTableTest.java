package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {
  private static Route route(String template, HttpMethod... methods) {
    return new Route(
        new RouteSpec(template, RouteSpec.Audience.KEYS_ONLY, ScopeSet.of(Scope.ORGS_READ), 1),
        Set.of(methods),
        List.of(new UpstreamAddress("127.0.0.1", 9000)),
        1_000,
        0,
        Long.MAX_VALUE,
        new OrgSource.Nowhere());
  }

  private static String found(RouteTable table, String path) {
    return switch (table.match(HttpMethod.GET, path)) {
      case Match.Found(Route route) -> route.template();
      case Match.OtherMethods other -> "other methods";
      case Match.None none -> "none";
    };
  }

  @ParameterizedTest
  @CsvSource({
    "/v1, /v1",
    "/v1/, /v1",
    "/v1/x, /v1",
    "/v1x, none",
    "/v, none",
    "/, none",
    "/v1/search, /v1/search",
    "/v1/search/deep/down, /v1/search",
    "/v1/searching, /v1",
    "/V1, none",
    "/v1/orgs/acme/reports, /v1/orgs/{org}/reports",
    "/v1/orgs/acme/reports/7, /v1/orgs/{org}/reports",
    "/v1/orgs/acme, /v1",
    "/v1/orgs//reports, /v1",
    "/v1/orgs/all/reports, /v1/orgs/{org}/reports",
    "/v1/orgs/all/other, /v1/orgs/all",
    "//v1, none",
    "v1, none",
  })
  void theLongestPrefixOfWholeSegmentsWins(String path, String expected) {
    RouteTable table =
        RouteTable.of(
            Stream.of("/v1", "/v1/search", "/v1/orgs/{org}/reports", "/v1/orgs/all")
                .map(template -> route(template))
                .toList());
    assertThat(found(table, path)).isEqualTo(expected);
  }

  @Test
  void amongEquallyLongOnesTheWordWins() {
    RouteTable table = RouteTable.of(List.of(route("/{any}/b"), route("/a/{any}")));
    assertThat(found(table, "/a/b")).isEqualTo("/a/{any}");
    assertThat(found(table, "/x/b")).isEqualTo("/{any}/b");
  }

  @Test
  void theRootCoversEverythingButWhatTheEdgeAnswersItself() {
    RouteTable table = RouteTable.of(List.of(route("/"), route("/{any}/partner-key")));
    assertThat(found(table, "/")).isEqualTo("/");
    assertThat(found(table, "/anything/at/all")).isEqualTo("/");
    assertThat(found(table, "/cpx")).isEqualTo("/");
    assertThat(found(table, "/x/partner-key")).isEqualTo("/{any}/partner-key");
    for (String own : RouteTable.OWN) {
      assertThat(found(table, "/" + own)).isEqualTo("none");
      assertThat(found(table, "/" + own + "/")).isEqualTo("none");
      assertThat(found(table, "/" + own + "/partner-key")).isEqualTo("none");
    }
  }

  @Test
  void aPathOfARouteForOtherMethodsSaysWhichOnes() {
    RouteTable table =
        RouteTable.of(
            List.of(
                route("/a", HttpMethod.GET, HttpMethod.POST),
                route("/a", HttpMethod.PUT),
                route("/a/b")));
    assertThat(table.match(HttpMethod.DELETE, "/a/x"))
        .isEqualTo(new Match.OtherMethods(Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT)));
    assertThat(table.match(HttpMethod.valueOf("PURGE"), "/a/b")).isInstanceOf(Match.Found.class);
  }

  @Test
  void aRouteForCertainMethodsGoesBeforeTheOneForAny() {
    RouteTable table = RouteTable.of(List.of(route("/a"), route("/a", HttpMethod.POST)));
    assertThat(table.match(HttpMethod.POST, "/a"))
        .isEqualTo(new Match.Found(route("/a", HttpMethod.POST)));
    assertThat(table.match(HttpMethod.GET, "/a")).isEqualTo(new Match.Found(route("/a")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/{other}", "/a/{org}"})
  void twoRoutesForTheSameAreRefused(String template) {
    List<Route> rivals =
        List.of(
            route("/a/{org}", HttpMethod.GET), route(template, HttpMethod.POST, HttpMethod.GET));
    assertThatThrownBy(() -> RouteTable.of(rivals)).hasMessageContaining(template);
  }

  /** Against the definition, by hand: try every route. */
  @Test
  void findsWhatASearchThroughAllRoutesFinds() {
    Random random = new Random(7);
    String[] words = {"a", "b", "Aa", "BB", "{x}"};
    for (int round = 0; round < 2_000; round++) {
      List<Route> routes = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        StringBuilder template = new StringBuilder();
        for (int depth = random.nextInt(4); depth >= 0; depth--) {
          template.append('/').append(words[random.nextInt(words.length)]);
        }
        String text = template.toString();
        if (routes.stream().noneMatch(other -> other.template().equals(text))) {
          routes.add(route(text));
        }
      }
      RouteTable table = RouteTable.of(routes);
      StringBuilder path = new StringBuilder();
      for (int depth = random.nextInt(5); depth >= 0; depth--) {
        path.append('/').append(words[random.nextInt(words.length - 1)]);
      }
      assertThat(found(table, path.toString())).isEqualTo(best(routes, path.toString()));
    }
  }

  private static String best(List<Route> routes, String path) {
    String best = "none";
    for (Route route : routes) {
      if (covers(route.template(), path) && isBetter(route.template(), best)) {
        best = route.template();
      }
    }
    return best;
  }

  private static boolean covers(String template, String path) {
    String[] wanted = template.split("/");
    String[] given = path.split("/");
    if (wanted.length > given.length) {
      return false;
    }
    for (int i = 1; i < wanted.length; i++) {
      if (!wanted[i].startsWith("{") && !wanted[i].equals(given[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBetter(String template, String best) {
    if (best.equals("none")) {
      return true;
    }
    String[] one = template.split("/");
    String[] other = best.split("/");
    if (one.length != other.length) {
      return one.length > other.length;
    }
    for (int i = 1; i < one.length; i++) {
      if (one[i].startsWith("{") != other[i].startsWith("{")) {
        return other[i].startsWith("{");
      }
    }
    return false;
  }
}
