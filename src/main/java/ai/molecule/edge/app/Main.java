package ai.molecule.edge.app;

import ai.molecule.edge.app.node.Node;
import ai.molecule.edge.cli.ConfigCommand;
import ai.molecule.edge.cli.HelpOption;
import ai.molecule.edge.cli.KeysCommand;
import ai.molecule.edge.cli.OrgsCommand;
import ai.molecule.edge.cli.ScanCommand;
import ai.molecule.edge.config.ConfigLoader.Purpose;
import ai.molecule.edge.config.LoadedConfig;
import ai.molecule.edge.postgres.MigrationReport;
import ai.molecule.edge.telemetry.Logging;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "partner-edge",
    description = "An API edge for partners: keys, limits, revocation that holds on the next call.",
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true,
    subcommands = {
      Main.Serve.class,
      Main.Migrate.class,
      KeysCommand.class,
      OrgsCommand.class,
      ScanCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    exitCodeListHeading = Main.EXIT_CODES,
    exitCodeList = {Main.STOPPED, Main.FAILED, Main.REFUSED, Main.CUT_SHORT})
public final class Main implements Callable<Integer> {
  static final String EXIT_CODES = "%nExit codes:%n";
  static final String STOPPED = "0:stopped in an orderly way, or the work is done";
  static final String FAILED =
      "1:could not start, or failed; the reason is on the standard error stream";
  static final String REFUSED = "2:the command line or the configuration is wrong";
  static final String CUT_SHORT = "130:a second signal cut the drain short";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Configuration file (default: EDGE_CONFIG_FILE, else conf/edge.yaml).")
  private @Nullable Path config;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the field.
  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    int exitCode = commandLine().execute(arguments);
    Logging.stop();
    System.exit(exitCode);
  }

  /** All commands, ready to be executed. */
  static CommandLine commandLine() {
    CommandLine commands =
        new CommandLine(new Main()).addSubcommand(ConfigCommand.of(Startup::purposeOfServing));
    HelpOption.addBelow(commands);
    return commands
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new Failures());
  }

  /** Without a subcommand it serves. */
  @Override
  public Integer call() throws IOException {
    return serve();
  }

  private int serve() throws IOException {
    return new Startup(spec.commandLine().getOut()).serve(configFile());
  }

  private Optional<Path> configFile() {
    return Optional.ofNullable(config);
  }

  /** Serves until a signal comes. */
  @Command(
      name = "serve",
      description = "Start a node (the default).",
      exitCodeListHeading = EXIT_CODES,
      exitCodeList = {STOPPED, FAILED, REFUSED, CUT_SHORT})
  static final class Serve implements Callable<Integer> {
    @ParentCommand private Main main;

    @SuppressWarnings("NullAway.Init") // picocli sets the field.
    private Serve() {}

    @Override
    public Integer call() throws IOException {
      return main.serve();
    }
  }

  /** Migrates the database and ends. */
  @Command(
      name = "migrate",
      description = "Bring the database up to this version, and end.",
      exitCodeListHeading = EXIT_CODES,
      exitCodeList = {STOPPED, FAILED, REFUSED})
  static final class Migrate implements Callable<Integer> {
    @ParentCommand private Main main;

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields.
    private Migrate() {}

    @Override
    public Integer call() throws IOException {
      LoadedConfig loaded = Startup.load(main.configFile(), Purpose.MIGRATE);
      Logging.apply(loaded.logging(), Logging.isTerminal(), System.err);
      PrintWriter out = spec.commandLine().getOut();
      Vertx vertx = Vertx.vertx();
      try {
        MigrationReport report = Node.migrate(vertx, loaded.postgres(), out::println).await();
        out.println(
            "schema version "
                + report.versionAfter()
                + ", migrations applied: "
                + report.applied());
        return ExitCode.OK;
      } finally {
        out.flush();
        vertx.close().await();
      }
    }
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      @Nullable String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"partner-edge " + (version == null ? "(not packaged)" : version)};
    }
  }
}
