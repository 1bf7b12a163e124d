package ai.molecule.edge.scan;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/** A report as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): one run. */
final class SarifReport {
  private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
  private static final String BASE = "SCANNED";
  private static final List<FoundKind> RULES = List.of(FoundKind.values());

  private final JsonGenerator json;

  private SarifReport(JsonGenerator json) {
    this.json = json;
  }

  static void write(ScanReport report, String version, Writer out) throws IOException {
    try (JsonGenerator json = JsonReport.generator(out)) {
      new SarifReport(json).write(report, version);
    }
    out.write(System.lineSeparator());
  }

  private void write(ScanReport report, String version) throws IOException {
    json.writeStartObject();
    json.writeStringField("$schema", SCHEMA);
    json.writeStringField("version", "2.1.0");
    json.writeArrayFieldStart("runs");
    json.writeStartObject();
    writeTool(version);
    writeInvocation(report);
    json.writeObjectFieldStart("originalUriBaseIds");
    json.writeObjectFieldStart(BASE);
    writeText("description", "The folder or repository that was scanned.");
    json.writeEndObject();
    json.writeEndObject();
    json.writeArrayFieldStart("results");
    for (Finding finding : report.findings()) {
      writeResult(finding);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeTool(String version) throws IOException {
    json.writeObjectFieldStart("tool");
    json.writeObjectFieldStart("driver");
    json.writeStringField("name", "partner-edge scan");
    json.writeStringField("version", version);
    json.writeArrayFieldStart("rules");
    for (FoundKind kind : RULES) {
      json.writeStartObject();
      json.writeStringField("id", kind.id);
      writeText("shortDescription", "A " + kind.words + " in plain text");
      writeText(
          "help",
          "Revoke it first: whoever read it can use it. Then take it out; a history keeps it.");
      json.writeObjectFieldStart("defaultConfiguration");
      json.writeStringField("level", kind.level);
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void writeInvocation(ScanReport report) throws IOException {
    json.writeArrayFieldStart("invocations");
    json.writeStartObject();
    json.writeBooleanField("executionSuccessful", report.unreadable().isEmpty());
    json.writeArrayFieldStart("toolExecutionNotifications");
    for (String one : report.unreadable()) {
      writeNotification("error", "Not read: " + one);
    }
    for (String remark : report.remarks()) {
      writeNotification("note", remark);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
  }

  private void writeNotification(String level, String text) throws IOException {
    json.writeStartObject();
    json.writeStringField("level", level);
    writeText("message", text);
    json.writeEndObject();
  }

  private void writeResult(Finding finding) throws IOException {
    FoundKind kind = FoundKind.of(finding.kind());
    json.writeStartObject();
    json.writeStringField("ruleId", kind.id);
    json.writeNumberField("ruleIndex", RULES.indexOf(kind));
    json.writeStringField("level", kind.level);
    writeText("message", "A " + kind.words + ", " + finding.masked() + ".");
    json.writeArrayFieldStart("locations");
    json.writeStartObject();
    json.writeObjectFieldStart("physicalLocation");
    json.writeObjectFieldStart("artifactLocation");
    json.writeStringField("uri", uri(finding.path()));
    json.writeStringField("uriBaseId", BASE);
    json.writeEndObject();
    json.writeObjectFieldStart("region");
    json.writeNumberField("startLine", finding.line());
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndArray();
    json.writeObjectFieldStart("partialFingerprints");
    json.writeStringField("credentialSha256/v1", finding.fingerprint());
    json.writeEndObject();
    if (finding.commit() != null) {
      json.writeObjectFieldStart("properties");
      json.writeStringField("commit", finding.commit());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void writeText(String field, String text) throws IOException {
    json.writeObjectFieldStart(field);
    json.writeStringField("text", text);
    json.writeEndObject();
  }

  /** A path as a relative reference (RFC 3986, 4.2), whose first segment must not have a colon. */
  private static String uri(String path) {
    try {
      return new URI(null, null, "/" + path, null).toASCIIString().substring(1).replace(":", "%3A");
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("a path is always a URI's path once it is quoted", e);
    }
  }
}
