package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.molecule.edge.documents.Browser;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public status page, as anyone gets it. */
class ConsoleApiTest {
  private static final Pattern STYLE = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL);

  /** What Chromium sends. */
  private static final String BROWSER =
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

  @AutoClose private static ControlPlaneUnderTest edge;

  @TempDir Path directory;

  @BeforeAll
  static void start() {
    edge = new ControlPlaneUnderTest();
    make(
        "northwind",
        new JsonObject()
            .put("display_name", "Northwind <Research> & Co")
            .put("logo_url", "https://cdn.example:8443/logo.png?a=1&b=2")
            .put("primary_color", "#0f766e")
            .put("support_email", "help@northwind.example"));
    make("plain-org", new JsonObject());
  }

  private static void make(String slug, JsonObject branding) {
    JsonObject body =
        new JsonObject()
            .put("partner_id", "secret-partner")
            .put("external_id", "secret-external-" + slug)
            .put("slug", slug)
            .put("name", "The \"name\"")
            .put("metadata", new JsonObject().put("secret-member", "x"))
            .put("branding", branding);
    HttpResponse<String> made = edge.post("/cp/orgs", ADMIN, body);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    edge.query("UPDATE orgs SET status = 'running' WHERE slug = $1", slug);
  }

  private static HttpResponse<String> page(String slug) {
    return edge.get("/console/" + slug, null);
  }

  private static HttpResponse<String> page(String slug, String accepted) {
    return edge.send(edge.request("GET", "/console/" + slug, null).header("Accept", accepted));
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }

  @Test
  void showsNameLogoColorAndStatusToAnyone() {
    HttpResponse<String> response = page("northwind");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(response.body())
        .contains("<title>Northwind &lt;Research&gt; &amp; Co</title>")
        .contains("src=\"https://cdn.example:8443/logo.png?a=1&amp;b=2\"")
        .contains("background:#0f766e;color:#ffffff")
        .contains("running")
        .contains("mailto:help@northwind.example");
    assertThat(page("plain-org").body()).contains("<h1>The &quot;name&quot;</h1>");
  }

  @Test
  void showsNothingThatIsNotPublic() {
    assertThat(page("northwind").body())
        .doesNotContain("secret")
        .doesNotContain("starter")
        .doesNotContain("The &quot;name")
        .doesNotContain("<script");
  }

  @Test
  void letsTheBrowserLoadItsStyleAndItsLogoAlone() throws NoSuchAlgorithmException {
    HttpResponse<String> response = page("northwind");
    Matcher style = STYLE.matcher(response.body());
    assertThat(style.find()).isTrue();
    byte[] hash =
        MessageDigest.getInstance("SHA-256")
            .digest(style.group(1).getBytes(StandardCharsets.UTF_8));
    assertThat(header(response, "Content-Security-Policy"))
        .isEqualTo(
            "default-src 'none'; style-src 'sha256-"
                + Base64.getEncoder().encodeToString(hash)
                + "'; img-src https://cdn.example:8443; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'");
    assertThat(header(page("plain-org"), "Content-Security-Policy")).contains("img-src 'none'");
  }

  @Test
  void isTheSameByTheOrgsId() {
    String id =
        edge.query("SELECT id FROM orgs WHERE slug = $1", "northwind")
            .iterator()
            .next()
            .getUUID("id")
            .toString();
    assertThat(page(id).statusCode()).isEqualTo(200);
    assertThat(page(id).body()).isEqualTo(page("northwind").body()).doesNotContain(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-org", "UPPER", "zz", "01890000-0000-7000-8000-0000000000ff"})
  void isAPageThatSaysSoToABrowserWhenThereIsNone(String slug) {
    HttpResponse<String> response = page(slug, BROWSER);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(header(response, "Content-Type")).startsWith("text/html");
    assertThat(header(response, "Vary")).isEqualTo("Accept");
    assertThat(response.body())
        .isEqualTo(page("another-unknown", BROWSER).body())
        .doesNotContain(slug);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-org", "UPPER", "zz", "01890000-0000-7000-8000-0000000000ff"})
  void isTheProblemItIsEverywhereToAProgramWhenThereIsNone(String slug) {
    for (HttpResponse<String> response : List.of(page(slug), page(slug, "*/*"))) {
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
      assertThat(header(response, "Vary")).isEqualTo("Accept");
      assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("not_found");
      assertThat(response.body()).doesNotContain(slug);
    }
  }

  @Test
  void isOnlyRead() {
    HttpResponse<String> response = edge.post("/console/northwind", null, null);
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(header(response, "Allow")).isEqualTo("GET, HEAD");
  }

  /** Needs a Chromium on the path, and is skipped where there is none, as in the CI's image. */
  @Test
  void looksLikeThisInABrowser() throws IOException, InterruptedException {
    assumeThat(Browser.installed()).as("a Chromium on the path").isPresent();
    make(
        "screenshot-org",
        new JsonObject()
            .put("display_name", "Northwind Research")
            .put("primary_color", "#0f766e")
            .put("support_email", "help@northwind.example"));
    String origin = "http://127.0.0.1:" + edge.port() + "/";
    try (Browser browser = Browser.start(Browser.installed().get(), directory, 800, 500)) {
      browser.open(origin + "console/screenshot-org");
      browser.awaitTrue("document.querySelector('h1') !== null");
      assertThat(browser.evaluate("document.body.innerText")).contains("Northwind Research");
      assertThat(browser.requested())
          .filteredOn(address -> !address.startsWith("data:"))
          .allMatch(address -> address.startsWith(origin));
      Path kept = Path.of("docs/images/console.png");
      Files.createDirectories(kept.getParent());
      Files.write(kept, browser.screenshot());
    }
  }

  @Test
  void textCanBeReadOnEveryColor() {
    for (int red = 0; red < 256; red += 5) {
      for (int green = 0; green < 256; green += 5) {
        for (int blue = 0; blue < 256; blue += 15) {
          Color color = new Color(red << 16 | green << 8 | blue);
          assertThat(color.contrast(color.readableText()))
              .isGreaterThanOrEqualTo(Color.CONTRAST_MIN);
        }
      }
    }
    assertThat(Color.WHITE.contrast(Color.BLACK)).isEqualTo(21.0);
    assertThat(Arrays.asList(Color.parse("#777777").contrast(Color.WHITE)))
        .allSatisfy(contrast -> assertThat(contrast).isBetween(4.47, 4.49));
  }
}
