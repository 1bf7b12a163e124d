package ai.molecule.edge.scan;

import java.io.IOException;
import java.io.Writer;

/** How a report is written. */
public enum ScanFormat {
  /** A line a finding, {@code path:line: what}. */
  TEXT {
    @Override
    public void write(ScanReport report, String version, Writer out) throws IOException {
      for (Finding finding : report.findings()) {
        out.write(TextLine.of(finding) + System.lineSeparator());
      }
    }
  },
  /** One JSON object with all findings. */
  JSON {
    @Override
    public void write(ScanReport report, String version, Writer out) throws IOException {
      JsonReport.write(report, out);
    }
  },
  /** SARIF 2.1.0, for code hosts and editors. */
  SARIF {
    @Override
    public void write(ScanReport report, String version, Writer out) throws IOException {
      SarifReport.write(report, version, out);
    }
  };

  /**
   * Writes the findings of a report; the writer stays open.
   *
   * @param version of the program that scanned
   */
  public abstract void write(ScanReport report, String version, Writer out) throws IOException;
}
