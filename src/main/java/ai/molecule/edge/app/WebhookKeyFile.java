package ai.molecule.edge.app;

import ai.molecule.edge.app.local.OwnerOnly;
import ai.molecule.edge.controlplane.webhooks.SealingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The key under which signing secrets of webhooks are kept, for a node that is given none: made
 * once, kept in its data directory.
 */
final class WebhookKeyFile {
  private WebhookKeyFile() {}

  /**
   * The key kept in {@code dataDirectory}, made at the first call.
   *
   * @throws IOException saying what to do, when it can be neither read nor written
   */
  static SealingKey readOrMake(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve("webhook-key");
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(dataDirectory);
        OwnerOnly.write(file, SealingKey.generate() + "\n");
      }
      return SealingKey.parse(Files.readString(file).strip());
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "no key for the secrets of webhooks: "
              + file
              + " is not usable; set"
              + " EDGE_WEBHOOKS_SECRET_KEY, the same on all nodes",
          e);
    }
  }
}
