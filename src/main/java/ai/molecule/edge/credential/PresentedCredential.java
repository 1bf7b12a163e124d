package ai.molecule.edge.credential;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a request presented under {@code Authorization}, told apart by form alone: no store is
 * asked. The plaintext does not leave {@link #parse}; only its hash travels on.
 */
public sealed interface PresentedCredential {
  /** No {@code Authorization} header. */
  record Missing() implements PresentedCredential {}

  /** More than one header, another scheme, a bad form or a bad checksum. */
  record Malformed() implements PresentedCredential {}

  /** A well-formed partner key. */
  record PartnerKey(KeyHash hash) implements PresentedCredential {}

  /** A well-formed workspace token. */
  record WorkspaceToken(KeyHash hash) implements PresentedCredential {}

  /** Something that may be the admin token: any other string of at least 32 characters. */
  record AdminCandidate(KeyHash hash) implements PresentedCredential {}

  /** The shortest admin token, in characters. */
  int ADMIN_TOKEN_CHARS_MIN = 32;

  /** The longest credential that is looked at, in characters. */
  int CREDENTIAL_CHARS_MAX = 512;

  /** What every partner key and workspace token begins with. */
  String RESERVED_PREFIX = "mol_";

  /** Reads the values of all {@code Authorization} headers of a request. */
  static PresentedCredential parse(List<String> authorization, CredentialHasher hasher) {
    if (authorization.isEmpty()) {
      return Forms.MISSING;
    }
    if (authorization.size() > 1) {
      return Forms.MALFORMED;
    }
    return parse(authorization.get(0), hasher);
  }

  /** Reads the value of the only {@code Authorization} header of a request. */
  static PresentedCredential parse(String header, CredentialHasher hasher) {
    int start = Forms.credentialStart(header);
    if (start < 0 || header.length() - start > CREDENTIAL_CHARS_MAX) {
      return Forms.MALFORMED;
    }
    String credential = header.substring(start);
    for (int i = 0; i < credential.length(); i++) {
      char c = credential.charAt(i);
      if (c <= ' ' || c >= 127) {
        return Forms.MALFORMED;
      }
    }
    byte[] ascii = credential.getBytes(StandardCharsets.ISO_8859_1);
    if (!credential.startsWith(RESERVED_PREFIX)) {
      return ascii.length < ADMIN_TOKEN_CHARS_MIN
          ? Forms.MALFORMED
          : new AdminCandidate(hasher.hash(ascii));
    }
    for (CredentialKind kind : CredentialKind.values()) {
      if (credential.startsWith(kind.prefix())) {
        if (!kind.isWellFormed(ascii)) {
          return Forms.MALFORMED;
        }
        KeyHash hash = hasher.hash(ascii);
        return kind.isPartnerKey() ? new PartnerKey(hash) : new WorkspaceToken(hash);
      }
    }
    return Forms.MALFORMED;
  }
}

/** The constants and the scheme check behind {@link PresentedCredential#parse}. */
final class Forms {
  static final PresentedCredential MISSING = new PresentedCredential.Missing();
  static final PresentedCredential MALFORMED = new PresentedCredential.Malformed();

  private static final String SCHEME = "bearer ";

  private Forms() {}

  /** Where the credential begins after {@code Bearer} and its spaces, or -1 (RFC 9110, 11.6.2). */
  static int credentialStart(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return -1;
    }
    int start = SCHEME.length();
    while (start < header.length() && header.charAt(start) == ' ') {
      start++;
    }
    return start < header.length() ? start : -1;
  }
}
