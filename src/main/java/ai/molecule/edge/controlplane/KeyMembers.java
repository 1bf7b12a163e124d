package ai.molecule.edge.controlplane;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.ratelimit.Limit;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The members of a key object that callers can set, with their bounds: the HTTP contract, section
 * 5. What the contract leaves open is bounded here. Stateless.
 */
final class KeyMembers {
  static final int NAME_CHARS_MAX = 100;
  static final int DESCRIPTION_CHARS_MAX = 1_000;
  static final int SCOPES_MAX = 100;
  static final int IP_ALLOW_MAX = 100;
  static final int METADATA_MAX = 50;
  static final int METADATA_NAME_CHARS_MAX = 40;
  static final int METADATA_VALUE_CHARS_MAX = 500;
  static final int EXPIRES_IN_DAYS_MAX = 3_650;

  /** RFC 3339 writes years with four digits. */
  private static final Instant EXPIRES_BEFORE = Instant.parse("+10000-01-01T00:00:00Z");

  private static final Pattern PARTNER_ID = Pattern.compile("[a-z0-9_-]{1,64}");
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");
  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)");

  private KeyMembers() {}

  /** Whether {@code text} has the form of a partner's id. */
  static boolean isPartnerId(String text) {
    return PARTNER_ID.matcher(text).matches();
  }

  /** The UUID of that text, or empty when it is none. */
  static Optional<UUID> uuid(String text) {
    return UUID_TEXT.matcher(text).matches()
        ? Optional.of(UUID.fromString(text))
        : Optional.empty();
  }

  static @Nullable String name(BodyMembers body) {
    String name = body.text("name", NAME_CHARS_MAX);
    if (name != null && name.isBlank()) {
      body.wrong(body.at("name"), "blank", "A name has at least one visible character.");
      return null;
    }
    return name;
  }

  static @Nullable String description(BodyMembers body) {
    return body.text("description", DESCRIPTION_CHARS_MAX);
  }

  static @Nullable String partnerId(BodyMembers body) {
    String partnerId = body.text("partner_id");
    if (partnerId != null && !isPartnerId(partnerId)) {
      body.wrong(body.at("partner_id"), "invalid_format", "This must match [a-z0-9_-]{1,64}.");
      return null;
    }
    return partnerId;
  }

  static @Nullable UUID orgId(BodyMembers body) {
    String text = body.text("org_id");
    Optional<UUID> orgId = text == null ? Optional.empty() : uuid(text);
    if (text != null && orgId.isEmpty()) {
      body.wrong(body.at("org_id"), "invalid_format", "This must be a UUID.");
    }
    return orgId.orElse(null);
  }

  /** The scopes in the order asked, for pointing at them; duplicates are kept. */
  static @Nullable List<Scope> scopes(BodyMembers body) {
    List<Scope> scopes =
        body.list(
            "scopes",
            SCOPES_MAX,
            (text, at) -> {
              Scope scope = Scope.ofWireName(text).orElse(null);
              if (scope == null) {
                body.wrong(at, "unknown_scope", "There is no such scope.");
              }
              return scope;
            });
    if (scopes != null && scopes.isEmpty()) {
      body.wrong(body.at("scopes"), "too_few", "A key has at least one valid scope.");
    }
    return scopes;
  }

  static @Nullable Environment environment(BodyMembers body) {
    return body.word("environment", Environment::ofWireName, "This must be live or test.");
  }

  static @Nullable Tier tier(BodyMembers body, Map<String, Limit> tiers) {
    return body.word(
        "tier",
        name -> Optional.ofNullable(tiers.get(name)).map(limit -> new Tier(name, limit)),
        "There is no such tier.");
  }

  static @Nullable Integer rateLimit(BodyMembers body) {
    return body.integer("rate_limit", 1, Limit.RATE_PER_MINUTE_MAX);
  }

  static @Nullable Integer burst(BodyMembers body) {
    return body.integer("burst", 1, Limit.BURST_MAX);
  }

  static @Nullable AddressRanges ipAllow(BodyMembers body) {
    List<String> cidrs =
        body.list(
            "ip_allow",
            IP_ALLOW_MAX,
            (text, at) -> {
              String canonical = AddressRanges.canonical(text).orElse(null);
              if (canonical == null) {
                body.wrong(at, "invalid_format", "This must be a CIDR range of IPv4 or IPv6.");
              }
              return canonical;
            });
    return cidrs == null ? null : AddressRanges.of(cidrs.stream().distinct().toList());
  }

  static @Nullable Map<String, Change<String>> metadata(BodyMembers body) {
    return body.strings("metadata", METADATA_NAME_CHARS_MAX, METADATA_VALUE_CHARS_MAX);
  }

  /** The metadata of something new: members that are null are left out. */
  static Map<String, String> newMetadata(BodyMembers body) {
    Map<String, Change<String>> given = metadata(body);
    Map<String, String> metadata = Metadata.merged(Map.of(), given == null ? Map.of() : given);
    if (metadata.size() > METADATA_MAX) {
      body.wrong(body.at("metadata"), "too_many", "At most " + METADATA_MAX + " members.");
    }
    return metadata;
  }

  /** When the key ends by itself: from {@code expires_in_days} or {@code expires_at}. */
  static @Nullable Instant expiry(BodyMembers body, Instant now) {
    Integer days = body.integer("expires_in_days", 1, EXPIRES_IN_DAYS_MAX);
    Instant at = expiresAt(body, now);
    if (body.has("expires_in_days") && body.has("expires_at")) {
      body.wrong(
          body.at("expires_at"), "conflict", "Send expires_in_days or expires_at, not both.");
    }
    return days == null ? at : now.plus(days, ChronoUnit.DAYS);
  }

  private static @Nullable Instant expiresAt(BodyMembers body, Instant now) {
    String text = body.text("expires_at");
    if (text == null) {
      return null;
    }
    Instant at = timestamp(text);
    if (at == null) {
      body.wrong(
          body.at("expires_at"),
          "invalid_format",
          "This must be an RFC 3339 time with an offset, such as 2030-01-31T12:00:00Z.");
    } else if (!at.isAfter(now)) {
      body.wrong(body.at("expires_at"), "in_the_past", "This must be in the future.");
    } else if (!at.isBefore(EXPIRES_BEFORE)) {
      body.wrong(body.at("expires_at"), "out_of_range", "This must be before the year 10000.");
    }
    return at;
  }

  /** An RFC 3339 time in whole milliseconds, or null when it is none. */
  private static @Nullable Instant timestamp(String text) {
    if (!TIMESTAMP.matcher(text).matches()) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text.toUpperCase(Locale.ROOT))
          .toInstant()
          .truncatedTo(ChronoUnit.MILLIS);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
