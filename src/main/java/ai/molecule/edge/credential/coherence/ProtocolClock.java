package ai.molecule.edge.credential.coherence;

import io.vertx.core.Future;
import java.time.Duration;

/** Time, as the protocol sees it. */
public interface ProtocolClock {
  /** Monotonic nanoseconds that go on while the process is stopped. */
  long nanos();

  /** Wall-clock milliseconds, only ever compared with {@link #nanos} for drift. */
  long wallMillis();

  /** Completes after {@code duration}, on the coherence context. */
  Future<Void> after(Duration duration);
}
