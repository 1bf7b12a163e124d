package ai.molecule.edge.credential;

import ai.molecule.edge.credential.PresentedCredential.AdminCandidate;
import ai.molecule.edge.credential.PresentedCredential.Malformed;
import ai.molecule.edge.credential.PresentedCredential.Missing;
import ai.molecule.edge.credential.PresentedCredential.PartnerKey;
import ai.molecule.edge.credential.PresentedCredential.WorkspaceToken;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code Authorization} headers of requests. It keeps its scratch memory between calls
 * and overwrites it with each: one per event loop, not safe on two threads.
 */
public final class CredentialParser {
  private static final PresentedCredential MISSING = new Missing();
  private static final PresentedCredential MALFORMED = new Malformed();
  private static final CredentialKind[] KINDS = CredentialKind.values();
  private static final String SCHEME = "bearer ";
  private static final byte[] RESERVED_PREFIX =
      PresentedCredential.RESERVED_PREFIX.getBytes(StandardCharsets.US_ASCII);

  private final CredentialHasher hasher = CredentialHasher.create();
  private final CRC32 crc = new CRC32();
  private final byte[] scratch = new byte[PresentedCredential.CREDENTIAL_CHARS_MAX];

  /** What the headers of a request present. */
  public PresentedCredential parse(MultiMap headers) {
    if (headers instanceof io.netty.handler.codec.http.HttpHeaders http1) {
      return parse(http1.iteratorCharSequence());
    }
    return parse(headers.getAll(HttpHeaders.AUTHORIZATION));
  }

  /** What the values of all {@code Authorization} headers of a request present. */
  PresentedCredential parse(List<String> values) {
    return switch (values.size()) {
      case 0 -> MISSING;
      case 1 -> parse(values.getFirst());
      default -> MALFORMED;
    };
  }

  /** Looks for the header once, and for a second one, without a copy of either. */
  private PresentedCredential parse(Iterator<Map.Entry<CharSequence, CharSequence>> headers) {
    CharSequence only = null;
    while (headers.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = headers.next();
      if (AsciiString.contentEqualsIgnoreCase(HttpHeaders.AUTHORIZATION, header.getKey())) {
        if (only != null) {
          return MALFORMED;
        }
        only = header.getValue();
      }
    }
    return only == null ? MISSING : parse(only);
  }

  private PresentedCredential parse(CharSequence header) {
    int start = credentialStart(header);
    int length = start < 0 ? 0 : header.length() - start;
    if (length == 0 || length > scratch.length) {
      return MALFORMED;
    }
    for (int i = 0; i < length; i++) {
      char c = header.charAt(start + i);
      if (c <= ' ' || c >= 127) {
        return MALFORMED;
      }
      scratch[i] = (byte) c;
    }
    if (startsWith(RESERVED_PREFIX, length)) {
      return minted(length);
    }
    return length < PresentedCredential.ADMIN_TOKEN_CHARS_MIN
        ? MALFORMED
        : new AdminCandidate(hasher.hash(scratch, length));
  }

  /** Where the credential begins after {@code Bearer} and its spaces, or -1 (RFC 9110, 11.6.2). */
  private static int credentialStart(CharSequence header) {
    if (header.length() <= SCHEME.length()) {
      return -1;
    }
    for (int i = 0; i < SCHEME.length(); i++) {
      char c = header.charAt(i);
      char lower = c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
      if (lower != SCHEME.charAt(i)) {
        return -1;
      }
    }
    int start = SCHEME.length();
    while (start < header.length() && header.charAt(start) == ' ') {
      start++;
    }
    return start < header.length() ? start : -1;
  }

  private PresentedCredential minted(int length) {
    CredentialKind kind = kindOf(length);
    if (kind == null
        || !Base62.areDigits(scratch, kind.prefix().length(), length)
        || !Base62.checksumHolds(crc, scratch, length)) {
      return MALFORMED;
    }
    KeyHash hash = hasher.hash(scratch, length);
    return kind.isPartnerKey() ? new PartnerKey(hash) : new WorkspaceToken(hash);
  }

  private @Nullable CredentialKind kindOf(int length) {
    for (CredentialKind kind : KINDS) {
      if (length == kind.length() && startsWith(kind.prefixAscii(), length)) {
        return kind;
      }
    }
    return null;
  }

  private boolean startsWith(byte[] prefix, int length) {
    return length >= prefix.length
        && Arrays.equals(scratch, 0, prefix.length, prefix, 0, prefix.length);
  }
}
