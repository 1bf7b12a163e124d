package ai.molecule.edge.app;

import java.util.Random;

/**
 * Numbered cases of what a client sends over one connection: the same for the same seed and number.
 *
 * @param credential of the key that pays
 */
record DifferentialCases(long seed, String credential) {
  /** Where they are for, and what their ids begin with. */
  static final String ROUTE = "/up";

  /** A case: perhaps a good request, the mutated one, and a good one that ends the connection. */
  String bytes(int number) {
    Random random = new Random(seed + 31L * number);
    String first = random.nextBoolean() ? good(number, 0, "") : "";
    return first
        + new RequestMutations(random).of(request(number, random))
        + good(number, 3, "Connection: close\r\n");
  }

  private String good(int number, int part, String more) {
    return head("GET", number, part, true) + more + "\r\n";
  }

  private String head(String method, int number, int part, boolean authorized) {
    String id = "c%08x.%d".formatted(number, part);
    return method
        + " "
        + ROUTE
        + "/"
        + id
        + " HTTP/1.1\r\nHost: edge\r\nX-Request-Id: "
        + id
        + "\r\n"
        + (authorized ? "Authorization: Bearer " + credential + "\r\n" : "");
  }

  /** One whose body is a request, with a credential or without. */
  private String request(int number, Random random) {
    String body = head("GET", number, 2, random.nextBoolean()) + "\r\n";
    String head = head(random.nextBoolean() ? "POST" : "PUT", number, 1, true);
    return switch (random.nextInt(4)) {
      case 0 -> head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
      case 1 -> head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body) + "0\r\n\r\n";
      case 2 -> {
        int cut = random.nextInt(1, body.length());
        yield head
            + "Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
            + chunk(body.substring(0, cut))
            + chunk(body.substring(cut))
            + "0\r\nX-T: 1\r\n\r\n";
      }
      default -> head("GET", number, 1, true) + "\r\n";
    };
  }

  private static String chunk(String part) {
    return Integer.toHexString(part.length()) + "\r\n" + part + "\r\n";
  }
}
