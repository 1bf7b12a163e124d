package ai.molecule.edge.edge;

import ai.molecule.edge.credential.KeyRecord;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who a request acts as, as upstreams are told: headers under {@code X-Mol-}, rendered once for
 * each version of a key. Immutable.
 */
final class Identity {
  private static final CharSequence PARTNER_ID = HttpHeaders.createOptimized("X-Mol-Partner-Id");
  private static final CharSequence ORG_ID = HttpHeaders.createOptimized("X-Mol-Org-Id");
  private static final CharSequence KEY_ID = HttpHeaders.createOptimized("X-Mol-Key-Id");
  private static final CharSequence SCOPES = HttpHeaders.createOptimized("X-Mol-Scopes");

  private final KeyRecord key;
  private final CharSequence partnerId;
  private final @Nullable CharSequence orgId;
  private final CharSequence keyId;
  private final CharSequence scopes;
  private final byte[] lines;

  private Identity(KeyRecord key) {
    this.key = key;
    this.partnerId = new AsciiString(key.partnerId());
    this.orgId = key.orgId() == null ? null : new AsciiString(key.orgId().toString());
    this.keyId = new AsciiString(key.id().toString());
    this.scopes = new AsciiString(String.join(" ", key.scopes().wireNames()));
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    addTo(headers);
    StringBuilder text = new StringBuilder(256);
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    this.lines = text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The key's headers as lines of a request. */
  byte[] lines() {
    return lines;
  }

  /** The key's headers; a partner-wide key has no org. */
  void addTo(MultiMap headers) {
    headers.add(PARTNER_ID, partnerId);
    if (orgId != null) {
      headers.add(ORG_ID, orgId);
    }
    headers.add(KEY_ID, keyId);
    headers.add(SCOPES, scopes);
  }

  /** Identities rendered lately, by the key's id: a collision only renders one again. */
  static final class Cache {
    private static final int SLOTS = 1 << 13;

    private final @Nullable Identity[] slots = new Identity[SLOTS];

    Identity of(KeyRecord key) {
      int slot = key.id().hashCode() & (slots.length - 1);
      Identity known = slots[slot];
      if (known == null || known.key != key) {
        known = new Identity(key);
        slots[slot] = known;
      }
      return known;
    }
  }
}
