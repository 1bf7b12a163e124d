package ai.molecule.edge.credential;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses from which a key may be used: CIDR ranges of IPv4 and IPv6, or anywhere when empty.
 * An IPv4-mapped IPv6 address counts as the IPv4 address it carries.
 *
 * @param cidrs the ranges in canonical text, such as {@code 10.0.0.0/8}; a lone address is /32 or
 *     /128
 * @param ranges the same, parsed
 */
public record AddressRanges(List<String> cidrs, List<IPAddress> ranges) {
  /** Anywhere. */
  public static final AddressRanges ANYWHERE = new AddressRanges(List.of(), List.of());

  private static final IPAddressStringParameters STRICT =
      new IPAddressStringParameters.Builder()
          .allowEmpty(false)
          .allowAll(false)
          .allowMask(false)
          .allowSingleSegment(false)
          .allowWildcardedSeparator(false)
          .setRangeOptions(inet.ipaddr.AddressStringParameters.RangeParameters.NO_RANGE)
          .getIPv4AddressParametersBuilder()
          .allow_inet_aton(false)
          .allowLeadingZeros(false)
          .allowPrefixesBeyondAddressSize(false)
          .getParentBuilder()
          .getIPv6AddressParametersBuilder()
          .allowZone(false)
          .allowBase85(false)
          .allowPrefixesBeyondAddressSize(false)
          .getParentBuilder()
          .toParams();

  /** The library's own check of this would refuse /0 as well. */
  private static final Pattern LEADING_ZERO = Pattern.compile("/0[0-9]");

  /** One range from its text, in canonical form, or empty when it is none. */
  public static Optional<String> canonical(String cidr) {
    return Optional.ofNullable(parse(cidr)).map(IPAddress::toCanonicalString);
  }

  /**
   * The ranges of those texts.
   *
   * @throws IllegalArgumentException when one is not a range; callers check with {@link #canonical}
   */
  public static AddressRanges of(List<String> cidrs) {
    if (cidrs.isEmpty()) {
      return ANYWHERE;
    }
    List<IPAddress> ranges =
        cidrs.stream()
            .map(
                cidr -> {
                  IPAddress range = parse(cidr);
                  if (range == null) {
                    throw new IllegalArgumentException("not a CIDR range: " + cidr);
                  }
                  return range;
                })
            .toList();
    return new AddressRanges(ranges.stream().map(IPAddress::toCanonicalString).toList(), ranges);
  }

  /** Whether {@code caller} may use the key; its address is asked for only if that matters. */
  public boolean allows(Ask.Caller caller) {
    return ranges.isEmpty() || allows(caller.callerAddress());
  }

  /** Whether the key may be used anywhere. */
  public boolean isAnywhere() {
    return ranges.isEmpty();
  }

  /** Whether a caller at {@code address} (numeric IPv4 or IPv6) may use the key. */
  public boolean allows(String address) {
    if (ranges.isEmpty()) {
      return true;
    }
    int zone = address.indexOf('%');
    IPAddress caller = parse(zone < 0 ? address : address.substring(0, zone));
    if (caller == null) {
      return false;
    }
    for (IPAddress range : ranges) {
      if (range.contains(caller)) {
        return true;
      }
    }
    return false;
  }

  /** Whether every address allowed here is allowed by {@code other} too. */
  public boolean isWithin(AddressRanges other) {
    return other.isAnywhere()
        || (!isAnywhere()
            && ranges.stream().allMatch(r -> other.ranges.stream().anyMatch(o -> o.contains(r))));
  }

  private static @Nullable IPAddress parse(String text) {
    if (LEADING_ZERO.matcher(text).find()) {
      return null;
    }
    try {
      IPAddress address = new IPAddressString(text, STRICT).toAddress();
      if (address == null) {
        return null;
      }
      IPAddress block = address.isPrefixed() ? address.toPrefixBlock() : address;
      int bits = block.isPrefixed() ? block.getPrefixLength() : block.getBitCount();
      if (block.isIPv6() && block.toIPv6().isIPv4Mapped() && bits >= 96) {
        IPAddress embedded = block.toIPv6().getEmbeddedIPv4Address();
        return embedded.toPrefixBlock(bits - 96);
      }
      return block.toPrefixBlock(bits);
    } catch (AddressStringException e) {
      return null;
    }
  }
}
