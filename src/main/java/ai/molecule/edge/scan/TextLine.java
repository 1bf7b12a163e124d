package ai.molecule.edge.scan;

/** A finding in a line, as compilers write theirs. */
final class TextLine {
  private TextLine() {}

  /** {@code path:line: masked, what it is}, and the commit if it is of a history. */
  static String of(Finding finding) {
    String commit = finding.commit() == null ? "" : ", since commit " + finding.commit();
    return PrintableText.of(finding.path())
        + ":"
        + finding.line()
        + ": "
        + finding.masked()
        + ", a "
        + FoundKind.of(finding.kind()).words
        + " (SHA-256 "
        + finding.fingerprint()
        + "...)"
        + commit;
  }
}
