package ai.molecule.edge.credential;

import java.nio.charset.StandardCharsets;

/** The three forms of minted credentials: a prefix, 32 random base62 digits, 6 of checksum. */
public enum CredentialKind {
  LIVE_KEY("mol_pk_live_"),
  TEST_KEY("mol_pk_test_"),
  WORKSPACE_TOKEN("mol_ws_");

  /** Random digits in every minted credential. */
  public static final int RANDOM_CHARS = 32;

  private final String prefix;
  private final byte[] prefixAscii;

  CredentialKind(String prefix) {
    this.prefix = prefix;
    this.prefixAscii = prefix.getBytes(StandardCharsets.US_ASCII);
  }

  /** The prefix as bytes, not to be changed. */
  byte[] prefixAscii() {
    return prefixAscii;
  }

  /** What a credential of this kind begins with. */
  public String prefix() {
    return prefix;
  }

  /** Characters in a credential of this kind. */
  public int length() {
    return prefix.length() + RANDOM_CHARS + Base62.CHECKSUM_CHARS;
  }

  boolean isPartnerKey() {
    return this != WORKSPACE_TOKEN;
  }
}
