package ai.molecule.edge.cli;

import static ai.molecule.edge.cli.CreateOptions.put;

import ai.molecule.edge.cli.Table.Column;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keys}: partner keys, for the admin and for keys with {@code admin:keys}. */
@Command(
    name = "keys",
    description = "Make, list, show, rotate and revoke partner keys.",
    subcommands = {
      KeysCommand.Create.class,
      KeysCommand.ListKeys.class,
      KeysCommand.Show.class,
      KeysCommand.Rotate.class,
      KeysCommand.Revoke.class
    })
public final class KeysCommand {
  private static final String SHOWN_ONCE = "the key is shown this once: keep it now";
  private static final ApiCollection KEYS =
      new ApiCollection(
          "/cp/admin/partner-keys",
          List.of(
              Column.of("ID", "id"),
              Column.of("NAME", "name"),
              Column.of("PARTNER", "partner_id"),
              Column.of("ORG", "org_id"),
              new Column("KEY", KeysCommand::masked),
              Column.of("STATUS", "status"),
              new Column("LIMIT", key -> Table.shown(key.path("rate_limit")) + "/min"),
              Column.of("LAST USED", "last_used_at"),
              Column.of("SCOPES", "scopes")));

  /** Made by the command line. */
  KeysCommand() {}

  private static String masked(JsonNode key) {
    return Table.shown(key.path("prefix")) + "..." + Table.shown(key.path("last4"));
  }

  @Command(name = "create", description = "Make a key; its secret is shown this once.")
  static final class Create extends EdgeCommand {
    @Option(
        names = "--name",
        required = true,
        paramLabel = "TEXT",
        description = "1 to 100 characters.")
    private @Nullable String name;

    @Option(
        names = "--scope",
        required = true,
        split = ",",
        paramLabel = "SCOPE",
        description = "Such as orgs:read; several separated by commas, or given again.")
    private @Nullable List<String> scopes;

    @Option(names = "--description", paramLabel = "TEXT", description = "For people.")
    private @Nullable String description;

    @Option(
        names = "--environment",
        paramLabel = "NAME",
        description = "live or test (default: live).")
    private @Nullable String environment;

    @Option(names = "--org", paramLabel = "ID", description = "Binds it to this org alone.")
    private @Nullable String org;

    @Option(
        names = "--tier",
        paramLabel = "NAME",
        description = "A limit that the edge has a name for.")
    private @Nullable String tier;

    @Option(names = "--rate-limit", paramLabel = "N", description = "Requests a minute.")
    private @Nullable Integer rateLimit;

    @Option(names = "--burst", paramLabel = "N", description = "Requests at once.")
    private @Nullable Integer burst;

    @Option(names = "--expires-in-days", paramLabel = "N", description = "When it ends.")
    private @Nullable Integer expiresInDays;

    @Option(
        names = "--ip-allow",
        split = ",",
        paramLabel = "CIDR",
        description = "Where it may be used; several separated by commas, or given again.")
    private @Nullable List<String> ipAllow;

    @Mixin private final CreateOptions options = new CreateOptions();

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      ObjectNode body = EdgeClient.JSON.createObjectNode();
      put(body, "name", name);
      put(body, "description", description);
      put(body, "scopes", scopes);
      put(body, "environment", environment);
      put(body, "org_id", org);
      put(body, "tier", tier);
      put(body, "rate_limit", rateLimit);
      put(body, "burst", burst);
      put(body, "expires_in_days", expiresInDays);
      put(body, "ip_allow", ipAllow);
      create(edge, KEYS, body, options);
      say(SHOWN_ONCE);
    }
  }

  @Command(name = "list", description = "List keys, newest first.")
  static final class ListKeys extends EdgeCommand {
    @Option(names = "--partner", paramLabel = "ID", description = "Those of this partner.")
    private @Nullable String partner;

    @Option(names = "--org", paramLabel = "ID", description = "Those of this org.")
    private @Nullable String org;

    @Option(
        names = "--status",
        paramLabel = "STATUS",
        description = "active, disabled, grace, rotated, expired or revoked.")
    private @Nullable String status;

    @Mixin private final PageOptions page = new PageOptions();

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      Map<String, @Nullable String> filters = new LinkedHashMap<>();
      filters.put("partner_id", partner);
      filters.put("org_id", org);
      filters.put("status", status);
      list(edge, KEYS, filters, page);
    }
  }

  @Command(name = "show", description = "Show a key.")
  static final class Show extends EdgeCommand {
    @Parameters(paramLabel = "ID", description = "The key's id.")
    private String id = "";

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      show(edge, KEYS, id);
    }
  }

  @Command(
      name = "rotate",
      description = "Make a key's successor; both work until the grace period is over.")
  static final class Rotate extends EdgeCommand {
    @Parameters(paramLabel = "ID", description = "The key's id.")
    private String id = "";

    @Option(
        names = "--grace-seconds",
        paramLabel = "N",
        description = "How long the old secret goes on working (default: 86400).")
    private @Nullable Integer graceSeconds;

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      ObjectNode body = EdgeClient.JSON.createObjectNode();
      put(body, "grace_seconds", graceSeconds);
      String path = KEYS.one(id) + "/rotate";
      printObject(edge.post(path, body, UUID.randomUUID().toString()));
      say(SHOWN_ONCE);
    }
  }

  @Command(name = "revoke", description = "Revoke a key: no node admits it any more.")
  static final class Revoke extends EdgeCommand {
    @Parameters(paramLabel = "ID", description = "The key's id.")
    private String id = "";

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      delete(edge, KEYS, id);
      say("revoked: " + id);
    }
  }
}
