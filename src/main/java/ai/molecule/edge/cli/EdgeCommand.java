package ai.molecule.edge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks a running edge and prints what it answers. */
@Command(
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      CliExit.OK_WORDS,
      CliExit.REFUSED_WORDS,
      CliExit.USAGE_WORDS,
      CliExit.NO_ANSWER_WORDS
    })
abstract class EdgeCommand implements Callable<Integer> {
  @Mixin private final Connection connection = new Connection();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the field.
  EdgeCommand() {}

  /** Asks and prints. */
  abstract void run(EdgeClient edge, ProgressLine progress) throws CommandFailure;

  @Override
  public final Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try (ProgressLine progress = ProgressLine.on(err);
        EdgeClient edge = connection.client(progress)) {
      run(edge, progress);
      return CliExit.OK;
    } catch (CommandFailure e) {
      err.println("partner-edge: " + e.getMessage());
      err.flush();
      return e.exitCode();
    } finally {
      out().flush();
    }
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Says something besides the answer, to a person. */
  void say(String sentence) {
    spec.commandLine().getErr().println(sentence);
    spec.commandLine().getErr().flush();
  }

  /** Asks for a page of a collection, of what the filters with a value let pass, and prints it. */
  void list(
      EdgeClient edge,
      ApiCollection collection,
      Map<String, @Nullable String> filters,
      PageOptions page)
      throws CommandFailure {
    Map<String, @Nullable String> parameters = new LinkedHashMap<>(filters);
    page.addTo(parameters);
    printPage(edge.get(collection.path(), parameters), collection.columns());
  }

  /** Asks for one of a collection and prints it. */
  void show(EdgeClient edge, ApiCollection collection, String name) throws CommandFailure {
    printObject(edge.get(collection.one(name)));
  }

  /** Makes one of a collection and prints it. */
  void create(EdgeClient edge, ApiCollection collection, ObjectNode body, CreateOptions options)
      throws CommandFailure {
    options.addTo(body);
    printObject(edge.post(collection.path(), body, options.idempotencyKey()));
  }

  /** Deletes one of a collection and prints what is said of it, if anything. */
  void delete(EdgeClient edge, ApiCollection collection, String name) throws CommandFailure {
    printObject(edge.delete(collection.one(name)));
  }

  /** Prints an object, a line a member; nothing for an answer without a body. */
  void printObject(EdgeClient.Reply reply) {
    if (connection.json()) {
      printAsItCame(reply);
    } else if (reply.json().isObject()) {
      Table.print(out(), reply.json());
    }
  }

  /** Prints a page of a list, a line an object, and says how to go on. */
  private void printPage(EdgeClient.Reply reply, List<Table.Column> columns) {
    if (connection.json()) {
      printAsItCame(reply);
      return;
    }
    Table.print(out(), columns, reply.json().path("data"));
    String next = reply.json().path("next_cursor").asText("");
    if (!next.isEmpty()) {
      out().flush();
      say("there are more: --cursor " + Table.shown(reply.json().path("next_cursor")));
    }
  }

  private void printAsItCame(EdgeClient.Reply reply) {
    if (!reply.body().isEmpty()) {
      out().println(reply.body());
    }
  }
}
