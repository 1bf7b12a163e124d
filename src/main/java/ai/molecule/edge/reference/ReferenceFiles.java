package ai.molecule.edge.reference;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * What the reference is made of: the document, the page, and the page's files. {@link #load} reads
 * all of it from the class path. Immutable.
 *
 * @param document the description of the API
 * @param page the page that renders it
 * @param files what the page loads, by name
 */
record ReferenceFiles(
    Representation document, Representation page, Map<String, Representation> files) {
  /** Where the viewer's files are in its jar; the version is the pom's. */
  static final String VIEWER = "/META-INF/resources/webjars/swagger-ui/5.32.0/";

  /** The page loads from here alone; the viewer's style sheet has icons in it as data. */
  private static final Map<String, String> PAGE_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer");

  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  /** Reads everything. Not for an event loop. */
  static ReferenceFiles load() {
    Map<String, Representation> files = new HashMap<>();
    files.put("reference.js", file(SCRIPT, "reference.js"));
    files.put("reference.css", file(STYLE, "reference.css"));
    files.put("swagger-ui-bundle.js", file(SCRIPT, VIEWER + "swagger-ui-bundle.js"));
    files.put("swagger-ui.css", file(STYLE, VIEWER + "swagger-ui.css"));
    files.put("favicon.png", file("image/png", VIEWER + "favicon-32x32.png"));
    return new ReferenceFiles(
        file("application/yaml; charset=utf-8", "openapi.yaml"),
        Representation.of("text/html; charset=utf-8", bytes("reference.html"), PAGE_HEADERS),
        Map.copyOf(files));
  }

  private static Representation file(String mediaType, String resource) {
    return Representation.of(mediaType, bytes(resource), Map.of());
  }

  private static byte[] bytes(String resource) {
    try (InputStream in = ReferenceFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path: " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
