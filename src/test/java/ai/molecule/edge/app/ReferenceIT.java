package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.molecule.edge.documents.Browser;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API's description and its rendering, as a started edge serves them. */
class ReferenceIT {
  private static final Path PICTURE = Path.of("docs/images/reference.png");

  @AutoClose private static EdgeNodes nodes;
  private static RunningNode edge;

  @TempDir Path directory;

  @BeforeAll
  static void start() {
    nodes = EdgeNodes.onSharedStores();
    edge = nodes.start();
  }

  @Test
  void theDocumentIsServedToAnyone() throws Exception {
    HttpResponse<String> answer = edge.send("GET", "/openapi.yaml", null, null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/yaml; charset=utf-8");
    assertThat(answer.body())
        .isEqualTo(
            Files.readString(
                Path.of("src/main/resources/ai/molecule/edge/reference/openapi.yaml")));
    assertThat(edge.send("HEAD", "/openapi.yaml", null, null).body()).isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsNotFoundAndNothingElseOfTheJarCanBeRead() {
    for (String path :
        new String[] {"/docs/none.js", "/docs/openapi.yaml", "/docs/", "/docs/..%2fopenapi.yaml"}) {
      assertThat(edge.send("GET", path, null, null).statusCode()).as(path).isIn(400, 404);
    }
    assertThat(edge.send("POST", "/docs", null, null).statusCode()).isEqualTo(405);
  }

  /** Needs a Chromium on the path, and is skipped where there is none. */
  @Test
  void theRenderingLooksLikeThisInABrowserAndAsksNoOtherHost() throws Exception {
    assumeThat(Browser.installed()).as("a Chromium on the path").isPresent();
    String origin = "http://127.0.0.1:" + edge.port() + "/";
    try (Browser browser = Browser.start(Browser.installed().get(), directory, 1280, 1800)) {
      browser.open(origin + "docs");
      browser.awaitTrue("document.querySelectorAll('.opblock').length > 20");
      browser.evaluate(
          "document.getElementById('operations-Keys-createKey').querySelector('button').click()");
      browser.awaitTrue("document.querySelector('.opblock.is-open .responses-table') !== null");
      assertThat(browser.evaluate("document.body.innerText"))
          .contains("Partner Edge", "/cp/admin/partner-keys", "Create a key");
      assertThat(browser.evaluate("document.querySelectorAll('.error-wrapper,.warning').length"))
          .as("warnings of the viewer")
          .isEqualTo("0");
      assertThat(browser.complaints()).isEmpty();
      assertThat(browser.requested())
          .filteredOn(address -> !address.startsWith("data:"))
          .hasSizeGreaterThanOrEqualTo(5)
          .allMatch(address -> address.startsWith(origin));
      Files.createDirectories(PICTURE.getParent());
      Files.write(PICTURE, browser.screenshot());
    }
  }
}
