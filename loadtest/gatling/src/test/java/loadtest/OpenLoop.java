package loadtest;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.listFeeder;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Requests that begin at a fixed rate, whether or not earlier ones were answered, over shared connections. System properties: target, path,
 * keys (a file, one a line), rate (a second), seconds, warmUp (seconds from nothing to the rate; in the
 * report under a name of its own).
 */
public class OpenLoop extends Simulation {
  {
    String target = System.getProperty("target");
    String path = System.getProperty("path", "/cp/partner-key");
    double rate = Double.parseDouble(System.getProperty("rate"));
    long seconds = Long.getLong("seconds", 30);
    long warmUp = Long.getLong("warmUp", 15);
    setUp(
            requests("warm-up", path)
                .injectOpen(rampUsersPerSec(1).to(rate).during(warmUp))
                .andThen(requests("measured", path).injectOpen(constantUsersPerSec(rate).during(seconds))))
        .protocols(http.baseUrl(target).shareConnections().disableFollowRedirect().disableCaching())
        .assertions(details("measured").failedRequests().count().is(0L));
  }

  private static ScenarioBuilder requests(String name, String path) {
    return scenario(name)
        .feed(listFeeder(keys()).circular())
        .exec(http(name).get(path).header("Authorization", "Bearer #{key}").check(status().is(200)));
  }

  private static List<Map<String, Object>> keys() {
    try {
      return Files.readAllLines(Path.of(System.getProperty("keys"))).stream().map(key -> Map.<String, Object>of("key", key)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
