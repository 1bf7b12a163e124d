package ai.molecule.edge.reference;

import ai.molecule.edge.exchange.Answer;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * A file as it is sent: plain or compressed, each under a tag that changes when the file does (RFC
 * 9110, sections 8.8.3 and 13.1.2). Immutable.
 *
 * @param headers what every answer with it has
 */
record Representation(
    String mediaType, Buffer plain, Buffer compressed, String tag, Map<String, String> headers) {
  private static final Pattern ACCEPTS_GZIP =
      Pattern.compile(
          "(?i)(?:.*,)?\\s*gzip\\s*(?:;\\s*q=(?:1(?:\\.0*)?|0\\.\\d*[1-9]\\d*)\\s*)?(?:,.*)?");
  private static final int TAG_BYTES = 12;

  /** The representation of those bytes. Compresses them, so not for an event loop. */
  static Representation of(String mediaType, byte[] bytes, Map<String, String> headers) {
    return new Representation(
        mediaType,
        Buffer.buffer(bytes),
        Buffer.buffer(gzip(bytes)),
        HexFormat.of().formatHex(sha256(bytes), 0, TAG_BYTES),
        headers);
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 3);
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The answer to a request with those headers: 200, or 304 when the caller has it. */
  Answer answerTo(MultiMap request) {
    boolean compresses =
        request.getAll(HttpHeaders.ACCEPT_ENCODING).stream()
            .anyMatch(accepted -> ACCEPTS_GZIP.matcher(accepted).matches());
    String entityTag = '"' + tag + (compresses ? "-gzip" : "") + '"';
    Map<String, String> sent = new LinkedHashMap<>(headers);
    sent.put("ETag", entityTag);
    sent.put("Vary", "Accept-Encoding");
    // A browser asks each time and is told in one line that nothing changed; an upgrade is seen.
    sent.put("Cache-Control", "no-cache");
    sent.put("X-Content-Type-Options", "nosniff");
    sent.put("Cross-Origin-Resource-Policy", "same-origin");
    if (has(request, entityTag)) {
      return new Answer(304, null, sent);
    }
    sent.put("Content-Type", mediaType);
    if (compresses) {
      sent.put("Content-Encoding", "gzip");
    }
    return new Answer(200, compresses ? compressed : plain, sent);
  }

  private static boolean has(MultiMap request, String entityTag) {
    return request.getAll(HttpHeaders.IF_NONE_MATCH).stream()
        .flatMap(list -> Stream.of(list.split(",")))
        .map(String::strip)
        .anyMatch(
            given ->
                given.equals("*") || given.equals(entityTag) || given.equals("W/" + entityTag));
  }
}
