package ai.molecule.edge.app;

import static ai.molecule.edge.app.Commands.run;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.Commands.Ended;
import ai.molecule.edge.app.RunningNode.Made;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask a running edge, against one. */
final class CommandLineIT {
  @TempDir static Path directory;

  @AutoClose private static EdgeNodes nodes;

  private static RunningNode node;
  private static Path adminToken;

  @BeforeAll
  static void start() throws Exception {
    nodes = EdgeNodes.onSharedStores();
    node = nodes.start();
    adminToken = Files.writeString(directory.resolve("admin"), EdgeNodes.ADMIN + "\n");
  }

  private static Ended ask(Path token, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url", "http://127.0.0.1:" + node.port(), "--token-file"));
    all.add(token.toString());
    return run(all.toArray(String[]::new));
  }

  private static Ended admin(String... arguments) {
    return ask(adminToken, arguments);
  }

  @Test
  void aKeyIsMadeListedShownRotatedAndRevoked() {
    JsonObject made =
        admin(
                "keys",
                "create",
                "--json",
                "--name",
                "ci",
                "--partner",
                "acme",
                "--scope",
                "orgs:read,orgs:create",
                "--scope",
                "provision:status",
                "--rate-limit",
                "600",
                "--burst",
                "50",
                "--environment",
                "test",
                "--expires-in-days",
                "7",
                "--ip-allow",
                "127.0.0.0/8",
                "--metadata",
                "team=a b",
                "--description",
                "for builds")
            .json();
    assertThat(made.getString("key")).startsWith("mol_pk_test_");
    assertThat(node.use(made.getString("key")).statusCode()).isEqualTo(200);
    assertThat(made.getJsonArray("scopes"))
        .containsExactlyInAnyOrder("orgs:read", "orgs:create", "provision:status");
    assertThat(made.getInteger("rate_limit")).isEqualTo(600);
    assertThat(made.getInteger("burst")).isEqualTo(50);
    assertThat(made.getString("expires_at")).isNotNull();
    assertThat(made.getJsonArray("ip_allow")).isEqualTo(new JsonArray().add("127.0.0.0/8"));
    assertThat(made.getJsonObject("metadata")).isEqualTo(new JsonObject().put("team", "a b"));
    assertThat(made.getString("description")).isEqualTo("for builds");
    String id = made.getString("id");

    Ended list = admin("keys", "list", "--partner", "acme", "--status", "active").done();
    assertThat(list.out().lines().findFirst().orElseThrow()).startsWith("ID").contains("STATUS");
    assertThat(list.out()).contains(id, "ci", "600/min").doesNotContain(made.getString("key"));
    assertThat(admin("keys", "show", id).done().out())
        .containsPattern("(?m)^partner_id +acme$")
        .containsPattern("(?m)^org_id +-$");

    JsonObject successor = admin("keys", "rotate", id, "--grace-seconds", "0", "--json").json();
    assertThat(successor.getString("predecessor_id")).isEqualTo(id);
    assertThat(node.use(made.getString("key")).statusCode()).isEqualTo(401);
    assertThat(admin("keys", "revoke", successor.getString("id"), "--json").done().out()).isEmpty();
    assertThat(node.use(successor.getString("key")).statusCode()).isEqualTo(401);
  }

  @Test
  void withJsonTheAnswerIsPrintedAsItCame() {
    Made key = node.create();
    assertThat(admin("keys", "show", key.id(), "--json").done().out().strip())
        .isEqualTo(node.send("GET", key.path(), EdgeNodes.ADMIN, null).body());
  }

  @Test
  void aListGoesOnWithTheCursorThatItNames() {
    node.create();
    node.create();
    Ended first = admin("keys", "list", "--limit", "1").done();
    assertThat(first.out().lines()).hasSize(2);
    String cursor = first.err().replaceAll("(?s).*--cursor ", "").strip();
    Ended second = admin("keys", "list", "--limit", "1", "--cursor", cursor).done();
    assertThat(second.out().lines()).hasSize(2);
    assertThat(second.out()).isNotEqualTo(first.out());
  }

  @Test
  void anOrgIsMadeWaitedForShownAndDeleted() throws Exception {
    Made key = node.create("orgs:create", "orgs:read", "orgs:delete", "provision:status");
    Path token = Files.writeString(directory.resolve("orgs"), key.secret());

    Ended made =
        ask(
                token,
                "orgs",
                "create",
                "shop-one",
                "--name",
                "Shop",
                "--plan",
                "pro",
                "--seats",
                "3",
                "--external-id",
                "x-1",
                "--wait",
                "--json")
            .done();
    assertThat(new JsonObject(made.out()).getString("status")).isEqualTo("provisioning");
    assertThat(made.err()).contains("shop-one is running");
    JsonObject shown = ask(token, "orgs", "show", "shop-one", "--json").json();
    assertThat(shown.getString("status")).isEqualTo("running");
    assertThat(shown.getString("plan")).isEqualTo("pro");
    assertThat(shown.getInteger("seats")).isEqualTo(3);
    assertThat(ask(token, "orgs", "list", "--external-id", "x-1").done().out())
        .containsPattern("(?m)^shop-one +Shop +acme +running +pro +3 ");
    Ended gone = ask(token, "orgs", "delete", "shop-one", "--wait").done();
    assertThat(gone.err()).contains("shop-one is gone");
    assertThat(ask(token, "orgs", "show", "shop-one").code()).isEqualTo(1);
  }

  @Test
  void oneIdempotencyKeyMakesOneKey() {
    String[] create = {
      "keys",
      "create",
      "--name",
      "n",
      "--partner",
      "acme",
      "--scope",
      "orgs:read",
      "--json",
      "--idempotency-key",
      "one-key-of-the-command-line"
    };
    assertThat(admin(create).json().getString("id"))
        .isEqualTo(admin(create).json().getString("id"));
  }

  @Test
  void aRefusalIsToldWithTheMembersItIsAbout() {
    Ended ended =
        admin("keys", "create", "--name", "n", "--partner", "acme", "--scope", "orgs:fly");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("400 invalid_request: ", "#/scopes/0", "request ");
    assertThat(admin("orgs", "show", "nowhere").err()).contains("404 not_found: ");
  }

  @Test
  void namesOfStrangersDoNotReachTheTerminalRaw() {
    Made key = node.create(RunningNode.body().put("name", "red\u001b[31m"));
    assertThat(admin("keys", "show", key.id()).done().out())
        .contains("red\\x1b[31m")
        .doesNotContain("\u001b");
  }

  @Test
  void theUrlAndTheTokenMayComeFromTheEnvironment() throws Exception {
    Map<String, String> environment =
        Map.of("EDGE_URL", "http://127.0.0.1:" + node.port(), "EDGE_TOKEN", EdgeNodes.ADMIN);
    EdgeProcess list = EdgeProcess.start(directory, environment, "keys", "list");
    EdgeProcess check = EdgeProcess.start(directory, environment, "config", "check");
    assertThat(list.exitCode()).as(list.err()).isZero();
    assertThat(list.out()).startsWith("ID");
    assertThat(check.exitCode()).as(check.err()).isZero();
  }
}
