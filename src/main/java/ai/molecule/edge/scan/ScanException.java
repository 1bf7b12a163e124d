package ai.molecule.edge.scan;

import java.io.IOException;

/** A scan could not run at all, or not to its end; the message says why in a sentence. */
public final class ScanException extends IOException {
  private static final long serialVersionUID = 1L;

  ScanException(String message) {
    super(message);
  }

  ScanException(String message, Throwable cause) {
    super(message, cause);
  }
}
