package ai.molecule.edge.scan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.Writer;

/**
 * A report as one JSON object: {@code findings} with {@code kind}, {@code masked}, {@code
 * fingerprint}, {@code commit}, {@code path} and {@code line}; {@code findings_left_out}, {@code
 * unreadable}, {@code remarks}, {@code files}, {@code bytes}.
 */
final class JsonReport {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          // The terminal's encoding may have no letter for a path's.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private JsonReport() {}

  static void write(ScanReport report, Writer out) throws IOException {
    try (JsonGenerator json = generator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("findings");
      for (Finding finding : report.findings()) {
        json.writeStartObject();
        json.writeStringField("kind", FoundKind.of(finding.kind()).id);
        json.writeStringField("masked", finding.masked());
        json.writeStringField("fingerprint", finding.fingerprint());
        json.writeStringField("commit", finding.commit());
        json.writeStringField("path", finding.path());
        json.writeNumberField("line", finding.line());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("findings_left_out", report.findingsLeftOut());
      json.writeArrayFieldStart("unreadable");
      for (String one : report.unreadable()) {
        json.writeString(one);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("remarks");
      for (String remark : report.remarks()) {
        json.writeString(remark);
      }
      json.writeEndArray();
      json.writeNumberField("files", report.files());
      json.writeNumberField("bytes", report.bytes());
      json.writeEndObject();
    }
    out.write(System.lineSeparator());
  }

  /** Indented, and leaves the writer open. */
  static JsonGenerator generator(Writer out) throws IOException {
    return JSON.createGenerator(out).useDefaultPrettyPrinter();
  }
}
