package ai.molecule.edge.exchange;

/**
 * Where every request ends: success, refusal, failure and client abort alike. Counts it and writes
 * its access line. Called once for each call, on its event loop.
 */
@FunctionalInterface
public interface Completion {
  /** The status logged for a client that went away before its answer was written. */
  int STATUS_CLIENT_GONE = 499;

  /** Takes note of a finished call. */
  void completed(Call call);

  /** Whose word counts on where the requests that end here come from. */
  default CallerAddresses callers() {
    return CallerAddresses.DIRECT;
  }
}
