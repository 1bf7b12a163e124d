package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code /authz} tells another gateway. */
final class AuthzIT {
  private static final String ROUTES =
      """
      routes:
        - {prefix: /v1, upstream: 'http://127.0.0.1:9', scope: 'orgs:read'}
        - {prefix: /v1/admin, upstream: 'http://127.0.0.1:9', scope: 'admin:keys'}
        - {prefix: /v1/dear, upstream: 'http://127.0.0.1:9', scope: 'orgs:read', cost: 5}
        - {prefix: /posts, upstream: 'http://127.0.0.1:9', scope: 'orgs:read', methods: [POST]}
        - {template: '/o/{org}', upstream: 'http://127.0.0.1:9', scope: 'orgs:read', org: path}
      """;

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode node;
  private static Made key;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().with(config -> config.withRoutes(RouteYaml.parse(ROUTES)));
    node = nodes.start();
    key = node.create("orgs:read", "billing:read");
  }

  /** The answer to those lines and the credential of {@code key}. */
  private static String askAs(String secret, String line, String... headers) throws IOException {
    try (RawConnection connection = new RawConnection(node)) {
      connection.send(
          line
              + " HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer "
              + secret
              + "\r\n"
              + String.join("", Arrays.stream(headers).map(h -> h + "\r\n").toList())
              + "\r\n");
      return connection.answer();
    }
  }

  private static String ask(String line, String... headers) throws IOException {
    return askAs(key.secret(), line, headers);
  }

  private static String[] forwarded(String method, String uri) {
    return new String[] {"X-Forwarded-Method: " + method, "X-Forwarded-Uri: " + uri};
  }

  private static void assertRefused(String answer, int status, String code) {
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    JsonObject problem = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("\r\nx-mol-");
  }

  private static void assertUnclear(String answer) {
    assertRefused(answer, 403, "authz_unclear");
  }

  @Nested
  class Returns200 {
    private void assertAllowed(String answer) {
      assertThat(answer).startsWith("HTTP/1.1 200 ");
      assertThat(answer.toLowerCase(Locale.ROOT))
          .contains("\r\nx-mol-partner-id: acme\r\n")
          .contains("\r\nx-mol-key-id: " + key.id() + "\r\n")
          .contains("\r\nx-mol-scopes: orgs:read billing:read\r\n")
          .contains("\r\nratelimit-policy: ")
          .contains("\r\nratelimit: ")
          .contains("\r\ncache-control: no-store\r\n")
          .doesNotContain("x-mol-org-id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
    void forAScopeThatTheKeyHasWhateverTheMethod(String method) throws IOException {
      assertAllowed(ask(method + " /authz?scope=billing:read"));
      assertAllowed(ask(method + " /authz?scope=billing%3Aread"));
    }

    @Test
    void forARequestThatARouteCovers() throws IOException {
      assertAllowed(ask("GET /authz", forwarded("GET", "/v1/things?x=1")));
      assertAllowed(ask("HEAD /authz", forwarded("POST", "/posts")));
      assertAllowed(ask("GET /authz", "X-Original-Method: GET", "X-Original-URI: /v1/things?x=1"));
      assertAllowed(ask("GET /authz", "X-Original-Method: GET", "X-Original-URL: /v1"));
    }

    @Test
    void forTheCallItselfBelowAuthz() throws IOException {
      assertAllowed(ask("DELETE /authz/v1/things?x=1"));
      assertAllowed(ask("GET /authz/v1/things", forwarded("GET", "/v1/things")));
    }

    @Test
    void withABodyThatNobodyReads() throws IOException {
      try (RawConnection connection = new RawConnection(node)) {
        for (int i = 0; i < 2; i++) {
          connection.send(
              "POST /authz?scope=orgs:read HTTP/1.1\r\nHost: edge\r\nContent-Length: 5\r\n"
                  + "Authorization: Bearer "
                  + key.secret()
                  + "\r\n\r\nhello");
          assertAllowed(connection.answer());
        }
      }
    }

    @Test
    void forEachTokenOfTheRoutesCostAndNoMore() throws IOException {
      Made limited =
          node.create(RunningNode.body("orgs:read").put("rate_limit", 1).put("burst", 7));
      assertThat(askAs(limited.secret(), "GET /authz", forwarded("GET", "/v1/dear")))
          .startsWith("HTTP/1.1 200 ")
          .containsIgnoringCase("\r\nratelimit: \"key\";r=2;");
      assertRefused(
          askAs(limited.secret(), "GET /authz", forwarded("GET", "/v1/dear")), 429, "rate_limited");
      for (int i = 0; i < 2; i++) {
        assertThat(askAs(limited.secret(), "GET /authz?scope=orgs:read"))
            .startsWith("HTTP/1.1 200 ");
      }
      assertRefused(askAs(limited.secret(), "GET /authz?scope=orgs:read"), 429, "rate_limited");
    }
  }

  @Nested
  class Returns401 {
    @Test
    void withoutAGoodCredential() throws IOException {
      assertRefused(askAs("x", "GET /authz?scope=orgs:read"), 401, "credential_malformed");
      Made gone = node.create("orgs:read");
      node.revoke(gone);
      assertRefused(askAs(gone.secret(), "GET /authz?scope=orgs:read"), 401, "key_revoked");
    }

    @Test
    void alsoWhereTheQuestionIsUnclear() throws IOException {
      Made gone = node.create("orgs:read");
      node.revoke(gone);
      for (String line : List.of("GET /authz", "GET /authz?scope=", "GET /authz/nowhere")) {
        assertRefused(askAs("x", line), 401, "credential_malformed");
        assertRefused(askAs(gone.secret(), line), 401, "key_revoked");
      }
      assertRefused(
          askAs(gone.secret(), "GET /authz", forwarded("GET", "/v1/../x")), 401, "key_revoked");
    }
  }

  @Nested
  class Returns403 {
    @Test
    void withoutTheScope() throws IOException {
      assertRefused(ask("GET /authz?scope=admin:keys"), 403, "insufficient_scope");
      assertRefused(ask("GET /authz", forwarded("GET", "/v1/admin/x")), 403, "insufficient_scope");
      assertRefused(
          askAs(EdgeNodes.ADMIN, "GET /authz?scope=orgs:read"), 403, "insufficient_scope");
    }

    @Test
    void whenHeadersDisagree() throws IOException {
      String[] good = forwarded("GET", "/v1/things");
      assertUnclear(ask("GET /authz", good[0], good[1], "X-Original-URI: /v1/other"));
      assertUnclear(ask("GET /authz", good[0], good[1], "X-Original-URL: /v1/other"));
      assertUnclear(ask("GET /authz", good[0], good[1], "X-Original-Method: POST"));
      assertUnclear(ask("GET /authz", good[0], good[1], "X-Forwarded-Uri: /v1/other"));
      assertUnclear(ask("GET /authz", good[0], good[1], "x-forwarded-method: get"));
      assertUnclear(ask("GET /authz?scope=orgs:read", good[0], good[1], "X-Original-URI: /"));
      assertUnclear(ask("GET /authz/v1/other", good));
      assertUnclear(ask("POST /authz/v1/things", good));
      assertUnclear(
          ask("GET /authz", good[0], good[1], "X-Forwarded-Host: a", "X-Original-Host: b"));
    }

    @Test
    void withTheLimitOfWhoAskedAndAtNoCost() throws IOException {
      Made limited = node.createLimited(1, 1);
      for (int asked = 0; asked < 3; asked++) {
        String answer = askAs(limited.secret(), "GET /authz");
        assertUnclear(answer);
        assertThat(answer).contains("\r\nRateLimit: \"key\";r=1;t=0\r\n");
      }
    }

    @Test
    void whenNothingOrTooLittleIsSaid() throws IOException {
      assertUnclear(ask("GET /authz"));
      assertUnclear(ask("GET /authz", "X-Forwarded-Uri: /v1/things"));
      assertUnclear(ask("GET /authz", "X-Forwarded-Method: GET"));
      assertUnclear(ask("GET /authz", "X-Forwarded-Method: GET", "X-Forwarded-Uri:"));
    }

    @Test
    void whenNoRouteCoversIt() throws IOException {
      assertUnclear(ask("GET /authz", forwarded("GET", "/nowhere")));
      assertUnclear(ask("GET /authz", forwarded("GET", "/v10")));
      assertUnclear(ask("GET /authz", forwarded("GET", "/cp/partner-key")));
      assertUnclear(ask("GET /authz", forwarded("GET", "/posts")));
      assertUnclear(ask("GET /authz", forwarded("post", "/posts")));
      assertUnclear(ask("GET /authz/"));
    }

    /** A server that takes parameters off would serve the admin's part. */
    @ParameterizedTest
    @CsvSource({"/v1/admin;x/keys", "/v1/admin%3Bx/keys"})
    void whenServersCouldReadThePathAsAnotherRoutes(String uri) throws IOException {
      assertUnclear(ask("GET /authz", forwarded("GET", uri)));
    }

    @Test
    void whenTheTargetIsNotCanonical() throws IOException {
      for (Corpus.Spelling target : Corpus.targets()) {
        boolean writable = target.text().chars().noneMatch(c -> c < ' ' || c == 0x7f);
        if (target.isRefused() && writable) {
          assertUnclear(ask("GET /authz?scope=orgs:read", forwarded("GET", target.text())));
          assertUnclear(ask("GET /authz", forwarded("GET", target.text())));
        }
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "scope=",
          "scope",
          "scope=nothing",
          "scope=orgs:read&scope=admin:keys",
          "x=1",
          "scope=orgs:read&x=1",
          "Scope=orgs:read",
          "scope=orgs:read,admin:keys",
          ""
        })
    void whenTheQueryIsNotOneScope(String query) throws IOException {
      assertUnclear(ask("GET /authz?" + query, forwarded("GET", "/v1/things")));
    }

    /** Gateways that copy the client's query, as Caddy does, must not let it choose the scope. */
    @Test
    void whenTheScopeIsTheClientsOwnQuery() throws IOException {
      String uri = "/v1/admin/x?scope=orgs:read";
      assertRefused(
          ask("GET /authz?scope=orgs:read", forwarded("GET", uri)), 403, "insufficient_scope");
      assertRefused(ask("GET /authz" + uri), 403, "insufficient_scope");
      assertUnclear(ask("GET /authz?scope=orgs:read", "X-Forwarded-Uri: " + uri));
    }

    @Test
    void whenTheOrgInThePathIsOutOfReach() throws IOException {
      assertUnclear(ask("GET /authz", forwarded("GET", "/o/no-such-org")));
    }
  }
}
