package ai.molecule.edge.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What a scan has found so far. Of each list the first entries are kept, the rest is counted. */
public final class ScanReport {
  /** Findings, and things that could not be read, that are kept. */
  public static final int KEPT_MAX = 100_000;

  private final ScanProgress progress;
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> unreadable = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private long findingsLeftOut;
  private long unreadableLeftOut;
  private long files;
  private long bytes;

  ScanReport(ScanProgress progress) {
    this.progress = progress;
  }

  /** What was found, in the order in which it was read; at most {@link #KEPT_MAX}. */
  public List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** Findings beyond those kept. */
  public long findingsLeftOut() {
    return findingsLeftOut;
  }

  /** What could not be read, and why, one sentence each; at most {@link #KEPT_MAX}. */
  public List<String> unreadable() {
    return List.copyOf(unreadable);
  }

  /** Things that could not be read beyond those kept. */
  public long unreadableLeftOut() {
    return unreadableLeftOut;
  }

  /** What a reader should know of the scan, one sentence each. */
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** Files, or objects of a history, that were read. */
  public long files() {
    return files;
  }

  /** Bytes that were read. */
  public long bytes() {
    return bytes;
  }

  void add(Finding finding) {
    if (findings.size() < KEPT_MAX) {
      findings.add(finding);
    } else {
      findingsLeftOut++;
    }
  }

  void replaceEach(UnaryOperator<Finding> change) {
    findings.replaceAll(change);
  }

  void couldNotRead(String what) {
    if (unreadable.size() < KEPT_MAX) {
      unreadable.add(what);
    } else {
      unreadableLeftOut++;
    }
  }

  void remark(String sentence) {
    remarks.add(sentence);
  }

  void readFile() {
    files++;
    progress.scanned(files, bytes);
  }

  void readBytes(long more) {
    bytes += more;
    progress.scanned(files, bytes);
  }
}
