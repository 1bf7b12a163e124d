package ai.molecule.edge.app;

import ai.molecule.edge.app.local.OwnerOnly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The admin token of a machine where none is configured: made once, kept beside the stores. */
final class AdminTokenFile {
  private static final int TOKEN_BYTES = 24;

  private AdminTokenFile() {}

  /** The token kept in {@code dataDirectory}, made at the first call. */
  static String readOrMake(Path dataDirectory) throws IOException {
    Path file = dataDirectory.resolve("admin-token");
    if (Files.exists(file)) {
      return Files.readString(file).strip();
    }
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    Files.createDirectories(dataDirectory);
    OwnerOnly.write(file, token + "\n");
    return token;
  }
}
