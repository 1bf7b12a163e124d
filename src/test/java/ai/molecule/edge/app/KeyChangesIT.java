package ai.molecule.edge.app;

import static ai.molecule.edge.app.Everywhere.code;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Changes of keys are in force on every node when they are answered: nobody waits out a cache. Two
 * nodes of two event loops each; keys are warm on both, on one or on none.
 */
final class KeyChangesIT {
  @AutoClose private static EdgeNodes nodes;
  private static Everywhere everywhere;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().start(2);
    everywhere = new Everywhere(nodes);
  }

  @Nested
  class Revocation {
    @Test
    void aRevokedKeyIsRefusedOnTheNextRequestOnEveryNode() {
      everywhere.repeatedly(100, RunningNode::revoke, 401, "key_revoked");
    }

    @Test
    void nothingThatStartsAfterTheAnswerIsAdmittedWhileClientsGoOnUsingTheKey() {
      Load.Afterwards all = new Load.Afterwards(0, 0);
      for (int i = 0; i < 200; i++) {
        Made key = nodes.any().create();
        try (Load load = Load.on(nodes.all(), key, 2)) {
          all = all.plus(load.through(() -> nodes.any().revoke(key)));
        }
      }
      assertThat(all.admitted()).as("admitted though sent after the 204").isZero();
      assertThat(all.refused()).isGreaterThan(1_000);
    }

    @Test
    void aRevokedKeyStaysListedAndRevokingItAgainIsTheSame() {
      Made key = nodes.node(0).create();
      nodes.node(0).revoke(key);
      String revokedAt = nodes.node(1).shown(key).getString("revoked_at");
      nodes.node(1).revoke(key);

      JsonObject shown = nodes.node(0).shown(key);
      assertThat(shown.getString("status")).isEqualTo("revoked");
      assertThat(shown.getString("revoked_at")).isEqualTo(revokedAt);
    }
  }

  @Nested
  class Narrowing {
    @Test
    void aDisabledKeyIsRefusedOnTheNextRequestOnEveryNode() {
      everywhere.repeatedly(
          40,
          (node, key) -> node.patch(key, new JsonObject().put("disabled", true)),
          401,
          "key_disabled");
    }

    @Test
    void anEnabledKeyWorksAgainOnTheNextRequestOnEveryNode() {
      for (int i = 0; i < 20; i++) {
        Made key = nodes.any().create();
        nodes.any().patch(key, new JsonObject().put("disabled", true));
        everywhere.assertRefused(key, 401, "key_disabled");
        nodes.any().patch(key, new JsonObject().put("disabled", false));
        everywhere.assertAdmitted(key);
      }
    }

    @Test
    void aScopeTakenAwayIsMissingOnTheNextRequestOnEveryNode() {
      for (int i = 0; i < 20; i++) {
        Made key = nodes.any().create("admin:keys", "orgs:read");
        for (RunningNode node : nodes.all()) {
          assertThat(list(node, key).statusCode()).isEqualTo(200);
        }
        nodes.any().patch(key, new JsonObject().put("scopes", JsonArray.of("orgs:read")));
        for (RunningNode node : nodes.all()) {
          HttpResponse<String> response = list(node, key);
          assertThat(response.statusCode()).isEqualTo(403);
          assertThat(code(response)).isEqualTo("insufficient_scope");
          assertThat(response.headers().firstValue("WWW-Authenticate"))
              .hasValue(
                  "Bearer realm=\"partner-edge\", error=\"insufficient_scope\","
                      + " scope=\"admin:keys\"");
          assertThat(node.status(key)).isEqualTo(200);
        }
      }
    }

    private HttpResponse<String> list(RunningNode node, Made key) {
      return node.send("GET", RunningNode.KEYS + "?limit=1", key.secret(), null);
    }

    @Test
    void aLoweredLimitHoldsFromTheNextRequestOnEveryNode() {
      for (int i = 0; i < 20; i++) {
        Made key = nodes.any().create();
        everywhere.warmSomewhere(key);
        nodes.any().patch(key, new JsonObject().put("rate_limit", 1).put("burst", 3));
        List<Integer> statuses =
            nodes.all().stream()
                .flatMap(node -> node.useAtOnce(key, 6).stream())
                .map(HttpResponse::statusCode)
                .toList();
        assertThat(statuses).filteredOn(status -> status == 200).hasSizeLessThanOrEqualTo(3);
        assertThat(statuses).allMatch(status -> status == 200 || status == 429);
      }
    }

    @Test
    void anAddressOutsideTheKeysRangesIsRefusedOnTheNextRequestOnEveryNode() {
      everywhere.repeatedly(
          20,
          (node, key) ->
              node.patch(key, new JsonObject().put("ip_allow", JsonArray.of("203.0.113.0/24"))),
          403,
          "ip_not_allowed");
    }

    @Test
    void anAddressWithinTheKeysRangesPasses() {
      Made key =
          nodes
              .any()
              .create(
                  RunningNode.body().put("ip_allow", JsonArray.of("127.0.0.0/8", "2001:db8::/32")));
      everywhere.assertAdmitted(key);
    }
  }

  @Nested
  class Expiry {
    @Test
    void aKeyWorksUntilItExpiresAndIsRefusedFromThenOn() {
      Instant end = Instant.now().plusMillis(2_500);
      Made key = nodes.any().create(RunningNode.body().put("expires_at", end.toString()));
      for (RunningNode node : nodes.all()) {
        List<HttpResponse<String>> used = node.useAtOnce(key, 4);
        assertThat(
                used.stream().allMatch(response -> response.statusCode() == 200)
                    || !Instant.now().isBefore(end))
            .isTrue();
      }

      await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(end));

      everywhere.assertRefused(key, 401, "key_expired");
      assertThat(nodes.any().shown(key).getString("status")).isEqualTo("expired");
    }
  }

  @Nested
  class Suspension {
    @Test
    void aKeyOfASuspendedOrgIsRefusedOnEveryRoute() {
      PostgresEye postgres = new PostgresEye(nodes.postgresUri());
      String org = java.util.UUID.randomUUID().toString();
      postgres.texts(
          "INSERT INTO orgs (id, partner_id, slug, status)"
              + " VALUES (?::uuid, 'acme', ?, 'suspended')",
          org,
          "org-" + org.substring(0, 8));
      Made key = nodes.node(0).create(RunningNode.body().put("org_id", org));

      everywhere.assertRefused(key, 403, "org_suspended");
      HttpResponse<String> listing =
          nodes.node(1).send("GET", RunningNode.KEYS, key.secret(), null);
      assertThat(listing.statusCode()).isEqualTo(403);
      assertThat(code(listing)).isEqualTo("org_suspended");
    }
  }
}
