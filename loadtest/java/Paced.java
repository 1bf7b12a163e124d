import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * An open loop: requests begin when they are due, whether or not earlier ones were answered. Each key has a rate of its own and goes round the
 * nodes. Arguments: ports, seconds, file of "rate credential" lines, file for the records or -, and for how many seconds to warm up on another
 * such file first. -Dpath asks for another path than the key's own, -Dconnections uses more than 64 connections, -Duntil=FILE ends when that
 * file is there. A record is: key, node, nanoseconds when it was due, sent and answered, status. Says every ten seconds how far it is.
 */
public final class Paced {
  private static final long TICK_MILLIS = 1;
  private static final long PROGRESS_MILLIS = 10_000;
  private static final int TICKS_A_LOOK = 50;
  private static final double GOLDEN_RATIO = 0.6180339887;
  private static final int FIELDS = 6;
  private static final int DUE = 2;
  private static final int ANSWERED = 4;
  private static final int STATUS = 5;

  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final String until = System.getProperty("until");
  private final int[] ports;
  private final HttpClient client;
  private final double[] rates;
  private final double[] phases;
  private final RequestOptions[][] requests;
  private final long[] begun;
  private long durationNanos;
  private long startNanos;
  private int ticks;
  private long[] records = new long[FIELDS * 65_536];
  private int recorded;
  private int inFlight;

  private Paced(String[] arguments, List<String> keys) {
    ports = Arrays.stream(arguments[0].split(",")).mapToInt(Integer::parseInt).toArray();
    durationNanos = (long) (Double.parseDouble(arguments[1]) * 1e9);
    client =
        vertx.createHttpClient(
            new HttpClientOptions().setDefaultHost("127.0.0.1").setKeepAlive(true),
            new PoolOptions().setHttp1MaxSize(Integer.getInteger("connections", 64)).setMaxWaitQueueSize(-1).setEventLoopSize(1));
    rates = new double[keys.size()];
    phases = new double[keys.size()];
    begun = new long[keys.size()];
    requests = new RequestOptions[keys.size()][ports.length];
    for (int key = 0; key < rates.length; key++) {
      String[] parts = keys.get(key).split(" ");
      rates[key] = Double.parseDouble(parts[0]);
      // Keys of one rate begin at different moments, or their requests would all come at once for ever.
      phases[key] = key * GOLDEN_RATIO % 1;
      for (int node = 0; node < ports.length; node++) {
        requests[key][node] =
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setPort(ports[node])
                .setURI(System.getProperty("path", "/cp/partner-key"))
                .putHeader("Authorization", "Bearer " + parts[1]);
      }
    }
  }

  private void run(long nowNanos) {
    startNanos = nowNanos;
    long progress = vertx.setPeriodic(PROGRESS_MILLIS, timer -> showProgress());
    vertx.setPeriodic(
        TICK_MILLIS,
        timer -> {
          long elapsed = System.nanoTime() - startNanos;
          if (isCalledOff()) {
            durationNanos = Math.min(durationNanos, elapsed);
          }
          sendDue(Math.min(elapsed, durationNanos));
          if (elapsed > durationNanos && inFlight == 0) {
            vertx.cancelTimer(timer);
            vertx.cancelTimer(progress);
            ended.countDown();
          }
        });
  }

  /** Who waits for a file to be there says by itself how far it is. */
  private void showProgress() {
    if (until == null) {
      System.err.printf("%.0f of %.0f s, %d answers%n", (System.nanoTime() - startNanos) / 1e9, durationNanos / 1e9, recorded / FIELDS);
    }
  }

  private boolean isCalledOff() {
    return until != null && ticks++ % TICKS_A_LOOK == 0 && Files.exists(Path.of(until));
  }

  /** Begins what is due that many nanoseconds after the start. */
  private void sendDue(long elapsedNanos) {
    for (int key = 0; key < rates.length; key++) {
      long due = (long) (elapsedNanos / 1e9 * rates[key] + phases[key]);
      while (begun[key] < due) {
        long number = begun[key]++;
        send(key, (int) (number % ports.length), startNanos + (long) ((number + 1 - phases[key]) / rates[key] * 1e9));
      }
    }
  }

  private void send(int key, int node, long dueNanos) {
    inFlight++;
    long[] sent = new long[1];
    client
        .request(requests[key][node])
        .compose(
            request -> {
              sent[0] = System.nanoTime();
              return request.send();
            })
        .compose(answer -> answer.end().map(answer.statusCode()))
        .onComplete(
            answered -> {
              inFlight--;
              record(key, node, dueNanos - startNanos, sent[0] - startNanos, System.nanoTime() - startNanos, answered.succeeded() ? answered.result() : 0);
            });
  }

  /** Keeps the fields of one record, in their order. */
  private void record(long... values) {
    if (recorded + values.length > records.length) {
      records = Arrays.copyOf(records, records.length * 2);
    }
    System.arraycopy(values, 0, records, recorded, values.length);
    recorded += values.length;
  }

  private void write(Path file) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < recorded; i += FIELDS) {
        for (int j = 0; j < FIELDS; j++) {
          out.append(Long.toString(records[i + j])).append(j == FIELDS - 1 ? '\n' : ' ');
        }
      }
    }
  }

  private String result() {
    long[] nanos = new long[recorded / FIELDS];
    long last = 0;
    TreeMap<Long, Long> statuses = new TreeMap<>();
    for (int i = 0; i < nanos.length; i++) {
      long answered = records[i * FIELDS + ANSWERED];
      nanos[i] = answered - records[i * FIELDS + DUE];
      last = Math.max(last, answered);
      statuses.merge(records[i * FIELDS + STATUS], 1L, Long::sum);
    }
    Arrays.sort(nanos);
    return "{\"start_nanos\":" + startNanos
        + ",\"until_the_last_answer_s\":" + last / 1e9
        + ",\"requests\":" + nanos.length
        + ",\"p50_ms\":" + at(nanos, 0.5) + ",\"p99_ms\":" + at(nanos, 0.99) + ",\"p999_ms\":" + at(nanos, 0.999) + ",\"max_ms\":" + at(nanos, 1)
        + ",\"statuses\":{"
        + String.join(",", statuses.entrySet().stream().map(each -> "\"" + each.getKey() + "\":" + each.getValue()).toList()) + "}}";
  }

  private static double at(long[] sorted, double part) {
    return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)] / 1e6;
  }

  private static Paced run(String[] arguments) throws Exception {
    Paced paced = new Paced(arguments, Files.readAllLines(Path.of(arguments[2])));
    paced.vertx.runOnContext(begin -> paced.run(System.nanoTime()));
    paced.ended.await();
    return paced;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 4) {
      run(new String[] {arguments[0], arguments[4], arguments[5]});
      System.err.println("client warm");
    }
    Paced paced = run(arguments);
    if (!arguments[3].equals("-")) {
      paced.write(Path.of(arguments[3]));
    }
    System.out.println(paced.result());
    System.exit(0);
  }
}
