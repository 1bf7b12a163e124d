import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Revokes keys while they are in use on every node, and counts requests that started after the 204 and were admitted all the same. One event
 * loop, one clock: "after" is exact. Arguments: ports, admin token, file of "id credential" lines, keys at once, uses that must start after
 * each 204 on each node, and optionally a process to stop while keys are revoked, the node (by number) that is then hung, and for how many
 * milliseconds after the last 204.
 */
public final class Revocations {
  private static final int WARM_USES = 6;
  private static final int LOOPS_A_NODE = 2;
  private static final long PROGRESS_MILLIS = 5_000;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions().setDefaultHost("127.0.0.1").setKeepAlive(true).setConnectTimeout(2_000),
          new PoolOptions().setHttp1MaxSize(1_000).setEventLoopSize(1));
  private final int[] ports;
  private final String token;
  private final int usesAfter;
  private final int hungNode;

  private final List<Long> deleteNanos = new ArrayList<>();
  private final List<String> late = new ArrayList<>();
  private final long[] admittedBefore;
  private final long[] refusedAfter;
  private final long[] failedAfter;
  private final TreeMap<Integer, Long> statusesAfter = new TreeMap<>();
  private long deletesFailed;
  private long warmFailures;
  private int deletes;

  private Revocations(String[] arguments) {
    ports = Arrays.stream(arguments[0].split(",")).mapToInt(Integer::parseInt).toArray();
    token = arguments[1];
    usesAfter = Integer.parseInt(arguments[4]);
    hungNode = arguments.length > 6 ? Integer.parseInt(arguments[6]) : -1;
    admittedBefore = new long[ports.length];
    refusedAfter = new long[ports.length];
    failedAfter = new long[ports.length];
  }

  /** One key, and the loops that use it. */
  private final class Subject {
    final String id;
    final String credential;
    final Promise<Void> warm = Promise.promise();
    final Promise<Void> done = Promise.promise();
    int loopsWarm;
    int loopsDone;
    long revokedNanos;

    Subject(String line) {
      id = line.split(" ")[0];
      credential = line.split(" ")[1];
    }

    void start() {
      for (int node = 0; node < ports.length; node++) {
        for (int i = 0; i < LOOPS_A_NODE; i++) {
          use(node, 0, 0);
        }
      }
    }

    private void use(int node, int admitted, int after) {
      boolean isAfter = revokedNanos != 0;
      call(HttpMethod.GET, ports[node], "/cp/partner-key", credential)
          .onComplete(
              answered -> {
                int status = answered.succeeded() ? answered.result() : 0;
                record(node, status, isAfter);
                int nowAdmitted = admitted + (status == 200 ? 1 : 0);
                if (nowAdmitted == WARM_USES && status == 200 && ++loopsWarm == ports.length * LOOPS_A_NODE) {
                  warm.tryComplete();
                }
                int nowAfter = after + (isAfter ? 1 : 0);
                if (nowAfter >= usesAfter) {
                  if (++loopsDone == ports.length * LOOPS_A_NODE) {
                    done.tryComplete();
                  }
                } else if (nowAdmitted >= WARM_USES && !isAfter) {
                  // Warm: hot enough to be in every cache, without the load generator alone filling both cores.
                  vertx.setTimer(2, timer -> use(node, nowAdmitted, nowAfter));
                } else {
                  use(node, nowAdmitted, nowAfter);
                }
              });
    }

    private void record(int node, int status, boolean isAfter) {
      if (!isAfter) {
        if (status == 200) {
          admittedBefore[node]++;
        } else if (revokedNanos == 0 && status != 401) {
          warmFailures++;
        }
        return;
      }
      statusesAfter.merge(status, 1L, Long::sum);
      if (status >= 200 && status < 300) {
        late.add("key " + id + " on node " + node + " " + (System.nanoTime() - revokedNanos) / 1_000 + " us after the 204");
      } else if (status == 0) {
        failedAfter[node]++;
      } else {
        refusedAfter[node]++;
      }
    }

    Future<Void> revoke() {
      int port = ports[nextCoordinator()];
      long begun = System.nanoTime();
      return call(HttpMethod.DELETE, port, "/cp/admin/partner-keys/" + id, token)
          .transform(
              answered -> {
                long now = System.nanoTime();
                if (answered.succeeded() && answered.result() == 204) {
                  revokedNanos = now;
                  deleteNanos.add(now - begun);
                  return Future.succeededFuture();
                }
                // Not acknowledged, so nothing is promised; a client repeats the call.
                deletesFailed++;
                return vertx.timer(100, TimeUnit.MILLISECONDS).compose(waited -> revoke());
              });
    }
  }

  private int nextCoordinator() {
    int node = deletes++ % ports.length;
    return node == hungNode ? (node + 1) % ports.length : node;
  }

  private Future<Integer> call(HttpMethod method, int port, String path, String credential) {
    RequestOptions options =
        new RequestOptions().setMethod(method).setPort(port).setURI(path).putHeader("Authorization", "Bearer " + credential).setIdleTimeout(20_000);
    return client.request(options).compose(request -> request.send()).compose(answer -> answer.end().map(answer.statusCode()));
  }

  /** Revokes one after the other in each of the lanes. */
  private Future<Void> lane(Iterator<Subject> subjects) {
    if (!subjects.hasNext()) {
      return Future.succeededFuture();
    }
    Subject subject = subjects.next();
    subject.start();
    return subject.warm.future()
        .compose(warm -> subject.revoke())
        .compose(revoked -> subject.done.future())
        .compose(done -> lane(subjects));
  }

  /** Warms a batch, stops the process, revokes, uses, wakes the process, and waits for every answer. */
  private Future<Void> round(List<Subject> batch, String process, int awakeAfterMillis) {
    batch.forEach(Subject::start);
    return Future.all(batch.stream().map(subject -> subject.warm.future()).toList())
        .compose(
            warm -> {
              signal("STOP", process);
              return Future.all(batch.stream().map(Subject::revoke).toList());
            })
        .compose(revoked -> vertx.timer(awakeAfterMillis, TimeUnit.MILLISECONDS))
        .compose(
            waited -> {
              signal("CONT", process);
              return Future.all(batch.stream().map(subject -> subject.done.future()).toList());
            })
        // Awake again, the node gets a new session before the next round.
        .compose(done -> vertx.timer(1_500, TimeUnit.MILLISECONDS))
        .mapEmpty();
  }

  private static void signal(String name, String process) {
    try {
      new ProcessBuilder("kill", "-" + name, process).inheritIO().start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Future<Void> rounds(List<List<Subject>> batches, int next, String process, int awakeAfterMillis) {
    if (next == batches.size()) {
      return Future.succeededFuture();
    }
    return round(batches.get(next), process, awakeAfterMillis)
        .compose(
            done -> {
              System.err.println("round " + (next + 1) + " of " + batches.size() + ": revoked " + deleteNanos.size() + ", late " + late.size());
              return rounds(batches, next + 1, process, awakeAfterMillis);
            });
  }

  private Future<?> inRounds(List<Subject> subjects, int atOnce, String process, int awakeAfterMillis) {
    List<List<Subject>> batches = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i += atOnce) {
      batches.add(subjects.subList(i, Math.min(subjects.size(), i + atOnce)));
    }
    return rounds(batches, 0, process, awakeAfterMillis);
  }

  private Future<?> inLanes(List<Subject> subjects, int atOnce) {
    vertx.setPeriodic(PROGRESS_MILLIS, timer -> System.err.println("revoked " + deleteNanos.size() + " of " + subjects.size() + ", late " + late.size()));
    Iterator<Subject> shared = subjects.iterator();
    List<Future<Void>> lanes = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      lanes.add(lane(shared));
    }
    return Future.all(lanes);
  }

  private String result() {
    long[] sorted = deleteNanos.stream().mapToLong(Long::longValue).sorted().toArray();
    StringBuilder json = new StringBuilder("{");
    json.append("\"revocations\":").append(sorted.length);
    json.append(",\"late\":").append(late.size());
    json.append(",\"admitted_before\":").append(Arrays.toString(admittedBefore));
    json.append(",\"refused_after\":").append(Arrays.toString(refusedAfter));
    json.append(",\"failed_after\":").append(Arrays.toString(failedAfter));
    json.append(",\"warm_failures\":").append(warmFailures);
    json.append(",\"deletes_repeated\":").append(deletesFailed);
    for (Map.Entry<String, Double> each : Map.of("p50", 0.5, "p99", 0.99, "max", 1.0).entrySet()) {
      int index = Math.min(sorted.length - 1, (int) Math.ceil(each.getValue() * sorted.length) - 1);
      json.append(",\"delete_").append(each.getKey()).append("_ms\":").append(sorted[index] / 1e6);
    }
    json.append(",\"statuses_after\":{");
    json.append(String.join(",", statusesAfter.entrySet().stream().map(each -> "\"" + each.getKey() + "\":" + each.getValue()).toList()));
    return json.append("}}").toString();
  }

  public static void main(String[] arguments) throws Exception {
    Revocations run = new Revocations(arguments);
    int atOnce = Integer.parseInt(arguments[3]);
    List<Subject> subjects = Files.readAllLines(Path.of(arguments[2])).stream().map(line -> run.new Subject(line)).toList();
    CountDownLatch ended = new CountDownLatch(1);
    run.vertx.runOnContext(
        begin ->
            (arguments.length > 5
                    ? run.inRounds(subjects, atOnce, arguments[5], Integer.parseInt(arguments[7]))
                    : run.inLanes(subjects, atOnce))
                .onFailure(Throwable::printStackTrace)
                .onComplete(done -> ended.countDown()));
    ended.await();
    System.out.println(run.result());
    run.late.stream().limit(20).forEach(System.err::println);
    System.exit(0);
  }
}
