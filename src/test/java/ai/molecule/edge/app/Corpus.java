package ai.molecule.edge.app;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The corpus of requests under {@code src/test/resources/corpus}: data, and what is expected of
 * each. Its bytes are the characters of its texts, 0 to 255.
 */
final class Corpus {
  private static final YAMLMapper YAML = new YAMLMapper();

  private Corpus() {}

  /**
   * One request, or several in one write.
   *
   * @param answers what is answered, in order: a status and perhaps a code, and {@code closed} when
   *     the connection ends then; {@code closed} alone is an end without an answer
   */
  record Case(String name, String send, List<Expected> answers) {
    /** Whether the connection ends. */
    boolean ends() {
      return answers.getLast().closed();
    }
  }

  /** An answer; status 0 is none. */
  record Expected(int status, String code, boolean closed) {
    static Expected of(String text) {
      String[] words = text.split(" ");
      boolean closed = words[words.length - 1].equals("closed");
      if (closed && words.length == 1) {
        return new Expected(0, "", true);
      }
      String code = words.length > 1 && !words[1].equals("closed") ? words[1] : "";
      return new Expected(Integer.parseInt(words[0]), code, closed);
    }
  }

  /** A target or a host, and the status that it is answered with. */
  record Spelling(String family, String text, int status) {
    boolean isRefused() {
      return status == 400;
    }
  }

  /** Heads, request lines, upgrades and pipelines. */
  static List<Case> heads() {
    return read("heads", new TypeReference<List<Map<String, Object>>>() {}).stream()
        .map(
            entry ->
                new Case(
                    text(entry, "name"),
                    text(entry, "send"),
                    entry.get("answers") instanceof List<?> several
                        ? several.stream().map(one -> Expected.of(one.toString())).toList()
                        : List.of(Expected.of(text(entry, "answer")))))
        .toList();
  }

  /**
   * Requests with a body, well framed or not. A refusal of the front filter ends the connection.
   */
  static List<Case> framing() {
    return read("framing", new TypeReference<List<Map<String, Object>>>() {}).stream()
        .map(
            entry -> {
              String line =
                  entry.getOrDefault("line", "POST /cp/admin/partner-keys HTTP/1.1").toString();
              String send =
                  line
                      + "\r\nHost: edge\r\nAuthorization: Bearer ${ADMIN}\r\n"
                      + "Content-Type: application/json\r\n"
                      + text(entry, "send");
              String answer = text(entry, "answer");
              return new Case(
                  text(entry, "name"),
                  send,
                  List.of(
                      Expected.of(answer.equals("400 bad_request") ? answer + " closed" : answer)));
            })
        .toList();
  }

  /** Request targets. */
  static List<Spelling> targets() {
    Map<String, Map<String, List<String>>> groups =
        read("targets", new TypeReference<Map<String, Map<String, List<String>>>>() {});
    List<Spelling> targets = new ArrayList<>();
    groups
        .getOrDefault("refused", Map.of())
        .forEach(
            (family, texts) -> texts.forEach(text -> targets.add(new Spelling(family, text, 400))));
    groups
        .getOrDefault("passed", Map.of())
        .forEach(
            (status, texts) ->
                texts.forEach(
                    text -> targets.add(new Spelling("passed", text, Integer.parseInt(status)))));
    return targets;
  }

  /** Values of Host. */
  static List<Spelling> hosts() {
    Map<String, List<String>> groups =
        read("hosts", new TypeReference<Map<String, List<String>>>() {});
    return Stream.concat(
            groups.getOrDefault("refused", List.of()).stream()
                .map(text -> new Spelling("refused", text, 400)),
            groups.getOrDefault("passed", List.of()).stream()
                .map(text -> new Spelling("passed", text, 200)))
        .toList();
  }

  private static String text(Map<String, Object> entry, String member) {
    return Objects.requireNonNull(entry.get(member), entry + " lacks " + member).toString();
  }

  private static <T> T read(String name, TypeReference<T> type) {
    String path = "/corpus/" + name + ".yaml";
    try (InputStream in = Objects.requireNonNull(Corpus.class.getResourceAsStream(path), path)) {
      return YAML.readValue(in, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
