import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * A wire that can be cut: passes bytes on between a port of ours and a server. Stop the process (SIGSTOP), and the network hangs with every
 * connection still open. Arguments: our port, the server's port.
 */
public final class Relay {
  public static void main(String[] arguments) throws IOException {
    try (ServerSocket listening = new ServerSocket(Integer.parseInt(arguments[0]), 64, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket here = listening.accept();
        Socket there = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1]));
        here.setTcpNoDelay(true);
        there.setTcpNoDelay(true);
        Thread.startVirtualThread(() -> pass(here, there));
        Thread.startVirtualThread(() -> pass(there, here));
      }
    }
  }

  private static void pass(Socket from, Socket to) {
    byte[] bytes = new byte[16_384];
    try (from; to) {
      InputStream in = from.getInputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        to.getOutputStream().write(bytes, 0, read);
      }
    } catch (IOException closed) {
      // Either side may go at any time; closing the other is all there is to do.
    }
  }
}
