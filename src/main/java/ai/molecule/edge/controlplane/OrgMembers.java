package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Plan;
import ai.molecule.edge.controlplane.orgs.Slug;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The members of an org and of its members that callers can set, with their bounds: the HTTP
 * contract, section 6. What the contract leaves open is bounded here. Stateless.
 */
final class OrgMembers {
  static final int SEATS_MAX = 100_000;
  static final int TTL_SECONDS_MIN = 60;
  static final int TTL_SECONDS_MAX = 604_800;
  static final int EXTERNAL_ID_CHARS_MAX = 255;
  static final int DISPLAY_NAME_CHARS_MAX = 100;
  static final int URL_CHARS_MAX = 2_048;
  static final int EMAIL_CHARS_MAX = 254;
  static final Set<String> ROLES = Set.of("owner", "admin", "member");

  private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");

  /** What can be delivered to; the mailbox itself is for its server to know. */
  private static final Pattern EMAIL =
      Pattern.compile(
          "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
              + "@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
              + "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+");

  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])");

  private OrgMembers() {}

  static @Nullable String slug(BodyMembers body) {
    String slug = body.text("slug");
    if (slug == null || Slug.hasForm(slug)) {
      return slug;
    }
    body.wrong(
        body.at("slug"),
        "invalid_format",
        "This must match [a-z][a-z0-9-]{2,31}, without a trailing or a double hyphen.");
    return null;
  }

  static @Nullable Plan plan(BodyMembers body) {
    return body.word("plan", Plan::ofWireName, "This must be free, starter, pro or enterprise.");
  }

  static @Nullable Integer seats(BodyMembers body) {
    return body.integer("seats", 1, SEATS_MAX);
  }

  static @Nullable Integer ttlSeconds(BodyMembers body) {
    return body.integer("ttl_seconds", TTL_SECONDS_MIN, TTL_SECONDS_MAX);
  }

  static @Nullable String externalId(BodyMembers body) {
    return visible(body, "external_id", EXTERNAL_ID_CHARS_MAX);
  }

  static @Nullable String displayName(BodyMembers body) {
    return visible(body, "display_name", DISPLAY_NAME_CHARS_MAX);
  }

  private static @Nullable String visible(BodyMembers body, String name, int charactersMax) {
    String text = body.text(name, charactersMax);
    if (text != null && text.isBlank()) {
      body.wrong(body.at(name), "blank", "This has at least one visible character.");
      return null;
    }
    return text;
  }

  static @Nullable String logoUrl(BodyMembers body) {
    String text = body.text("logo_url", URL_CHARS_MAX);
    if (text == null || isHttps(text)) {
      return text;
    }
    body.wrong(body.at("logo_url"), "invalid_format", "This must be an absolute https URL.");
    return null;
  }

  /** Whether that is an https URL with a host of plain letters and without credentials. */
  private static boolean isHttps(String text) {
    try {
      URI uri = new URI(text);
      String host = uri.getHost();
      return "https".equalsIgnoreCase(uri.getScheme())
          && host != null
          && host.matches("[A-Za-z0-9.-]{1,253}")
          && uri.getRawUserInfo() == null
          && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    } catch (URISyntaxException e) {
      return false;
    }
  }

  static @Nullable String primaryColor(BodyMembers body) {
    return formed(body, "primary_color", COLOR, "This must be a color such as #1a2b3c.");
  }

  static @Nullable String customDomain(BodyMembers body) {
    return formed(body, "custom_domain", DOMAIN, "This must be a domain name.");
  }

  static @Nullable String supportEmail(BodyMembers body) {
    return email(body, "support_email");
  }

  static @Nullable String email(BodyMembers body, String name) {
    String text = body.text(name, EMAIL_CHARS_MAX);
    if (text == null || EMAIL.matcher(text).matches()) {
      return text;
    }
    body.wrong(body.at(name), "invalid_format", "This must be an email address.");
    return null;
  }

  static @Nullable String role(BodyMembers body) {
    return body.word("role", ROLES, "This must be owner, admin or member.");
  }

  /** A text of that form, in lower case. */
  private static @Nullable String formed(
      BodyMembers body, String name, Pattern form, String otherwise) {
    String given = body.text(name);
    if (given == null) {
      return null;
    }
    String text = given.toLowerCase(Locale.ROOT);
    if (form.matcher(text).matches()) {
      return text;
    }
    body.wrong(body.at(name), "invalid_format", otherwise);
    return null;
  }
}
