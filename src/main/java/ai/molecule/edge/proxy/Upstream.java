package ai.molecule.edge.proxy;

import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;

/**
 * One upstream as one event loop sees it: requests under way, and its health as their outcomes tell
 * it. After some failures in a row it is left out for a while, each further time for longer; the
 * next request after that decides again. Used on its event loop only.
 */
public final class Upstream {
  private static final int EJECTION_TIMES_MAX = 12;

  private final UpstreamAddress address;
  private final CharSequence authority;
  private final int failuresMax;
  private final long ejectionNanos;
  private int underWay;
  private int failuresInARow;
  private int ejections;
  private long ejectedUntilNanos;
  private boolean ejected;

  /** An upstream in good health. */
  Upstream(UpstreamAddress address, UpstreamsConfig config) {
    this.address = address;
    this.authority = new AsciiString(address.authority());
    this.failuresMax = config.ejectionFailures();
    this.ejectionNanos = config.ejectionTime().toNanos();
  }

  /** Where it listens. */
  public UpstreamAddress address() {
    return address;
  }

  /** The value of {@code Host} for it. */
  public CharSequence authority() {
    return authority;
  }

  int underWay() {
    return underWay;
  }

  boolean isEjected(long nowNanos) {
    return ejected && nowNanos - ejectedUntilNanos < 0;
  }

  /** A request is about to be sent to it. */
  public void begin() {
    underWay++;
  }

  /** A request to it is over. */
  public void end() {
    underWay--;
  }

  /** An answer began that does not speak against it. */
  public void succeeded() {
    failuresInARow = 0;
    ejections = 0;
    ejected = false;
  }

  /** A request to it failed. */
  public void failed(long nowNanos) {
    failuresInARow++;
    if (failuresInARow >= failuresMax && !isEjected(nowNanos)) {
      ejections = Math.min(ejections + 1, EJECTION_TIMES_MAX);
      ejected = true;
      ejectedUntilNanos = nowNanos + ejections * ejectionNanos;
    }
  }

  @Override
  public String toString() {
    return address
        + (ejected
            ? " ejected " + ejections + " times for " + TimeUnit.NANOSECONDS.toMillis(ejectionNanos)
            : "");
  }
}
