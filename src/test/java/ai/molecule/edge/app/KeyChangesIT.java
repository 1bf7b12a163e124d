package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Changes of keys are in force on every node when they are answered: nobody waits out a cache. Two
 * nodes of two event loops each; keys are warm on both, on one or on none.
 */
final class KeyChangesIT {
  private static EdgeNodes nodes;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().start(2);
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  /** Uses the key on a random choice of nodes, on all their loops: it is warm there then. */
  private static void warmSomewhere(Made key) {
    for (RunningNode node : nodes.all()) {
      if (ThreadLocalRandom.current().nextBoolean()) {
        assertThat(node.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 200);
      }
    }
  }

  private static String code(HttpResponse<String> response) {
    return new JsonObject(response.body()).getString("code");
  }

  private static void assertRefusedEverywhere(Made key, int status, String code) {
    for (RunningNode node : nodes.all()) {
      assertThat(node.useAtOnce(key, 4))
          .allSatisfy(
              response -> {
                assertThat(response.statusCode()).isEqualTo(status);
                assertThat(code(response)).isEqualTo(code);
              });
    }
  }

  /** Changes keys, warm and cold, through any node, and looks everywhere at once. */
  private static void repeatedly(
      int times, BiConsumer<RunningNode, Made> change, int status, String code) {
    for (int i = 0; i < times; i++) {
      Made key = nodes.any().create();
      warmSomewhere(key);
      change.accept(nodes.any(), key);
      assertRefusedEverywhere(key, status, code);
    }
  }

  @Nested
  class Revocation {
    @Test
    void aRevokedKeyIsRefusedOnTheNextRequestOnEveryNode() {
      repeatedly(100, RunningNode::revoke, 401, "key_revoked");
    }

