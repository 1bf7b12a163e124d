package ai.molecule.edge.credential;

/**
 * What a request presented under {@code Authorization}, told apart by form alone: no store is
 * asked. The plaintext does not leave {@link CredentialParser}; only its hash travels on.
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
}
