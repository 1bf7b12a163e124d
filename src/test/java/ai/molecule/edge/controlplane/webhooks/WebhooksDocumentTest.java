package ai.molecule.edge.controlplane.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.molecule.edge.controlplane.events.EventType;
import ai.molecule.edge.documents.CommandLineTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/webhooks.md} says is so. */
class WebhooksDocumentTest {
  private static final String BODY = "{\"type\":\"org.created\",\"data\":{\"slug\":\"zoë\"}}";

  @TempDir Path directory;

  private static String document() throws IOException {
    return Files.readString(Path.of("docs/webhooks.md"));
  }

  @Test
  void everyEventIsListed() throws IOException {
    String document = document();
    EventType.wireNames().forEach(name -> assertThat(document).contains("`" + name + "`"));
  }

  /** Needs a Python on the path, and is skipped where there is none. */
  @Test
  void theReceiversCodeTakesWhatTheEdgeSignsAndNothingElse() throws Exception {
    Optional<Path> python = CommandLineTool.find("python3", "python");
    assumeThat(python).as("a Python on the path").isPresent();
    SigningSecret secret = SigningSecret.generate();
    long now = Instant.now().getEpochSecond();
    String signature = secret.sign("an-id", now, BODY);
    String old = secret.sign("an-id", now - 400, BODY);
    Matcher code = Pattern.compile("(?ms)^```python\n(.*?)^```$").matcher(document());
    assertThat(code.find()).isTrue();
    String calls =
        List.of(
                call(secret.text(), now, signature, BODY),
                call(secret.text(), now, "v1a,x " + signature, BODY),
                call(secret.text(), now, signature, BODY + " "),
                call(secret.text(), now, signature.replace("v1,", "v2,"), BODY),
                call(secret.text(), now - 1, signature, BODY),
                call(secret.text(), now - 400, old, BODY),
                call(SigningSecret.generate().text(), now, signature, BODY))
            .stream()
            .reduce("", (before, call) -> before + "print(" + call + ")\n");
    Path script = Files.writeString(directory.resolve("receiver.py"), code.group(1) + calls);
    Process process =
        new ProcessBuilder(python.get().toString(), script.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(printed.lines())
        .containsExactly("True", "True", "False", "False", "False", "False", "False");
  }

  private static String call(String secret, long seconds, String signature, String body) {
    return "verify('%s', {'webhook-id': 'an-id', 'webhook-timestamp': '%d', 'webhook-signature': '%s'}, '%s'.encode())"
        .formatted(secret, seconds, signature, body);
  }
}
