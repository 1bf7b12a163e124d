package ai.molecule.edge.exchange;

import ai.molecule.edge.credential.AddressRanges;
import io.vertx.core.MultiMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says where a request comes from: its connection's peer, or what proxies before the edge report.
 * Each of them appends the address that it saw to {@code X-Forwarded-For}, so with {@code n} of
 * them the caller is the {@code n}-th from the right; what stands further left the caller wrote
 * itself. A peer that is not trusted is the caller, whatever it says. Safe on any thread.
 *
 * @param trustedPeers who may report another address; none when there are no ranges
 * @param forwardedHops how many proxies append to {@code X-Forwarded-For}; 0 to ignore it
 */
public record CallerAddresses(AddressRanges trustedPeers, int forwardedHops) {
  /** The peer is the caller. */
  public static final CallerAddresses DIRECT = new CallerAddresses(AddressRanges.ANYWHERE, 0);

  private static final String X_FORWARDED_FOR = "X-Forwarded-For";

  /** Whether anybody may report another address. */
  public boolean trustsAnyone() {
    return !trustedPeers.isAnywhere();
  }

  /** Whether {@code peer}, a numeric address, may report another one. */
  public boolean trusts(@Nullable String peer) {
    return peer != null && trustsAnyone() && trustedPeers.allows(peer);
  }

  /**
   * The address of who sent a request with those headers over a connection from {@code peer}. An
   * entry that is no address is not passed over: the answer is then the peer.
   */
  public String of(@Nullable String peer, MultiMap headers) {
    String direct = peer == null ? "" : peer;
    if (forwardedHops == 0 || !trusts(peer)) {
      return direct;
    }
    List<String> lines = headers.getAll(X_FORWARDED_FOR);
    if (lines == null || lines.isEmpty()) {
      return direct;
    }
    String[] reported = String.join(",", lines).split(",", -1);
    if (reported.length < forwardedHops) {
      return direct;
    }
    String caller = numeric(reported[reported.length - forwardedHops].strip());
    return caller == null ? direct : caller;
  }

  /** The address in {@code text}, which may have a port behind it; null when it is none. */
  private static @Nullable String numeric(String text) {
    String host = text;
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      host = end < 0 ? "" : text.substring(1, end);
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      host = text.substring(0, text.indexOf(':'));
    }
    return host.indexOf('/') >= 0
        ? null
        : AddressRanges.canonical(host).map(CallerAddresses::withoutBits).orElse(null);
  }

  private static String withoutBits(String range) {
    int slash = range.indexOf('/');
    return slash < 0 ? range : range.substring(0, slash);
  }
}
