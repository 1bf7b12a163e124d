package ai.molecule.edge.app;

import java.util.Random;

/**
 * Ways to spoil the bytes of a request so that two servers may disagree about where it ends: an
 * insertion of what desynchronization attacks are made of, or the loss of a byte, at places that
 * matter more often than elsewhere. Not safe for more than one thread.
 */
final class RequestMutations {
  private static final String[] SNIPPETS = {
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\0",
    "\u000b",
    "\f",
    "0",
    "1",
    "5",
    "+",
    "-",
    "0x",
    ";",
    ",",
    ", 5",
    ":",
    "chunked",
    "identity",
    "gzip",
    "gzip, ",
    ", identity",
    ";q=1",
    "\"",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: +7\r\n",
    "Content-Length : 3\r\n",
    "Content-Length: 4, 4\r\n",
    "Content_Length: 9\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "Transfer-Encoding:\u000bchunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    " Transfer-Encoding: chunked\r\n",
    "X: y\rTransfer-Encoding: chunked\r\n",
    "X: y\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding:\r\n chunked\r\n",
    "Transfer_Encoding: chunked\r\n",
    "TRANSFER-ENCODING: CHUNKED\r\n",
    "Connection: close\r\n",
    "Connection: content-length\r\n",
    "Connection: transfer-encoding, x-request-id\r\n",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    "Expect: 100-continue\r\n",
    "Expect: 200-ok\r\n",
    "Trailer: Content-Length\r\n",
    "X-Mol-Key-Id: forged\r\n",
    "X_Mol_Key_Id: forged\r\n",
    "Upgrade: websocket\r\n",
    "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n",
    "0\r\n\r\n",
    "0\r\nContent-Length: 5\r\n\r\n",
    "00000\r\n\r\n",
    "0;a=b\r\n\r\n",
    "0 \r\n\r\n",
    "0\n\n",
    "\r\n\r\n",
    "\n\n",
    "ffffffffffffffff\r\n",
    "10000000000000005\r\n",
    "5;a\r\nhello\r\n",
    "5;a=\"\r\nhello\r\n\"",
    "5\nhello\n",
    "%2e%2e/",
    "/../",
    "//",
    " HTTP/1.1",
    " HTTP/1.0",
    "HTTP/1.1 200 OK\r\n",
    "\u00e4"
  };

  private final Random random;

  RequestMutations(Random random) {
    this.random = random;
  }

  /** The request with one to three mutations. */
  String of(String request) {
    StringBuilder mutated = new StringBuilder(request);
    for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
      int at = place(mutated);
      switch (random.nextInt(4)) {
        case 0 -> mutated.deleteCharAt(Math.min(at, mutated.length() - 1));
        case 1 -> mutated.setCharAt(Math.min(at, mutated.length() - 1), (char) random.nextInt(256));
        default -> mutated.insert(at, SNIPPETS[random.nextInt(SNIPPETS.length)]);
      }
    }
    return mutated.toString();
  }

  /** Anywhere, or at the beginning, the end or the value of a line. */
  private int place(StringBuilder request) {
    int at = random.nextInt(request.length());
    int begin = request.lastIndexOf("\r\n", at) + 2;
    int line = begin == 1 ? 0 : Math.min(begin, request.length());
    int end = request.indexOf("\r\n", at);
    int colon = request.indexOf(":", line);
    return switch (random.nextInt(4)) {
      case 0 -> at;
      case 1 -> line;
      case 2 -> end < 0 ? at : end;
      default -> colon < 0 ? at : colon + random.nextInt(2);
    };
  }
}
