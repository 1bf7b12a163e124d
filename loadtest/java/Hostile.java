import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A service that lies, cuts, resets and floods, and clients that ask for it through the edge. Each request has a number, which says what the
 * service does with it and what an honest answer to it is. One lie is left out, which nobody can see through: an answer too many that
 * comes when the connection already carries the next request. Arguments: port of the node, port for the service, requests, file with a credential.
 */
public final class Hostile {
  private static final int CLIENTS = 64;
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  private final AtomicLong heads = new AtomicLong();
  private final int requests;
  private int next;
  private int over;
  private int whole;
  private int mixed;
  private int truncatedThatLookWhole;
  private final TreeMap<String, Integer> outcomes = new TreeMap<>();
  private final List<String> examples = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private Hostile(int requests) {
    this.requests = requests;
  }

  /** What the service may do; those that cut an answer short must never look whole to a client. */
  private enum Manner {
    HONEST_LENGTH,
    HONEST_CHUNKS,
    HONEST_UNTIL_CLOSED,
    INTERIM_FIRST,
    CUT_LENGTH,
    CUT_CHUNKS,
    CUT_LAST_CHUNK,
    BAD_CHUNK,
    ONE_TOO_MANY,
    LONGER_THAN_SAID,
    TWO_LENGTHS,
    LENGTH_AND_CHUNKS,
    NONSENSE,
    SWITCHED,
    MANY_HEADERS,
    RESET,
    CLOSED;

    boolean cuts() {
      return this == CUT_LENGTH || this == CUT_CHUNKS || this == CUT_LAST_CHUNK || this == BAD_CHUNK;
    }

    boolean honest() {
      return ordinal() <= INTERIM_FIRST.ordinal();
    }
  }

  private static Manner manner(int number) {
    // Honest ones often follow the others on their connections.
    int hash = (number * 0x9E3779B1) >>> 8;
    return hash % 3 == 0 ? Manner.HONEST_LENGTH : Manner.values()[hash / 3 % Manner.values().length];
  }

  private static String body(int number) {
    return ("this is answer " + number + ", and no other. ").repeat(1 + number % 40);
  }

  private static String chunk(String part) {
    return Integer.toHexString(part.length()) + "\r\n" + part + "\r\n";
  }

