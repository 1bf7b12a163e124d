package ai.molecule.edge.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the edge is, who asks, and how the answer is printed: options of every command to it. */
final class Connection {
  private static final String STANDARD_INPUT = "-";
  private static final int TOKEN_BYTES_MAX = 8192;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:EDGE_URL:-http://127.0.0.1:8080}",
      description = "Where the edge is (default: EDGE_URL, else http://127.0.0.1:8080).")
  private String url = "";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File that the token is in, - for the standard input (default: the variable EDGE_TOKEN,"
              + " else EDGE_ADMIN_TOKEN).")
  private @Nullable String tokenFile;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long to wait for one answer (default: 30).")
  private int timeoutSeconds;

  @Option(names = "--json", description = "Print the answer as it came.")
  private boolean json;

  Connection() {}

  boolean json() {
    return json;
  }

  /**
   * A client for these options.
   *
   * @throws CommandFailure when the URL or the token will not do
   */
  EdgeClient client(ProgressLine progress) throws CommandFailure {
    if (timeoutSeconds < 1) {
      throw new CommandFailure(CliExit.USAGE, "--timeout must be a second or more");
    }
    return new EdgeClient(base(), token(), Duration.ofSeconds(timeoutSeconds), progress);
  }

  private String base() throws CommandFailure {
    String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    try {
      URI uri = URI.create(base);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean bare =
          uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
      if (http && uri.getHost() != null && bare) {
        return base;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new CommandFailure(CliExit.USAGE, "the URL must be http(s)://host:port, not " + url);
  }

  private String token() throws CommandFailure {
    String token = tokenFile == null ? tokenOfEnvironment() : read(tokenFile);
    boolean visible = token.chars().allMatch(c -> c > ' ' && c < 127);
    if (token.isEmpty() || !visible) {
      // Not the token itself: an error stream is often a log.
      throw new CommandFailure(
          CliExit.USAGE, "the token must be visible ASCII characters without a space");
    }
    return token;
  }

  private static String tokenOfEnvironment() throws CommandFailure {
    for (String name : new String[] {"EDGE_TOKEN", "EDGE_ADMIN_TOKEN"}) {
      String value = System.getenv(name);
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    throw new CommandFailure(
        CliExit.USAGE,
        "no token: set EDGE_TOKEN, or name a file with --token-file (a local start keeps the"
            + " admin's in .edge/admin-token)");
  }

  private static String read(String file) throws CommandFailure {
    try {
      byte[] bytes =
          file.equals(STANDARD_INPUT)
              ? System.in.readNBytes(TOKEN_BYTES_MAX)
              : Files.readAllBytes(Path.of(file));
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new CommandFailure(CliExit.USAGE, "the token file cannot be read: " + e);
    }
  }
}
