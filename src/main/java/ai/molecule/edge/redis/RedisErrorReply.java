package ai.molecule.edge.redis;

import java.util.Set;

/** An error that Redis answered with: a defect here or in a script, or a script it lacks. */
public final class RedisErrorReply extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Error prefixes of a server that is alive and cannot serve. */
  private static final Set<String> NOT_SERVING =
      Set.of("READONLY", "LOADING", "MASTERDOWN", "OOM", "MISCONF", "NOREPLICAS", "BUSY");

  private final String code;

  RedisErrorReply(String message) {
    super(message, null, false, false);
    int space = message.indexOf(' ');
    this.code = space < 0 ? message : message.substring(0, space);
  }

  /** The first word, such as {@code WRONGTYPE}. */
  public String code() {
    return code;
  }

  /** The words after the first. */
  String rest() {
    String message = String.valueOf(getMessage());
    return message.length() == code.length() ? "" : message.substring(code.length() + 1);
  }

  boolean isNotServing() {
    return NOT_SERVING.contains(code);
  }

  boolean isOtherRole() {
    return code.equals("READONLY");
  }

  /** Whether the script was not run because the server does not have it under this epoch. */
  boolean isUnknownScript() {
    return code.equals("NOSCRIPT") || code.equals("STALE_EPOCH");
  }
}
