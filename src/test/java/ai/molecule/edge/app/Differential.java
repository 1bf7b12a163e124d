package ai.molecule.edge.app;

import static org.awaitility.Awaitility.await;

import ai.molecule.edge.app.AccessLines.Line;
import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.app.SeenLog.Seen;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Mutated requests through a node to a server that counts requests by its own rules. The invariant:
 * each request that the upstream counts is one that the edge meant to forward, one to one, with the
 * method and the target that stand in the client's own bytes and the identity of the key that paid;
 * each that the edge says was served was counted; those of one connection are counted in their
 * order; and no client reads an answer to another request than the one the edge answers, nor one to
 * a request of another client. With another server in front: each that the edge takes in is one
 * that the front meant to send on. (What a front sends on it words itself, so that lines and their
 * order are not compared.)
 */
final class Differential implements AutoCloseable {
  private static final int CHUNK = 2_000;
  private static final int CHUNKS_A_REPORT = 10;
  private static final int CLIENTS = 48;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern CASE = Pattern.compile("/up/c([0-9a-f]{8})");
  private static final Pattern TARGET_ID = Pattern.compile("/up/(c[0-9a-f]{8}\\.[0-9])");
  private static final Pattern ANSWER_ID =
      Pattern.compile("\r\n[Xx]-[Rr]equest-[Ii]d: ([^\r]*)\r\n");
  private static final Pattern ANSWER_LENGTH =
      Pattern.compile("\r\n[Cc]ontent-[Ll]ength: ([0-9]+)\r\n");

  private final RunningNode node;
  private final Made key;
  private final DifferentialCases cases;
  private final CountingUpstream upstream;
  private final @Nullable ForwardingFront front;
  private final FrontLedger ledger;
  private final AccessLines lines = AccessLines.capture();
  private final ExecutorService clients =
      Executors.newFixedThreadPool(CLIENTS, Thread.ofVirtual().factory());

  /** The bytes of the cases of this chunk and of the one before, by number. */
  private Map<Integer, String> sent = new HashMap<>();

  private Map<Integer, String> sentBefore = new HashMap<>();

  /**
   * How often the edge meant to forward a request of that id and method, and has not been seen to.
   */
  private final Map<String, Integer> meant = new HashMap<>();

  /** Of those, the ones that were answered 200: the upstream must have counted them. */
  private final Map<String, Integer> served = new HashMap<>();

  /** What was served of each case of this chunk, in the order in which it was counted. */
  private final Map<Integer, List<Seen>> order = new HashMap<>();

  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
  private final Counts counts = new Counts();

  Differential(
      long seed,
      RunningNode node,
      Made key,
      CountingUpstream upstream,
      @Nullable ForwardingFront front) {
    this.cases = new DifferentialCases(seed, key.secret());
    this.node = node;
    this.key = key;
    this.upstream = upstream;
    this.front = front;
    this.ledger = new FrontLedger(front);
  }

  /** What came of the cases so far. */
  static final class Counts {
    long cases;
    long meant;
    long counted;
    long refusedByTheUpstream;
    long refusedByTheEdge;
    long answersCompared;

    @Override
    public String toString() {
      return "%,d mutations: %,d requests meant to be forwarded, %,d counted upstream (%,d of them 400 there), %,d refused by the edge, %,d answers compared"
          .formatted(
              cases, meant, counted, refusedByTheUpstream, refusedByTheEdge, answersCompared);
    }
  }

  /**
   * Plays that many, from that number on.
   *
   * @param progress told now and then what came of them
   * @return what was wrong
   */
  List<String> run(int first, int cases, Consumer<String> progress) throws Exception {
    for (int from = first; from < first + cases && wrong.isEmpty(); from += CHUNK) {
      chunk(from, Math.min(first + cases, from + CHUNK));
      if ((from - first) / CHUNK % CHUNKS_A_REPORT == 0) {
        progress.accept(counts.toString());
      }
    }
    progress.accept(counts + "; unmatched or out of order: " + wrong.size());
    return wrong;
  }

  Counts counts() {
    return counts;
  }

  private void chunk(int from, int to) throws Exception {
    sentBefore = sent;
    sent = new HashMap<>();
    List<Future<?>> played = new ArrayList<>();
    for (int number = from; number < to; number++) {
      String bytes = cases.bytes(number);
      sent.put(number, bytes);
      played.add(clients.submit(() -> play(bytes)));
    }
    for (Future<?> one : played) {
      one.get();
    }
    counts.cases += to - from;
    reconcile();
  }

  private void play(String bytes) {
    int port = front == null ? node.port() : front.port();
    try (RawConnection connection = new RawConnection(port)) {
      connection.send(bytes);
      compare(bytes, connection.untilClosedOrSilent());
    } catch (IOException broken) {
      // The edge closed while there was still something to send: so it may.
    }
  }

