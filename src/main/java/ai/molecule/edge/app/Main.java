package ai.molecule.edge.app;

import ai.molecule.edge.cli.ConfigCommand;
import ai.molecule.edge.cli.HelpOption;
import ai.molecule.edge.cli.KeysCommand;
import ai.molecule.edge.cli.OrgsCommand;
import ai.molecule.edge.cli.ScanCommand;
import ai.molecule.edge.config.ConfigException;
import ai.molecule.edge.config.ConfigLoader.Purpose;
import ai.molecule.edge.config.LoadedConfig;
import ai.molecule.edge.postgres.MigrationReport;
import ai.molecule.edge.postgres.Migrations;
import ai.molecule.edge.telemetry.Logging;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

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
  @Nullable Path config;

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs a command and answers its exit code. */
  static int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  /** All commands, ready to be executed. */
  static CommandLine commandLine() {
    CommandLine commands =
        new CommandLine(new Main()).addSubcommand(ConfigCommand.of(Startup::purposeOfServing));
    HelpOption.addBelow(commands);
    return commands
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(Main::explain);
  }

  /** Without a subcommand it serves. */
  @Override
  public Integer call() throws IOException {
    return serve(Optional.ofNullable(config));
  }

  private static int serve(Optional<Path> config) throws IOException {
    return new Startup(System.out).serve(config);
  }

  /** The words of a failure that was foreseen, the stack trace of any other. */
  private static int explain(
      Exception failure, CommandLine command, CommandLine.@Nullable ParseResult parsed) {
    PrintWriter err = command.getErr();
    switch (failure) {
      case ConfigException refused -> {
        err.println(refused.getMessage());
        return ExitCode.USAGE;
      }
      case IOException foreseen -> err.println("partner-edge: " + foreseen.getMessage());
      default -> failure.printStackTrace(err);
    }
    err.flush();
    return ExitCode.FAILED;
  }

  /** Serves until a signal comes. */
  @Command(
      name = "serve",
      description = "Start a node (the default).",
      exitCodeListHeading = EXIT_CODES,
      exitCodeList = {STOPPED, FAILED, REFUSED, CUT_SHORT})
  static final class Serve implements Callable<Integer> {
    @CommandLine.ParentCommand private @Nullable Main main;

    @Override
    public Integer call() throws IOException {
      return serve(configOf(main));
    }
  }

  /** Migrates the database and ends. */
  @Command(
      name = "migrate",
      description = "Bring the database up to this version, and end.",
      exitCodeListHeading = EXIT_CODES,
      exitCodeList = {STOPPED, FAILED, REFUSED})
  static final class Migrate implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @CommandLine.ParentCommand private @Nullable Main main;

    @Override
    public Integer call() throws IOException {
      LoadedConfig loaded = Startup.load(configOf(main), Purpose.MIGRATE);
      Logging.apply(loaded.logging(), Logging.isTerminal(), System.err);
      Vertx vertx = Vertx.vertx();
      try {
        MigrationReport report =
            new Migrations(vertx, loaded.postgres(), PATIENCE, System.out::println)
                .migrate()
                .await();
        System.out.println(
            "schema version "
                + report.versionAfter()
                + ", migrations applied: "
                + report.applied());
        return ExitCode.OK;
      } catch (RuntimeException e) {
        throw new IOException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
      } finally {
        vertx.close().await();
        Logging.stop();
      }
    }
  }

  private static Optional<Path> configOf(@Nullable Main main) {
    return main == null ? Optional.empty() : Optional.ofNullable(main.config);
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