    @Test
    void nothingThatStartsAfterTheAnswerIsAdmittedWhileClientsGoOnUsingTheKey() {
      int late = 0;
      int refused = 0;
      for (int i = 0; i < 200; i++) {
        Made key = nodes.any().create();
        try (Load load = Load.on(nodes.all(), key, 2)) {
          int before = ThreadLocalRandom.current().nextInt(1, 40);
          await().pollInterval(Duration.ofMillis(1)).until(() -> load.answered() >= before);
          nodes.any().revoke(key);
          long answeredNanos = System.nanoTime();
          long goal = load.answered() + 16;
          await().pollInterval(Duration.ofMillis(1)).until(() -> load.answered() >= goal);
          for (Load.Sample sample : load.stop()) {
            assertThat(sample.status()).isIn(200, 401);
            boolean after = sample.sentNanos() - answeredNanos >= 0;
            late += after && sample.admitted() ? 1 : 0;
            refused += after && !sample.admitted() ? 1 : 0;
          }
        }
      }
      assertThat(late).as("admitted though sent after the 204").isZero();
      assertThat(refused).isGreaterThan(1_000);
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
      repeatedly(
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
        assertRefusedEverywhere(key, 401, "key_disabled");
        nodes.any().patch(key, new JsonObject().put("disabled", false));
        for (RunningNode node : nodes.all()) {
          assertThat(node.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 200);
        }
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
        warmSomewhere(key);
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
      repeatedly(
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
      for (RunningNode node : nodes.all()) {
        assertThat(node.useAtOnce(key, 4)).allMatch(used -> used.statusCode() == 200);
      }
    }
  }

  @Nested
  class Rotation {
    @Test
    void withoutGraceTheOldSecretIsRefusedOnTheNextRequestAndTheNewOneWorks() {
      for (int i = 0; i < 40; i++) {
        Made old = nodes.any().create();
        warmSomewhere(old);
        Made successor = nodes.any().rotate(old, 0);
        assertRefusedEverywhere(old, 401, "key_rotated");
        for (RunningNode node : nodes.all()) {
          assertThat(node.useAtOnce(successor, 4)).allMatch(used -> used.statusCode() == 200);
        }
      }
    }

    @Test
    void pastItsGraceTheOldSecretIsRefusedByItself() {
      Made old = nodes.node(0).create();
      Made successor = nodes.node(0).rotate(old, 2);
      Instant end = Instant.parse(nodes.node(0).shown(old).getString("grace_until"));
      for (RunningNode node : nodes.all()) {
        int status = node.status(old);
        assertThat(status == 200 || !Instant.now().isBefore(end)).isTrue();
      }

      await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(end));

      assertRefusedEverywhere(old, 401, "key_rotated");
      assertThat(nodes.node(1).shown(old).getString("status")).isEqualTo("rotated");
      assertThat(nodes.node(1).status(successor)).isEqualTo(200);
    }

    @Test
    void inGraceBothSecretsWorkAndTheOldOneSaysWhenItEnds() {
      Made old = nodes.node(0).create();
      Made successor = nodes.node(0).rotate(old, 3600);
      assertThat(successor.object().getString("predecessor_id")).isEqualTo(old.id());
      assertThat(successor.object().getString("lineage_id")).isEqualTo(old.id());
      JsonObject shown = nodes.node(1).shown(old);
      assertThat(shown.getString("status")).isEqualTo("grace");
      assertThat(shown.getString("successor_id")).isEqualTo(successor.id());
      long rotatedAt = Instant.parse(successor.object().getString("created_at")).getEpochSecond();

      for (RunningNode node : nodes.all()) {
        HttpResponse<String> byOld = node.use(old);
        assertThat(byOld.statusCode()).isEqualTo(200);
        assertThat(byOld.headers().firstValue("Deprecation")).hasValue("@" + rotatedAt);
        assertThat(byOld.headers().firstValue("Sunset").orElse("none"))
            .matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");
        HttpResponse<String> byNew = node.use(successor);
        assertThat(byNew.statusCode()).isEqualTo(200);
        assertThat(byNew.headers().firstValue("Deprecation")).isEmpty();
        assertThat(byNew.headers().firstValue("Sunset")).isEmpty();
      }
    }

    @Test
    void theSecretsOfALineageShareOneBucketOverAllNodes() {
      Made first = nodes.node(0).createLimited(1, 30);
      Made second = nodes.node(1).rotate(first, 3600);
      Made third = nodes.node(0).rotate(second, 3600);
      long admitted =
          List.of(first, second, third).stream()
              .flatMap(
                  key -> nodes.all().stream().flatMap(node -> node.useAtOnce(key, 10).stream()))
              .filter(response -> response.statusCode() == 200)
              .count();
      assertThat(admitted).isEqualTo(30);
    }

    @Test
    void aKeyWithASuccessorCannotBeRotatedAgain() {
      Made old = nodes.node(0).create();
      nodes.node(0).rotate(old, 3600);
      HttpResponse<String> again =
          nodes.node(1).send("POST", old.path() + "/rotate", EdgeNodes.ADMIN, new JsonObject());
      assertThat(again.statusCode()).isEqualTo(409);
      assertThat(code(again)).isEqualTo("already_rotated");
    }

    @Test
    void aRevokedPredecessorIsRefusedThoughItsGraceGoesOn() {
      for (int i = 0; i < 20; i++) {
        Made old = nodes.any().create();
        Made successor = nodes.any().rotate(old, 3600);
        warmSomewhere(old);
        nodes.any().revoke(old);
        assertRefusedEverywhere(old, 401, "key_revoked");
        assertThat(nodes.any().status(successor)).isEqualTo(200);
      }
    }

    @Test
    void aRevokedSuccessorIsRefusedThoughItIsKeptInTwoPlaces() {
      for (int i = 0; i < 20; i++) {
        Made old = nodes.any().create();
        Made successor = nodes.any().rotate(old, 3600);
        warmSomewhere(successor);
        nodes.any().revoke(successor);
        assertRefusedEverywhere(successor, 401, "key_revoked");
        assertThat(nodes.any().status(old)).isEqualTo(200);
      }
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

      assertRefusedEverywhere(key, 401, "key_expired");
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

      assertRefusedEverywhere(key, 403, "org_suspended");
      HttpResponse<String> listing =
          nodes.node(1).send("GET", RunningNode.KEYS, key.secret(), null);
      assertThat(listing.statusCode()).isEqualTo(403);
      assertThat(code(listing)).isEqualTo("org_suspended");
    }
  }
}
