package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs commands in this process, as {@link Main} would. */
final class Commands {
  private Commands() {}

  /** How a command ended, and what it wrote. */
  record Ended(int code, String out, String err) {
    /** This end, which has to be a success. */
    Ended done() {
      assertThat(code).as(out + err).isZero();
      return this;
    }

    /** What a command that had to succeed wrote, an object. */
    JsonObject json() {
      return new JsonObject(done().out);
    }
  }

  static Ended run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commands =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ended(commands.execute(arguments), out.toString(), err.toString());
  }
}
