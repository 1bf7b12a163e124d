package ai.molecule.edge.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.RouteSpec;
import ai.molecule.edge.proxy.UpstreamAddress;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteFileTest {
  private static RouteTable parse(String yaml) throws RouteFile.Refused {
    return RouteFile.parse(yaml.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theShippedFileHasNoRoutesAndItsExampleHasTwo() throws IOException, RouteFile.Refused {
    String shipped =
        new String(RouteFile.read(Path.of("conf/routes.yaml")), StandardCharsets.UTF_8);
    assertThat(parse(shipped).routes()).isEmpty();

    String example =
        String.join(
            "\n", shipped.lines().filter(line -> line.matches("#(routes:| {2,}.*)")).toList());
    assertThat(parse(example.replaceAll("(?m)^#", "")).routes())
        .extracting(Route::template)
        .containsExactly("/v1/search", "/v1/orgs/{org}/reports");
  }

  @Test
  void aRouteNeedsNoMoreThanPrefixUpstreamAndScope() throws RouteFile.Refused {
    assertThat(
            parse("routes: [{prefix: /a/b/, upstream: 'http://h:90', scope: 'orgs:read'}]")
                .routes())
        .containsExactly(
            new Route(
                new RouteSpec(
                    "/a/b", RouteSpec.Audience.KEYS_ONLY, ScopeSet.of(Scope.ORGS_READ), 1),
                Set.of(),
                List.of(new UpstreamAddress("h", 90)),
                30_000,
                1,
                Long.MAX_VALUE,
                new OrgSource.Nowhere()));
  }

  @Test
  void everyKeyIsRead() throws RouteFile.Refused {
    assertThat(
            parse(
                    """
                    routes:
                      - template: /a/{org}/{id}
                        upstreams: [http://h, "http://[::1]:81/"]
                        scope: orgs:manage
                        cost: 7
                        methods: [GET, PURGE]
                        timeout_ms: 250
                        retries: 0
                        body_max_bytes: 10
                        org: path
                        plans: [pro]
                      - prefix: /b
                        upstream: http://h
                        scope: orgs:read
                        org: host
                        host: "{org}.example.com"
                      - prefix: /c
                        upstream: http://h
                        scope: orgs:read
                        plans: [free]
                    """)
                .routes())
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .isEqualTo(
                        new Route(
                            new RouteSpec(
                                "/a/{org}/{id}",
                                RouteSpec.Audience.KEYS_ONLY,
                                ScopeSet.of(Scope.ORGS_MANAGE),
                                7),
                            Set.of(HttpMethod.GET, HttpMethod.valueOf("PURGE")),
                            List.of(new UpstreamAddress("h", 80), new UpstreamAddress("::1", 81)),
                            250,
                            0,
                            10,
                            new OrgSource.Path(1, Set.of("pro")))),
            second ->
                assertThat(second.org()).isEqualTo(new OrgSource.Host(".example.com", Set.of())),
            third -> assertThat(third.org()).isEqualTo(new OrgSource.OfKey(Set.of("free"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "routes: []", "# nothing", "{}"})
  void aFileMayHaveNoRoutes(String yaml) throws RouteFile.Refused {
    assertThat(parse(yaml).routes()).isEmpty();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /scope     | {prefix: /a, upstream: "http://h"}
          /scope     | {prefix: /a, upstream: "http://h", scope: }
          /scope     | {prefix: /a, upstream: "http://h", scope: ""}
          /scope     | {prefix: /a, upstream: "http://h", scope: "orgs:fly"}
          /scope     | {prefix: /a, upstream: "http://h", scope: ["orgs:read"]}
          /prefix    | {upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: a, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: 5, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: //a, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /a/../b, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /a/., upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /a%62, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: "/a;b", upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: "/a?b", upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: "/{org}", upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /cp, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /cp/x, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /registry, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /workspaces/x, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /console, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /authz, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /docs/, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /openapi.yaml, upstream: "http://h", scope: "orgs:read"}
          /prefix    | {prefix: /a, template: /b, upstream: "http://h", scope: "orgs:read"}
          /template  | {template: "/{a}/{a}", upstream: "http://h", scope: "orgs:read"}
          /template  | {template: "/x{a}", upstream: "http://h", scope: "orgs:read"}
          /template  | {template: "/cp/{a}", upstream: "http://h", scope: "orgs:read"}
          /upstream  | {prefix: /a, scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "h:80", scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "https://h", scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "http://h/x", scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "http://u:p@h", scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "http://h:0", scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "http://h:65536", scope: "orgs:read"}
          /upstream  | {prefix: /a, upstream: "http://h?x", scope: "orgs:read"}
          /upstreams | {prefix: /a, upstreams: [], scope: "orgs:read"}
          /upstreams | {prefix: /a, upstreams: "http://h", scope: "orgs:read"}
          /upstreams/1 | {prefix: /a, upstreams: ["http://h", "http://h:80"], scope: "orgs:read"}
          /upstreams | {prefix: /a, upstream: "http://h", upstreams: ["http://g"], scope: "orgs:read"}
          /cost      | {prefix: /a, upstream: "http://h", scope: "orgs:read", cost: 0}
          /cost      | {prefix: /a, upstream: "http://h", scope: "orgs:read", cost: 1000001}
          /cost      | {prefix: /a, upstream: "http://h", scope: "orgs:read", cost: 1.5}
          /cost      | {prefix: /a, upstream: "http://h", scope: "orgs:read", cost: "1"}
          /cost      | {prefix: /a, upstream: "http://h", scope: "orgs:read", cost: }
          /timeout_ms | {prefix: /a, upstream: "http://h", scope: "orgs:read", timeout_ms: 0}
          /retries   | {prefix: /a, upstream: "http://h", scope: "orgs:read", retries: 6}
          /body_max_bytes | {prefix: /a, upstream: "http://h", scope: "orgs:read", body_max_bytes: -1}
          /methods   | {prefix: /a, upstream: "http://h", scope: "orgs:read", methods: []}
          /methods   | {prefix: /a, upstream: "http://h", scope: "orgs:read", methods: GET}
          /methods/0 | {prefix: /a, upstream: "http://h", scope: "orgs:read", methods: [get]}
          /methods/1 | {prefix: /a, upstream: "http://h", scope: "orgs:read", methods: [GET, CONNECT]}
          /methods/0 | {prefix: /a, upstream: "http://h", scope: "orgs:read", methods: [TRACE]}
          /methods/1 | {prefix: /a, upstream: "http://h", scope: "orgs:read", methods: [GET, GET]}
          /org       | {prefix: /a, upstream: "http://h", scope: "orgs:read", org: path}
          /org       | {template: "/{o}", upstream: "http://h", scope: "orgs:read", org: path}
          /org       | {prefix: /a, upstream: "http://h", scope: "orgs:read", org: key}
          /host      | {prefix: /a, upstream: "http://h", scope: "orgs:read", org: host}
          /host      | {prefix: /a, upstream: "http://h", scope: "orgs:read", org: host, host: "x.com"}
          /host      | {prefix: /a, upstream: "http://h", scope: "orgs:read", host: "{org}.x.com"}
          /plans/0   | {prefix: /a, upstream: "http://h", scope: "orgs:read", plans: [gold]}
          /plans     | {prefix: /a, upstream: "http://h", scope: "orgs:read", plans: []}
          /costs     | {prefix: /a, upstream: "http://h", scope: "orgs:read", costs: 1}
          ``         | nothing
          ``         | [1]
          """)
  void aFaultIsNamedByItsPointer(String pointer, String route) {
    RouteFile.Refused refused =
        catchThrowableOfType(
            RouteFile.Refused.class,
            () ->
                parse(
                    "routes:\n  - {prefix: /fine, upstream: 'http://h', scope: 'orgs:read'}\n  - "
                        + route));
    assertThat(refused).isNotNull();
    assertThat(refused.faults())
        .extracting(RouteFile.Fault::pointer)
        .containsOnly("#/routes/1" + pointer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `#` | - a
          `#` | routes: [
          `#` | {routes: [], routes: []}
          `#/route` | {route: []}
          `#/a~1b` | {a/b: 1}
          `#/routes` | routes: {a: 1}
          `#/routes` | routes: no
          """)
  void soIsAFaultOfTheWholeFile(String pointer, String yaml) {
    RouteFile.Refused refused = catchThrowableOfType(RouteFile.Refused.class, () -> parse(yaml));
    assertThat(refused).isNotNull();
    assertThat(refused.faults()).extracting(RouteFile.Fault::pointer).containsExactly(pointer);
  }

  @Test
  void twoRoutesForTheSamePathsAreRefused() {
    String route = "{prefix: /a, upstream: 'http://h', scope: 'orgs:read'}";
    RouteFile.Refused refused =
        catchThrowableOfType(
            RouteFile.Refused.class, () -> parse("routes: [" + route + ", " + route + "]"));
    assertThat(refused.faults()).extracting(RouteFile.Fault::pointer).containsExactly("#/routes/1");
  }

  @Test
  void everyFaultIsNamedAtOnce() {
    RouteFile.Refused refused =
        catchThrowableOfType(
            RouteFile.Refused.class,
            () -> parse("routes: [{prefix: /a, cost: 0}, {prefix: /b, upstream: x, scope: y}]"));
    assertThat(refused.faults())
        .extracting(RouteFile.Fault::pointer)
        .containsExactly(
            "#/routes/0/upstream",
            "#/routes/0/scope",
            "#/routes/0/cost",
            "#/routes/1/upstream",
            "#/routes/1/scope");
  }
}
