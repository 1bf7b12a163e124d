package ai.molecule.edge.scan;

import ai.molecule.edge.credential.CredentialForm.Sighting;
import ai.molecule.edge.credential.CredentialKind;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A credential where it should not be, without its text.
 *
 * @param masked its prefix and last four characters
 * @param fingerprint the first 16 hexadecimal digits of its SHA-256: one credential in two places
 *     has one fingerprint
 * @param commit the commit that brought it; null outside of a history, or where none did
 * @param path of the file, with slashes; what else holds text in a history is named in parentheses
 * @param line from 1
 */
public record Finding(
    CredentialKind kind,
    String masked,
    String fingerprint,
    @Nullable String commit,
    String path,
    long line) {
  private static final int FINGERPRINT_BYTES = 8;

  static Finding of(CredentialFinder.Find find, @Nullable String commit, String path) {
    Sighting sighting = find.sighting();
    return new Finding(
        sighting.kind(),
        sighting.kind().prefix() + "..." + sighting.last4(),
        HexFormat.of().formatHex(sighting.hash().bytes(), 0, FINGERPRINT_BYTES),
        commit,
        path,
        find.line());
  }
}
