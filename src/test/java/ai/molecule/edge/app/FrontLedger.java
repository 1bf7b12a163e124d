package ai.molecule.edge.app;

import ai.molecule.edge.app.SeenLog.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the edge took in beside what the server in front of it says that it sent on, one to one, by
 * request id and method. Without a server in front everything is in order. For one thread.
 */
final class FrontLedger {
  private static final Pattern OURS = Pattern.compile("c[0-9a-f]{8}\\.[0-9]");
  private static final String UNREAD = "-";

  private final @Nullable ForwardingFront front;
  private final Map<String, Integer> sentOn = new HashMap<>();
  private final List<String> takenIn = new ArrayList<>();

  /** Requests that the front sent on and wrote down without an id. */
  private int unread;

  FrontLedger(@Nullable ForwardingFront front) {
    this.front = front;
  }

  /** Whether a request id is one that the clients made: those spoilt are replaced by the edge. */
  static boolean isOurs(String requestId) {
    return OURS.matcher(requestId).matches();
  }

  void tookIn(String requestId, String method) {
    if (front != null && isOurs(requestId)) {
      takenIn.add(requestId + " " + method);
    }
  }

  /** Whether all that was taken in has been sent on, as far as the front has written it down. */
  boolean isSettled() throws IOException {
    if (front != null) {
      for (Seen seen : front.take()) {
        if (seen.requestId().equals(UNREAD)) {
          unread++;
        } else {
          sentOn.merge(seen.requestId() + " " + seen.method(), 1, Integer::sum);
        }
      }
      takenIn.removeIf(which -> isSentOn(which) || front.forgetsBroken() && isUnread());
    }
    return takenIn.isEmpty();
  }

  private boolean isUnread() {
    if (unread == 0) {
      return false;
    }
    unread--;
    return true;
  }

  private boolean isSentOn(String which) {
    boolean known = sentOn.containsKey(which);
    sentOn.computeIfPresent(which, (id, times) -> times == 1 ? null : times - 1);
    return known;
  }

  List<String> unmatched() {
    return List.copyOf(takenIn);
  }
}
