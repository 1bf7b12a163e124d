package ai.molecule.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents point at is there: files, tests and packages. */
class DocumentationTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
  private static final Pattern TO_HEADING = Pattern.compile("\\]\\(([^)#\\s]*)#([^)]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern TEST = Pattern.compile("`([A-Z][a-z]\\w*(?:Test|IT))\\b");
  private static final Pattern LEVEL =
      Pattern.compile("(?m)^\\| \\d \\| ((?:`[a-z.]+`(?:, )?)+) \\|");
  private static final Pattern QUOTED = Pattern.compile("`([a-z.]+)`");
  private static final Path SOURCES = Path.of("src/main/java/ai/molecule/edge");

  private static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
      return Stream.concat(Stream.of(Path.of("README.md"), Path.of("loadtest/README.md")), docs)
          .filter(path -> path.toString().endsWith(".md"))
          .filter(Files::exists)
          .toList();
    }
  }

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    for (Path document : documents()) {
      for (String target : found(LINK, document)) {
        if (!target.contains("://")) {
          Path parent = document.getParent() == null ? Path.of("") : document.getParent();
          assertThat(parent.resolve(target)).as("%s in %s", target, document).exists();
        }
      }
    }
  }

  @Test
  void everyLinkToAHeadingLeadsToOne() throws IOException {
    for (Path document : documents()) {
      for (MatchResult link : TO_HEADING.matcher(Files.readString(document)).results().toList()) {
        if (!link.group(1).contains("://")) {
          Path parent = document.getParent() == null ? Path.of("") : document.getParent();
          Path target = link.group(1).isEmpty() ? document : parent.resolve(link.group(1));
          assertThat(headings(target))
              .as("%s in %s", link.group(), document)
              .contains(link.group(2));
        }
      }
    }
  }

  /** The anchors that a page has, as GitHub makes them of its headings. */
  private static Set<String> headings(Path document) throws IOException {
    return found(HEADING, document).stream()
        .map(heading -> heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", ""))
        .map(heading -> heading.strip().replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Set<String> tests;
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      tests =
          files
              .map(path -> path.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .map(name -> name.substring(0, name.length() - ".java".length()))
              .collect(Collectors.toSet());
    }
    for (Path document : documents()) {
      assertThat(tests).as("%s", document).containsAll(found(TEST, document));
    }
  }

  @Test
  void theJarIsStartedWithTheFlagsOfTheBuild() throws IOException {
    List<String> shipped =
        Files.readAllLines(Path.of("conf/jvm.options")).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .toList();
    Matcher flags =
        Pattern.compile("<edge.jvm.flags>([^<]*)<").matcher(Files.readString(Path.of("pom.xml")));
    assertThat(flags.find()).isTrue();
    assertThat(List.of(flags.group(1).split(" "))).isEqualTo(shipped);
  }

  @Test
  void theMapOfPackagesIsComplete() throws IOException {
    String map = Files.readString(Path.of("docs/architecture.md"));
    Set<String> told =
        LEVEL
            .matcher(map)
            .results()
            .flatMap(row -> QUOTED.matcher(row.group(1)).results())
            .map(name -> name.group(1))
            .collect(Collectors.toSet());
    try (Stream<Path> packages = Files.list(SOURCES)) {
      assertThat(packages.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(told);
    }
  }

  private static Set<String> found(Pattern pattern, Path document) throws IOException {
    return pattern
        .matcher(Files.readString(document))
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toSet());
  }
}
