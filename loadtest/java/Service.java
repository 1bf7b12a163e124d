import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * A service of limited capacity: so many requests at once, each for so long, and the rest waits in the order in which it came, for ever.
 * Arguments: port, requests at once, milliseconds each.
 */
public final class Service {
  private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone".getBytes(StandardCharsets.US_ASCII);

  private Service() {}

  private static void serve(Socket socket, Semaphore room, long millis) {
    try (socket) {
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty()) {
          room.acquire();
          try {
            Thread.sleep(millis);
          } finally {
            room.release();
          }
          out.write(ANSWER);
        }
      }
    } catch (IOException | InterruptedException gone) {
      // The edge closed it.
    }
  }

  public static void main(String[] arguments) throws IOException {
    Semaphore room = new Semaphore(Integer.parseInt(arguments[1]), true);
    long millis = Long.parseLong(arguments[2]);
    try (ServerSocket listener = new ServerSocket(Integer.parseInt(arguments[0]), 4_096, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> serve(socket, room, millis));
      }
    }
  }
}
