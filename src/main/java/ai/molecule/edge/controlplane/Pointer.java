package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.CredentialKind;
import ai.molecule.edge.credential.MintedCredential;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Where in a body something is: a JSON pointer in its URI fragment form (RFC 6901, section 6), so
 * plain ASCII whatever the member names are.
 *
 * @param text the fragment, such as {@code #/scopes/0}
 */
record Pointer(String text) {
  /** The whole body. */
  static final Pointer ROOT = new Pointer("#");

  private static final String UNESCAPED = "-._~!$&'()*+,;=:@?";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /** The member {@code name} of the body. */
  static Pointer of(String name) {
    return ROOT.child(name);
  }

  /** The query parameter {@code name}, written {@code ?name}. */
  static Pointer ofParameter(String name) {
    return new Pointer("?" + escaped(name));
  }

  /** The member {@code name} of the object here. */
  Pointer child(String name) {
    return new Pointer(text + '/' + escaped(name.replace("~", "~0").replace("/", "~1")));
  }

  /** The element {@code index} of the array here. */
  Pointer child(int index) {
    return new Pointer(text + '/' + index);
  }

  @Override
  public String toString() {
    return text;
  }

  /** A credential that was sent as a name by mistake does not come back: it is cut short. */
  private static String shown(String name) {
    for (CredentialKind kind : CredentialKind.values()) {
      int at = name.indexOf(kind.prefix());
      if (at >= 0 && name.length() > at + MintedCredential.SHOWN_PREFIX_CHARS) {
        return name.substring(0, at + MintedCredential.SHOWN_PREFIX_CHARS) + '…';
      }
    }
    return name;
  }

  private static String escaped(String sent) {
    String name = shown(sent);
    StringBuilder escaped = new StringBuilder(name.length());
    for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || UNESCAPED.indexOf(c) >= 0);
      if (plain) {
        escaped.append(c);
      } else {
        escaped.append('%').append(HEX.toHexDigits(octet));
      }
    }
    return escaped.toString();
  }
}