  private static String whole(int number) {
    String body = body(number);
    return OK + "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /** Answers whether the connection goes on. */
  private static boolean answer(int number, OutputStream out, Socket socket) throws IOException {
    String body = body(number);
    String half = body.substring(0, body.length() / 2);
    String rest = body.substring(half.length());
    String chunked = OK + "Transfer-Encoding: chunked\r\n\r\n";
    Manner manner = manner(number);
    String text =
        switch (manner) {
          case HONEST_LENGTH -> whole(number);
          case HONEST_CHUNKS -> chunked + chunk(half) + chunk(rest) + "0\r\n\r\n";
          case HONEST_UNTIL_CLOSED -> OK + "\r\n" + body;
          case INTERIM_FIRST -> "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + whole(number);
          case CUT_LENGTH -> OK + "Content-Length: " + body.length() + "\r\n\r\n" + half;
          case CUT_CHUNKS -> chunked + chunk(half) + Integer.toHexString(rest.length()) + "\r\n" + rest.substring(1);
          case CUT_LAST_CHUNK -> chunked + chunk(half) + chunk(rest);
          case BAD_CHUNK -> chunked + chunk(half) + "zz\r\n" + rest + "\r\n0\r\n\r\n";
          case ONE_TOO_MANY -> whole(number) + whole(number + 1_000_000);
          case LONGER_THAN_SAID -> whole(number) + "and more, which nobody asked for";
          case TWO_LENGTHS -> OK + "Content-Length: 5\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
          case LENGTH_AND_CHUNKS -> OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(body) + "0\r\n\r\n";
          case NONSENSE -> "this is no answer\r\n\r\n" + whole(number + 1_000_000);
          case SWITCHED -> "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + whole(number + 1_000_000);
          case MANY_HEADERS -> OK + "X-Pad: yyyyyyyyyyyyyyyy\r\n".repeat(4_000) + "Content-Length: 0\r\n\r\n";
          case RESET, CLOSED -> "";
        };
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    if (manner == Manner.RESET) {
      socket.setSoLinger(true, 0);
    }
    return manner != Manner.RESET && manner != Manner.CLOSED && manner != Manner.HONEST_UNTIL_CLOSED && !manner.cuts();
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      int number = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("GET /up/")) {
          number = Integer.parseInt(line.substring("GET /up/".length(), line.lastIndexOf(' ')));
        } else if (line.isEmpty()) {
          heads.incrementAndGet();
          if (!answer(number, out, socket)) {
            return;
          }
        }
      }
    } catch (IOException gone) {
      // The edge closed it, as it should.
    }
  }

  private void ask(HttpClient client, int port, String credential) {
    if (next == requests) {
      return;
    }
    int number = next++;
    RequestOptions options =
        new RequestOptions().setMethod(HttpMethod.GET).setPort(port).setURI("/up/" + number).putHeader("Authorization", "Bearer " + credential).setIdleTimeout(20_000);
    int[] status = new int[1];
    client
        .request(options)
        .compose(request -> request.send())
        .compose(
            answer -> {
              status[0] = answer.statusCode();
              return answer.body();
            })
        .onComplete(
            got -> {
              note(number, status[0], got.succeeded() ? got.result().toString(StandardCharsets.ISO_8859_1) : null);
              if (++over % 10_000 == 0) {
                System.err.println(over + " of " + requests + ", mixed " + mixed);
              }
              if (over == requests) {
                ended.countDown();
              }
              ask(client, port, credential);
            });
  }

  private void note(int number, int status, String body) {
    Manner manner = manner(number);
    outcomes.merge(manner + " " + (body == null ? "broken off" : status), 1, Integer::sum);
    if (body == null || status != 200) {
      return;
    }
    whole++;
    if (manner.cuts()) {
      truncatedThatLookWhole++;
      examples.add(manner + " looks whole: " + body);
    } else if (!body.equals(body(number))) {
      mixed++;
      examples.add(manner + " to " + number + ": " + body);
    }
  }

  private String result() {
    int honest = outcomes.entrySet().stream().filter(each -> Manner.valueOf(each.getKey().split(" ")[0]).honest()).mapToInt(java.util.Map.Entry::getValue).sum();
    int served = outcomes.entrySet().stream()
        .filter(each -> each.getKey().endsWith(" 200") && Manner.valueOf(each.getKey().split(" ")[0]).honest()).mapToInt(java.util.Map.Entry::getValue).sum();
    return "{\"requests\":" + over + ",\"reached_the_service\":" + heads + ",\"whole\":" + whole + ",\"mixed\":" + mixed + ",\"truncated_that_look_whole\":"
        + truncatedThatLookWhole + ",\"honest\":" + honest + ",\"honest_served\":" + served + ",\"outcomes\":{"
        + String.join(",", outcomes.entrySet().stream().map(each -> "\"" + each.getKey() + "\":" + each.getValue()).toList()) + "}}";
  }

  public static void main(String[] arguments) throws Exception {
    Hostile run = new Hostile(Integer.parseInt(arguments[2]));
    String credential = Files.readAllLines(Path.of(arguments[3])).getFirst();
    ServerSocket listener = new ServerSocket(Integer.parseInt(arguments[1]), 4_096, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try {
                  Socket socket = listener.accept();
                  socket.setTcpNoDelay(true);
                  Thread.ofVirtual().start(() -> run.serve(socket));
                } catch (IOException closed) {
                  return;
                }
              }
            });
    Vertx vertx = Vertx.vertx();
    vertx.runOnContext(
        begin -> {
          HttpClient client =
              vertx.createHttpClient(
                  new HttpClientOptions().setDefaultHost("127.0.0.1"), new PoolOptions().setHttp1MaxSize(CLIENTS).setEventLoopSize(1));
          for (int i = 0; i < CLIENTS; i++) {
            run.ask(client, Integer.parseInt(arguments[0]), credential);
          }
        });
    run.ended.await();
    run.examples.stream().limit(20).forEach(System.err::println);
    System.out.println(run.result());
    System.exit(0);
  }
}
