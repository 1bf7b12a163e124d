import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The life of an org, from creation to teardown, with the JDK alone: {@code java OrgLifecycle.java
 * SLUG}. {@code EDGE} says where the edge is, {@code PARTNER_KEY} is a partner-wide key with
 * orgs:create, orgs:read, orgs:manage, orgs:delete, members:manage and admin:keys.
 */
public final class OrgLifecycle {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int ATTEMPTS_MAX = 4;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final String edge;
  private final String partnerKey;
  private final String slug;

  private OrgLifecycle(String edge, String partnerKey, String slug) {
    this.edge = edge;
    this.partnerKey = partnerKey;
    this.slug = slug;
  }

  /** Takes an org through its life. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 1) {
      System.err.println("usage: java OrgLifecycle.java SLUG");
      System.exit(2);
    }
    new OrgLifecycle(required("EDGE"), required("PARTNER_KEY"), arguments[0]).run();
  }

  private static String required(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      System.err.println("set " + name);
      System.exit(2);
    }
    return value;
  }

  private void run() throws IOException, InterruptedException {
    String org = create();
    try {
      await("running");
      String member =
          call(
              partnerKey,
              "POST",
              path("/members"),
              "{\"email\":\"ada@example.com\",\"role\":\"owner\"}");
      System.out.println(member(member, "role"));
      String orgKey = orgKey(member(org, "id"));
      System.out.println(member(call(orgKey, "GET", path(""), null), "slug"));
      System.out.println(member(call(partnerKey, "POST", path("/suspend"), null), "status"));
      System.out.println(refusal(orgKey));
      System.out.println(member(call(partnerKey, "POST", path("/resume"), null), "status"));
    } finally {
      System.out.println(member(call(partnerKey, "DELETE", path(""), null), "status"));
    }
  }

  private String create() throws IOException, InterruptedException {
    String body = "{\"slug\":\"%s\",\"name\":\"Org %s\",\"seats\":2}".formatted(slug, slug);
    return call(partnerKey, "POST", "/cp/orgs", body);
  }

  private String orgKey(String orgId) throws IOException, InterruptedException {
    String body =
        "{\"name\":\"reader of %s\",\"org_id\":\"%s\",\"scopes\":[\"orgs:read\"],\"expires_in_days\":1}"
            .formatted(slug, orgId);
    return member(call(partnerKey, "POST", "/cp/admin/partner-keys", body), "key");
  }

  private String refusal(String orgKey) throws IOException, InterruptedException {
    HttpResponse<String> answer = send(request(orgKey, "GET", path(""), null));
    if (answer.statusCode() != 403) {
      throw new IOException("a key of a suspended org was let in");
    }
    return member(answer.body(), "code");
  }

  private String path(String below) {
    return "/cp/orgs/" + slug + below;
  }

  private void await(String status) throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!member(call(partnerKey, "GET", path(""), null), "status").equals(status)) {
      if (Instant.now().isAfter(deadline)) {
        throw new IOException(slug + " did not become " + status);
      }
      Thread.sleep(1_000);
    }
    System.out.println(slug + " is " + status);
  }

  /** The body of an answer below 400; anything else is an exception with the problem in it. */
  private String call(String key, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send(request(key, method, path, body));
    if (answer.statusCode() >= 400) {
      throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  /** One call: sent again, it is under the same Idempotency-Key, so what it makes is made once. */
  private HttpRequest request(String key, String method, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(edge + path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + key)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
      request.header("Idempotency-Key", UUID.randomUUID().toString());
    }
    return request.build();
  }

  /** Waits out 429 and 503 as their {@code Retry-After} says. */
  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    for (int attempt = 1; attempt < ATTEMPTS_MAX && isToBeRepeated(answer); attempt++) {
      Thread.sleep(Duration.ofSeconds(answer.headers().firstValueAsLong("Retry-After").orElse(1)));
      answer = client.send(request, BodyHandlers.ofString());
    }
    return answer;
  }

  private static boolean isToBeRepeated(HttpResponse<String> answer) {
    return answer.statusCode() == 429 || answer.statusCode() == 503;
  }

  /** A string member. The JDK has no JSON; programs take a library for it. */
  private static String member(String json, String name) throws IOException {
    Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    if (!found.find()) {
      throw new IOException("no " + name + " in " + json);
    }
    return found.group(1);
  }
}
