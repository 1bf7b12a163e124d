package ai.molecule.edge.credential.model;

import ai.molecule.edge.credential.coherence.NodeSession;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.UUID;

/** What a {@link NodeSession} holds: its state belongs into the fingerprint. */
final class SessionState {
  private static final VarHandle ID = field("sessionId", UUID.class);
  private static final VarHandle BUSY = field("busy", boolean.class);
  private static final VarHandle HELD = field("held", boolean.class);
  private static final VarHandle EPOCH = field("epoch", long.class);
  private static final VarHandle VALID_UNTIL = field("validUntilNanos", long.class);

  private SessionState() {}

  private static VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(NodeSession.class, MethodHandles.lookup())
          .findVarHandle(NodeSession.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The session's number, or -1 before there was one. */
  static int id(NodeSession session) {
    UUID id = (UUID) ID.get(session);
    return id == null ? -1 : (int) id.getLeastSignificantBits();
  }

  static boolean isBusy(NodeSession session) {
    return (boolean) BUSY.get(session);
  }

  static boolean isHeld(NodeSession session) {
    return (boolean) HELD.get(session);
  }

  static long epoch(NodeSession session) {
    return (long) EPOCH.get(session);
  }

  static long validUntilNanos(NodeSession session) {
    return (long) VALID_UNTIL.get(session);
  }

  static void prolong(NodeSession session, long untilNanos) {
    VALID_UNTIL.set(session, untilNanos);
  }
}
