package ai.molecule.edge.config;

import ai.molecule.edge.credential.AdminToken;
import ai.molecule.edge.credential.CredentialHasher;
import ai.molecule.edge.credential.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** The section {@code admin}: the platform admin's token. */
final class AdminSection {
  static final SectionKeys KEYS = SectionKeys.of("admin");

  static final ConfigKey<String> TOKEN =
      KEYS.secret(
          "token", Kind.TOKEN, "The platform admin's token in plain text, for development.");
  private static final ConfigKey<String> TOKEN_SHA256 =
      KEYS.optional(
          "token_sha256",
          new Kind.Text(Pattern.compile("[0-9a-f]{64}"), "64 lower-case hexadecimal digits"),
          "SHA-256 of the platform admin's token; instead of admin.token.");

  private AdminSection() {}

  /** The token, if one was given. */
  static Optional<AdminToken> read(ConfigValues values) {
    return values
        .find(TOKEN)
        .map(AdminSection::hashed)
        .or(() -> values.find(TOKEN_SHA256).map(AdminSection::ofHex));
  }

  /** The token of that text. */
  static AdminToken hashed(String token) {
    byte[] text = token.getBytes(StandardCharsets.US_ASCII);
    return new AdminToken(CredentialHasher.create().hash(text));
  }

  private static AdminToken ofHex(String sha256) {
    return new AdminToken(KeyHash.ofDigest(HexFormat.of().parseHex(sha256)));
  }

  /**
   * Leaves one of token and hash, which exclude each other: one from the environment beats one from
   * the file.
   *
   * @return what is wrong when both come from there, or both from here
   */
  static Optional<ConfigProblem> choose(ConfigValues values) {
    if (!values.has(TOKEN) || !values.has(TOKEN_SHA256)) {
      return Optional.empty();
    }
    String source = values.source(TOKEN_SHA256.name());
    boolean tokenFromFile = !values.source(TOKEN.name()).startsWith("EDGE_");
    boolean hashFromFile = !source.startsWith("EDGE_");
    if (tokenFromFile == hashFromFile) {
      return Optional.of(
          new ConfigProblem(TOKEN_SHA256.name(), source, "is given together with " + TOKEN.name()));
    }
    values.remove(tokenFromFile ? TOKEN : TOKEN_SHA256);
    return Optional.empty();
  }
}
