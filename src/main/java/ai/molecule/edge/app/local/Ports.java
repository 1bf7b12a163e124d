package ai.molecule.edge.app.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds loopback ports that are free, below the range that systems hand to outgoing connections, so
 * that a port is still free when a server that was stopped wants it back. Safe on any thread.
 */
public final class Ports {
  private static final int TRIES = 200;
  private static final int SCATTER_FROM = 20_000;
  private static final int SCATTER_TO = 32_000;

  private Ports() {}

  /** The first free port at or after {@code from}. */
  public static int freeFrom(int from) throws IOException {
    for (int port = from; port < from + TRIES; port++) {
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException("no free port from " + from + " to " + (from + TRIES - 1));
  }

  /** A free port at a random place, for servers whose port nobody needs to guess. */
  public static int scattered() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(SCATTER_FROM, SCATTER_TO);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException("no free port from " + SCATTER_FROM + " to " + (SCATTER_TO - 1));
  }

  /** The port remembered in {@code file} if it is free, else the next free one, remembered. */
  static int remembered(Path file, int from) throws IOException {
    if (Files.exists(file)) {
      String text = Files.readString(file).strip();
      if (text.matches("[1-9][0-9]{0,4}") && isFree(Integer.parseInt(text))) {
        return Integer.parseInt(text);
      }
    }
    int port = freeFrom(from);
    Files.writeString(file, port + "\n");
    return port;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
