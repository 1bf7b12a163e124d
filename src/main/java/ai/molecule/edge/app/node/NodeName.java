package ai.molecule.edge.app.node;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** How a node names itself to people: in the session table and in logs. */
final class NodeName {
  private NodeName() {}

  /** The machine's name, the process and the public port. */
  static String of(int port) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      host = "localhost";
    }
    return host + ":" + port + "/" + ProcessHandle.current().pid();
  }
}
