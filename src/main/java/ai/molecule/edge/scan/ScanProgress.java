package ai.molecule.edge.scan;

/** Is told how far a scan has come, often. */
@FunctionalInterface
public interface ScanProgress {
  /** So much has been read so far, in files or objects of a history. */
  void scanned(long files, long bytes);
}
