package ai.molecule.edge.postgres;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code postgresql://user:password@host:port/database?…} URI, taken apart and percent-decoded.
 * Immutable; it shows no password.
 *
 * @param parameters of the query: {@code sslmode} and {@code sslrootcert}, as libpq has them
 */
record PostgresUri(
    String host,
    int port,
    String user,
    @Nullable String password,
    String database,
    Map<String, String> parameters) {
  private static final int DEFAULT_PORT = 5432;
  private static final Set<String> PARAMETERS = Set.of("sslmode", "sslrootcert");
  private static final Set<String> SSL_MODES =
      Set.of("disable", "prefer", "require", "verify-ca", "verify-full");

  /**
   * Parses {@code text}.
   *
   * @throws IllegalArgumentException saying what is wrong with {@code uri}, without its text
   */
  static PostgresUri parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      // Neither the message nor the cause is passed on: both quote the password.
      throw invalid("is not a URI (percent-encode special characters of user and password)");
    }
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw invalid("must start with postgresql://");
    }
    if (uri.getHost() == null || uri.getRawUserInfo() == null) {
      throw invalid("must have the form postgresql://user:password@host:port/database");
    }
    String path = uri.getRawPath();
    if (path == null || path.length() < 2 || path.indexOf('/', 1) >= 0) {
      throw invalid("must name a database, as in postgresql://user:password@host:port/database");
    }
    String userInfo = uri.getRawUserInfo();
    int colon = userInfo.indexOf(':');
    String user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon));
    if (user.isEmpty()) {
      throw invalid("must name a user");
    }
    return new PostgresUri(
        uri.getHost().replaceAll("^\\[|]$", ""),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        user,
        colon < 0 ? null : decode(userInfo.substring(colon + 1)),
        decode(path.substring(1)),
        parameters(uri.getRawQuery()));
  }

  /** The same place for the JDBC driver; user and password are given beside it. */
  String jdbcUrl(String applicationName) {
    StringBuilder url = new StringBuilder("jdbc:postgresql://");
    url.append(host.indexOf(':') < 0 ? host : "[" + host + "]").append(':').append(port);
    url.append('/').append(encode(database)).append("?ApplicationName=");
    url.append(encode(applicationName));
    parameters.forEach(
        (name, value) -> url.append('&').append(name).append('=').append(encode(value)));
    return url.toString();
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (!PARAMETERS.contains(name) || parameters.put(name, value) != null) {
        throw invalid("has an unknown or repeated parameter: " + name);
      }
    }
    String mode = parameters.getOrDefault("sslmode", "disable");
    if (!SSL_MODES.contains(mode)) {
      throw invalid("has an unknown sslmode: " + mode);
    }
    if (mode.startsWith("verify") && !parameters.containsKey("sslrootcert")) {
      throw invalid("needs sslrootcert (a PEM file) with sslmode=" + mode);
    }
    return parameters;
  }

  /** Percent-decodes; unlike in a form, a plus is a plus. */
  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static IllegalArgumentException invalid(String what) {
    return new IllegalArgumentException("uri " + what);
  }

  @Override
  public String toString() {
    return user + "@" + host + ":" + port + "/" + database;
  }
}
