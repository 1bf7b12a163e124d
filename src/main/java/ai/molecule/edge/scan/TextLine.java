package ai.molecule.edge.scan;

/** A finding in a line, as compilers write theirs. */
final class TextLine {
  private TextLine() {}

  /** {@code path:line: masked, what it is}, and the commit if it is of a history. */
  static String of(Finding finding) {
    String commit = finding.commit() == null ? "" : ", since commit " + finding.commit();
    return printable(finding.path())
        + ":"
        + finding.line()
        + ": "
        + finding.masked()
        + ", a "
        + FoundKind.of(finding.kind()).words
        + " (SHA-256 "
        + finding.fingerprint()
        + "…)"
        + commit;
  }

  /** A name must not move the cursor of whoever reads it. */
  private static String printable(String name) {
    StringBuilder text = new StringBuilder(name.length());
    for (char c : name.toCharArray()) {
      if (Character.isISOControl(c)) {
        text.append(String.format("\\x%02x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
