package ai.molecule.edge.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.molecule.edge.credential.ExampleCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** Large texts without a credential in them give no finding; one put among them is found. */
class FalseAlarmsTest {
  /** {@code -Dedge.scan.megabytes=100} for the figure in docs/scanning.md. */
  private static final long RANDOM_BYTES =
      Integer.getInteger("edge.scan.megabytes", 20) * 1_000_000L;

  private static final byte[] DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
          .getBytes(StandardCharsets.US_ASCII);

  private final List<CredentialFinder.Find> finds = new ArrayList<>();
  private final CredentialFinder finder = new CredentialFinder(read -> {});

  @Test
  void noneInRandomBase62AndTheOnePlantedAtItsEnd() throws IOException {
    String secret = ExampleCredentials.WORKSPACE_TOKEN;
    InputStream planted = new ByteArrayInputStream(secret.getBytes(StandardCharsets.US_ASCII));
    finder.read(new SequenceInputStream(new RandomDigits(RANDOM_BYTES), planted), finds::add);
    assertThat(finds).hasSize(1);
  }

  @Test
  void noneInRandomBase62BehindEachPrefix() throws IOException {
    SplittableRandom random = new SplittableRandom(62);
    String[] prefixes = {"mol_pk_live_", "mol_pk_test_", "mol_ws_"};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      text.append(prefixes[i % prefixes.length]);
      for (int j = 0; j < 38; j++) {
        text.append((char) DIGITS[random.nextInt(DIGITS.length)]);
      }
    }
    finder.read(
        new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.US_ASCII)), finds::add);
    assertThat(finds).isEmpty();
  }

  @Test
  void noneInTheSourcesOfTheJdk() throws IOException {
    Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    assumeTrue(Files.exists(sources), "this JDK came without its sources, " + sources);
    long bytes = 0;
    try (ZipFile zip = new ZipFile(sources.toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
        try (InputStream stream = zip.getInputStream(entry)) {
          finder.read(stream, finds::add);
          bytes += entry.getSize();
        }
      }
    }
    assertThat(bytes).isGreaterThan(50_000_000);
    assertThat(finds).isEmpty();
  }

  /** So many random digits, the same in every run. */
  private static final class RandomDigits extends InputStream {
    private final SplittableRandom random = new SplittableRandom(2);
    private long left;

    RandomDigits(long bytes) {
      this.left = bytes;
    }

    @Override
    public int read() {
      return left-- > 0 ? DIGITS[random.nextInt(DIGITS.length)] : -1;
    }
  }
}