  /** Each answer that an upstream made names the request that the edge says it answers. */
  private void compare(String bytes, String answers) {
    int at = 0;
    while (at < answers.length()) {
      int end = answers.indexOf("\r\n\r\n", at);
      if (end < 0) {
        return;
      }
      String head = answers.substring(at, end + 2);
      Matcher length = ANSWER_LENGTH.matcher(head);
      Matcher id = ANSWER_ID.matcher(head);
      if (!length.find() || !id.find()) {
        return;
      }
      int from = end + 4;
      at = Math.min(answers.length(), from + Integer.parseInt(length.group(1)));
      String body = answers.substring(from, at).strip();
      if (body.startsWith("seen")) {
        synchronized (counts) {
          counts.answersCompared++;
        }
        if (FrontLedger.isOurs(id.group(1)) && !bytes.contains(id.group(1))) {
          wrong.add("answer to " + id.group(1) + ", which another client sent, after: " + bytes);
        }
        if (!body.equals("seen " + id.group(1))) {
          wrong.add("answer to " + id.group(1) + " is: " + body);
        }
      }
    }
  }

  /** Waits until what the edge served was counted, and everything counted was meant. */
  private void reconcile() throws IOException {
    List<Seen> unmatched = new ArrayList<>();
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                unmatched.addAll(upstream.take());
                lines.take().forEach(this::note);
                unmatched.removeIf(this::matches);
                return unmatched.isEmpty() && served.isEmpty() && ledger.isSettled();
              });
    } catch (ConditionTimeoutException late) {
      unmatched.forEach(seen -> wrong.add("counted, never meant: " + seen));
      ledger.unmatched().forEach(which -> wrong.add("taken in, never sent on: " + which));
      served.forEach((id, times) -> wrong.add("served, never counted: " + id + " " + times));
    }
    order.clear();
  }

  private void note(Line line) {
    ledger.tookIn(line.requestId(), line.method());
    if (line.route().equals(DifferentialCases.ROUTE)
        && line.status() != 401
        && line.status() != 403) {
      String which = line.requestId() + " " + line.method();
      meant.merge(which, 1, Integer::sum);
      counts.meant++;
      if (line.status() == 200) {
        served.merge(which, 1, Integer::sum);
      }
    } else {
      counts.refusedByTheEdge++;
    }
  }

  private boolean matches(Seen seen) {
    boolean unread = seen.status() == 400 && seen.requestId().equals("-");
    String which = unread ? unread(seen) : seen.requestId() + " " + seen.method();
    if (!meant.containsKey(which)) {
      return false;
    }
    less(meant, which);
    less(served, which);
    counts.counted++;
    counts.refusedByTheUpstream += seen.status() == 200 ? 0 : 1;
    if (!unread && !seen.keyId().equals(key.id())) {
      wrong.add("with another identity: " + seen);
    }
    if (front != null) {
      return true;
    }
    String line = shape(seen);
    Integer sender = sender(seen, line);
    if (sender == null) {
      wrong.add("with a line that nobody sent: " + seen);
    } else if (seen.status() == 200) {
      // A refusal is written down when its connection has ended, whenever that is.
      List<Seen> all = order.computeIfAbsent(sender, each -> new ArrayList<>());
      all.add(seen);
      if (!standInOrder(all, bytesOf(sender))) {
        wrong.add("out of order: " + all + "\nof " + bytesOf(sender));
      }
    }
    return true;
  }

  private static boolean standInOrder(List<Seen> all, String bytes) {
    int at = -1;
    for (Seen each : all) {
      at = bytes.indexOf(shape(each), at + 1);
      if (at < 0) {
        return false;
      }
    }
    return true;
  }

  /** The line as it stands in a client's bytes; an upstream is always spoken to in HTTP/1.1. */
  private static String shape(Seen seen) {
    return seen.line().replaceAll(" HTTP/1\\.[01]$", " HTTP/1.");
  }

  /**
   * An upstream that refuses a request line has not looked at the headers: the target says which
   * request it was, or, when that is spoilt, the method must be that of a request that was not
   * counted yet.
   */
  private String unread(Seen seen) {
    Matcher id = TARGET_ID.matcher(seen.line());
    String which = (id.find() ? id.group(1) : "-") + " " + seen.method();
    return meant.containsKey(which)
        ? which
        : meant.keySet().stream()
            .filter(each -> each.endsWith(" " + seen.method()))
            .findFirst()
            .orElse(which);
  }

  private static void less(Map<String, Integer> counted, String which) {
    counted.computeIfPresent(which, (id, times) -> times == 1 ? null : times - 1);
  }

  /** The case in whose bytes that line stands: the one of its id or of its target, if it can be. */
  private @Nullable Integer sender(Seen seen, String line) {
    Matcher number = CASE.matcher("/up/" + seen.requestId() + line);
    while (number.find()) {
      int which = Integer.parseUnsignedInt(number.group(1), 16);
      if (bytesOf(which).contains(line)) {
        return which;
      }
    }
    return Stream.concat(sent.keySet().stream(), sentBefore.keySet().stream())
        .filter(each -> bytesOf(each).contains(line))
        .findFirst()
        .orElse(null);
  }

  private String bytesOf(int number) {
    return sent.getOrDefault(number, sentBefore.getOrDefault(number, ""));
  }

  @Override
  public void close() {
    clients.shutdownNow();
    lines.close();
  }
}
