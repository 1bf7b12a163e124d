package ai.molecule.edge.app;

import static ai.molecule.edge.app.Everywhere.code;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A rotation is in force on every node when it is answered; in its grace both secrets work, and
 * share what the key may use.
 */
final class KeyRotationIT {
  @AutoClose private static EdgeNodes nodes;
  private static Everywhere everywhere;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores().start(2);
    everywhere = new Everywhere(nodes);
  }

  @Test
  void withoutGraceTheOldSecretIsRefusedOnTheNextRequestAndTheNewOneWorks() {
    for (int i = 0; i < 40; i++) {
      Made old = nodes.any().create();
      everywhere.warmSomewhere(old);
      Made successor = nodes.any().rotate(old, 0);
      everywhere.assertRefused(old, 401, "key_rotated");
      everywhere.assertAdmitted(successor);
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

    everywhere.assertRefused(old, 401, "key_rotated");
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
            .flatMap(key -> nodes.all().stream().flatMap(node -> node.useAtOnce(key, 10).stream()))
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
      everywhere.warmSomewhere(old);
      nodes.any().revoke(old);
      everywhere.assertRefused(old, 401, "key_revoked");
      assertThat(nodes.any().status(successor)).isEqualTo(200);
    }
  }

  @Test
  void aRevokedSuccessorIsRefusedThoughItIsKeptInTwoPlaces() {
    for (int i = 0; i < 20; i++) {
      Made old = nodes.any().create();
      Made successor = nodes.any().rotate(old, 3600);
      everywhere.warmSomewhere(successor);
      nodes.any().revoke(successor);
      everywhere.assertRefused(successor, 401, "key_revoked");
      assertThat(nodes.any().status(old)).isEqualTo(200);
    }
  }
}
