package ai.molecule.edge.cli;

import static ai.molecule.edge.cli.CreateOptions.put;

import ai.molecule.edge.cli.Table.Column;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orgs}: the orgs within the token's reach. */
@Command(
    name = "orgs",
    description = "Make, list, show and delete orgs.",
    subcommands = {
      OrgsCommand.Create.class,
      OrgsCommand.ListOrgs.class,
      OrgsCommand.Show.class,
      OrgsCommand.Delete.class
    })
public final class OrgsCommand {
  static final ApiCollection ORGS =
      new ApiCollection(
          "/cp/orgs",
          List.of(
              Column.of("SLUG", "slug"),
              Column.of("NAME", "name"),
              Column.of("PARTNER", "partner_id"),
              Column.of("STATUS", "status"),
              Column.of("PLAN", "plan"),
              Column.of("SEATS", "seats"),
              Column.of("CREATED", "created_at"),
              Column.of("ID", "id")));

  /** Made by the command line. */
  OrgsCommand() {}

  @Command(name = "create", description = "Make an org, and perhaps wait until it runs.")
  static final class Create extends EdgeCommand {
    @Parameters(paramLabel = "SLUG", description = "Its name in addresses; never changes.")
    private String slug = "";

    @Option(
        names = "--name",
        required = true,
        paramLabel = "TEXT",
        description = "1 to 100 characters.")
    private @Nullable String name;

    @Option(
        names = "--plan",
        paramLabel = "PLAN",
        description = "free, starter, pro or enterprise.")
    private @Nullable String plan;

    @Option(names = "--seats", paramLabel = "N", description = "Members it may have.")
    private @Nullable Integer seats;

    @Option(names = "--external-id", paramLabel = "ID", description = "Its id elsewhere.")
    private @Nullable String externalId;

    @Option(names = "--ephemeral", description = "It is torn down with its key or with its time.")
    private boolean ephemeral;

    @Option(
        names = "--ttl-seconds",
        paramLabel = "N",
        description = "How long an ephemeral one lives.")
    private @Nullable Integer ttlSeconds;

    @Mixin private final CreateOptions options = new CreateOptions();
    @Mixin private final WaitOptions waiting = new WaitOptions();

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      ObjectNode body = EdgeClient.JSON.createObjectNode();
      put(body, "slug", slug);
      put(body, "name", name);
      put(body, "plan", plan);
      put(body, "seats", seats);
      put(body, "external_id", externalId);
      if (ephemeral) {
        body.put("ephemeral", true);
      }
      put(body, "ttl_seconds", ttlSeconds);
      create(edge, ORGS, body, options);
      out().flush();
      if (waiting.asked()) {
        waiting.on(edge, progress).untilRunning(slug);
        progress.close();
        say(slug + " is running");
      }
    }
  }

  @Command(name = "list", description = "List orgs, newest first.")
  static final class ListOrgs extends EdgeCommand {
    @Option(
        names = "--status",
        paramLabel = "STATUS",
        description = "provisioning, running, suspended, deleting, deleted or failed.")
    private @Nullable String status;

    @Option(names = "--external-id", paramLabel = "ID", description = "The one with this id.")
    private @Nullable String externalId;

    @Mixin private final PageOptions page = new PageOptions();

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      Map<String, @Nullable String> filters = new LinkedHashMap<>();
      filters.put("status", status);
      filters.put("external_id", externalId);
      list(edge, ORGS, filters, page);
    }
  }

  @Command(name = "show", description = "Show an org.")
  static final class Show extends EdgeCommand {
    @Parameters(paramLabel = "ORG", description = "Its slug or id.")
    private String org = "";

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      show(edge, ORGS, org);
    }
  }

  @Command(
      name = "delete",
      description = "Tear an org down: its keys and tokens are dead at once, the rest follows.")
  static final class Delete extends EdgeCommand {
    @Parameters(paramLabel = "ORG", description = "Its slug or id.")
    private String org = "";

    @Mixin private final WaitOptions waiting = new WaitOptions();

    @Override
    void run(EdgeClient edge, ProgressLine progress) throws CommandFailure {
      delete(edge, ORGS, org);
      out().flush();
      if (waiting.asked()) {
        waiting.on(edge, progress).untilGone(org);
        progress.close();
        say(org + " is gone");
      }
    }
  }
}
