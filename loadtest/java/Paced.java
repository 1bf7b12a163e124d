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
import java.util.concurrent.CountDownLatch;

/**
 * An open loop: requests begin when they are due, whether or not earlier ones were answered. Each key has a rate of its own and goes round the
 * nodes. Arguments: ports, seconds, file of "rate credential" lines, file for the records or -, and for how many seconds to warm up on another
 * such file first. -Dpath asks for another path than the key's own, -Dconnections uses more than 64 connections. A record is: key, node, nanoseconds when it was due, sent and answered, status.
 */
public final class Paced {
  private static final long TICK_MILLIS = 1;
  private static final double GOLDEN_RATIO = 0.6180339887;

  private final int[] ports;
  private static final int LOOKS_APART = 50;

  private long durationNanos;
  private long startNanos;
  private int ticks;
  private final HttpClient client;
  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch ended = new CountDownLatch(1);

  private final double[] rates;
  private final double[] phases;
  private final RequestOptions[][] requests;
  private final long[] begun;
  private long[] records = new long[6 * 65_536];
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
            new RequestOptions().setMethod(HttpMethod.GET).setPort(ports[node]).setURI(System.getProperty("path", "/cp/partner-key")).putHeader("Authorization", "Bearer " + parts[1]);
      }
    }
  }

  private void run(long nowNanos) {
    startNanos = nowNanos;
    vertx.setPeriodic(
        TICK_MILLIS,
        timer -> {
          long elapsed = System.nanoTime() - startNanos;
          if (isOver()) {
            durationNanos = Math.min(durationNanos, elapsed);
          }
          for (int key = 0; key < rates.length; key++) {
            long due = (long) (Math.min(elapsed, durationNanos) / 1e9 * rates[key] + phases[key]);
            while (begun[key] < due) {
              long number = begun[key]++;
              send(key, (int) (number % ports.length), startNanos + (long) ((number + 1 - phases[key]) / rates[key] * 1e9), startNanos);
            }
          }
          if (elapsed > durationNanos && inFlight == 0) {
            vertx.cancelTimer(timer);
            ended.countDown();
          }
        });
  }

  /** With -Duntil=FILE it ends when that file is there, if not before. */
  private boolean isOver() {
    String until = System.getProperty("until");
    return until != null && ticks++ % LOOKS_APART == 0 && Files.exists(Path.of(until));
  }

  private void send(int key, int node, long dueNanos, long startNanos) {
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

  private void record(long... values) {
    if (recorded + values.length > records.length) {
      records = Arrays.copyOf(records, records.length * 2);
    }
    System.arraycopy(values, 0, records, recorded, values.length);
    recorded += values.length;
  }

  private void write(Path file) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < recorded; i += 6) {
        for (int j = 0; j < 6; j++) {
          out.append(Long.toString(records[i + j])).append(j == 5 ? '\n' : ' ');
        }
      }
    }
  }

  private String result() {
    long[] nanos = new long[recorded / 6];
    long last = 0;
    java.util.TreeMap<Long, Long> statuses = new java.util.TreeMap<>();
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = records[i * 6 + 4] - records[i * 6 + 2];
      last = Math.max(last, records[i * 6 + 4]);
      statuses.merge(records[i * 6 + 5], 1L, Long::sum);
    }
    Arrays.sort(nanos);
    return "{\"start_nanos\":" + startNanos + ",\"until_the_last_answer_s\":" + last / 1e9 + ",\"requests\":" + nanos.length + ",\"p50_ms\":" + at(nanos, 0.5) + ",\"p99_ms\":" + at(nanos, 0.99) + ",\"p999_ms\":" + at(nanos, 0.999)
        + ",\"max_ms\":" + at(nanos, 1) + ",\"statuses\":{"
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
