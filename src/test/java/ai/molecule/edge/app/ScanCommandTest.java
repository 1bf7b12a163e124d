package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.ExampleCredentials;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code scan} ends, and what it writes where. */
class ScanCommandTest {
  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  private static Ended scan(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[arguments.length + 1];
    all[0] = "scan";
    for (int i = 0; i < arguments.length; i++) {
      all[i + 1] = arguments[i].toString();
    }
    int code =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all);
    return new Ended(code, out.toString(), err.toString());
  }

  @Test
  void cleanEndsWith0AndSaysNothingOnTheOutput() throws Exception {
    Files.writeString(folder.resolve("file"), "mol_pk_live_ is no key");
    Ended ended = scan(folder);
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("no credential in 1 files");
  }

  @Test
  void foundEndsWith1InEveryForm() throws Exception {
    Files.writeString(folder.resolve("file"), "x\n" + ExampleCredentials.WORKSPACE_TOKEN);
    assertThat(scan(folder).code()).isEqualTo(1);
    assertThat(scan(folder).out()).startsWith("file:2: mol_ws_...ic4X");
    assertThat(scan(folder, "--format", "json").out()).startsWith("{").contains("\"line\" : 2");
    assertThat(scan(folder, "--format=sarif").out()).contains("\"version\" : \"2.1.0\"");
    assertThat(scan(folder, "--format=SARIF").code()).isEqualTo(1);
  }

  @Test
  void whatCannotRunEndsWith2() throws Exception {
    assertThat(scan().code()).isEqualTo(2);
    assertThat(scan(folder.resolve("nowhere")).code()).isEqualTo(2);
    assertThat(scan(folder, "--format", "xml").code()).isEqualTo(2);
    assertThat(scan(folder, "--git").code()).isEqualTo(2);
    assertThat(scan(folder, "--git").err()).isNotEmpty().doesNotContain("\tat ");
  }
}
