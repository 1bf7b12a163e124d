package ai.molecule.edge.reference;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.exchange.Answer;
import io.vertx.core.MultiMap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the reference is sent. */
class ReferencePagesTest {
  private static final ReferenceFiles FILES = ReferenceFiles.load();

  private static MultiMap headers(String... pairs) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return headers;
  }

  @Test
  void thePageLoadsFilesThatAreThereAndNothingFromElsewhere() {
    String page = FILES.page().plain().toString();
    List<String> loaded =
        Pattern.compile("(?:src|href)=\"([^\"]+)\"")
            .matcher(page)
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();
    assertThat(loaded).hasSize(6).contains("/openapi.yaml");
    for (String path : loaded) {
      if (!path.equals("/openapi.yaml")) {
        assertThat(path).startsWith("/docs/");
        assertThat(FILES.files()).containsKey(path.substring("/docs/".length()));
      }
    }
    assertThat(FILES.files().get("reference.js").plain().toString()).doesNotContain("://");
    assertThat(FILES.files().get("reference.css").plain().toString()).doesNotContain("://");
  }

  @Test
  void thePageMayLoadFromItsOwnOriginAlone() {
    assertThat(FILES.page().answerTo(headers()).headers())
        .hasEntrySatisfying(
            "Content-Security-Policy",
            policy ->
                assertThat(policy)
                    .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'")
                    .doesNotContain("http", "*", "unsafe"));
  }

  @Test
  void aFileIsSentCompressedToThoseWhoTakeIt() throws IOException {
    Answer plain = FILES.document().answerTo(headers());
    Answer compressed = FILES.document().answerTo(headers("Accept-Encoding", "br, gzip;q=0.8"));
    assertThat(plain.headers()).doesNotContainKey("Content-Encoding");
    assertThat(compressed.headers())
        .containsEntry("Content-Encoding", "gzip")
        .containsEntry("Vary", "Accept-Encoding");
    byte[] unpacked =
        new GZIPInputStream(new ByteArrayInputStream(compressed.body().getBytes())).readAllBytes();
    assertThat(new String(unpacked, StandardCharsets.UTF_8)).isEqualTo(plain.body().toString());
    assertThat(compressed.headers().get("ETag")).isNotEqualTo(plain.headers().get("ETag"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip;q=0", "gzip; q=0.0", "br", "identity", "gzipped"})
  void aFileIsSentPlainToThoseWhoDoNot(String accepted) {
    assertThat(FILES.document().answerTo(headers("Accept-Encoding", accepted)).headers())
        .doesNotContainKey("Content-Encoding");
  }

  @Test
  void aCallerWhoHasItIsToldSo() {
    String tag = FILES.page().answerTo(headers()).headers().get("ETag");
    for (String given : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
      Answer answer = FILES.page().answerTo(headers("If-None-Match", given));
      assertThat(answer.status()).as(given).isEqualTo(304);
      assertThat(answer.body()).isNull();
      assertThat(answer.headers()).containsEntry("ETag", tag);
    }
    assertThat(FILES.page().answerTo(headers("If-None-Match", "\"other\"")).status())
        .isEqualTo(200);
  }
}
