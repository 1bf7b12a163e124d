package ai.molecule.edge.controlplane;

import ai.molecule.edge.controlplane.orgs.Branding;
import ai.molecule.edge.controlplane.orgs.Org;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;

/**
 * A status page: plain HTML without a script. Its one style sheet is named in the content security
 * policy by its hash and its one image by its origin; nothing else may load. What comes from
 * callers is escaped, and was checked before it was stored.
 *
 * @param status 200 or 404
 * @param contentSecurityPolicy the header that goes with it
 */
record ConsolePage(int status, String html, String contentSecurityPolicy) {
  private static final Color DEFAULT_COLOR = Color.parse("#1f2937");
  private static final String STYLE =
      """
      *{box-sizing:border-box}
      body{margin:0;min-height:100vh;font:16px/1.5 system-ui,sans-serif;background:#f3f4f6;\
      color:#111827;display:flex;align-items:center;justify-content:center;padding:1.5rem}
      main{width:100%%;max-width:30rem;background:#fff;border-radius:.75rem;overflow:hidden;\
      box-shadow:0 1px 3px #0003}
      header{background:%s;color:%s;padding:2rem;display:flex;align-items:center;gap:1rem}
      header img{width:3.5rem;height:3.5rem;object-fit:contain;background:#fff;\
      border-radius:.5rem;padding:.25rem}
      h1{margin:0;font-size:1.5rem;line-height:1.2;overflow-wrap:anywhere}
      section{padding:1.5rem 2rem}
      p{margin:0 0 .5rem}
      .state{font-weight:600}
      a{color:#1d4ed8}
      """;

  /** The page of an org that is not gone: its branding and its status, nothing else of it. */
  static ConsolePage of(Org org) {
    Branding branding = org.branding();
    String name = escaped(org.shownName());
    StringBuilder body = new StringBuilder("<main>\n<header>\n");
    String images = "'none'";
    if (branding.logoUrl() != null) {
      images = origin(branding.logoUrl());
      body.append("<img src=\"").append(escaped(branding.logoUrl())).append("\" alt=\"\">\n");
    }
    body.append("<h1>").append(name).append("</h1>\n</header>\n<section>\n");
    body.append("<p>Status: <span class=\"state\">").append(org.status().wireName());
    body.append("</span></p>\n<p>").append(meaning(org)).append("</p>\n");
    if (branding.supportEmail() != null) {
      String mail = escaped(branding.supportEmail());
      body.append("<p>Questions? <a href=\"mailto:").append(mail).append("\">").append(mail);
      body.append("</a></p>\n");
    }
    body.append("</section>\n</main>");
    Color color =
        branding.primaryColor() == null ? DEFAULT_COLOR : Color.parse(branding.primaryColor());
    return page(200, name, body.toString(), color, images);
  }

  /** The page that tells that there is none. */
  static ConsolePage unknown() {
    String body =
        """
        <main>
        <header>
        <h1>Not found</h1>
        </header>
        <section>
        <p>There is no console at this address.</p>
        </section>
        </main>\
        """;
    return page(404, "Not found", body, DEFAULT_COLOR, "'none'");
  }

  private static ConsolePage page(
      int status, String title, String body, Color color, String images) {
    String style = STYLE.formatted(color.css(), color.readableText().css());
    String html =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        %s
        </body>
        </html>
        """
            .formatted(title, style, body);
    String policy =
        "default-src 'none'; style-src 'sha256-%s'; img-src %s; base-uri 'none'; form-action"
            + " 'none'; frame-ancestors 'none'";
    return new ConsolePage(status, html, policy.formatted(sha256(style), images));
  }

  private static String meaning(Org org) {
    return switch (org.status()) {
      case PROVISIONING -> "This workspace is being set up.";
      case RUNNING -> "All systems are up.";
      case SUSPENDED -> "This workspace is suspended.";
      case DELETING, DELETED -> "This workspace is closing.";
      case FAILED -> "This workspace could not be set up.";
    };
  }

  /** The origin of an https URL that was checked when it was stored. */
  private static String origin(String url) {
    URI uri = URI.create(url);
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return "https://" + uri.getHost().toLowerCase(Locale.ROOT) + port;
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder()
          .encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Text as HTML shows it, in elements and in quoted attributes. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
