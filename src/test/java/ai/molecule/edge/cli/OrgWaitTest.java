package ai.molecule.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How following an org ends, by what the edge answers one time after the other. */
class OrgWaitTest {
  private static final String PROVISIONING =
      "{\"status\":\"provisioning\",\"steps\":[{\"name\":\"dns\",\"finished_at\":\"2026-01-01T00:00:00Z\"},"
          + "{\"name\":\"database\",\"finished_at\":null}]}";
  private static final String RUNNING = "{\"status\":\"running\",\"steps\":[]}";
  private static final String DELETING = "{\"status\":\"deleting\",\"steps\":[]}";
  private static final String FAILED =
      "{\"status\":\"failed\",\"steps\":[{\"name\":\"dns\",\"error\":\"no zone\"}]}";
  private static final String LIMITED =
      "{\"status\":429,\"code\":\"rate_limited\",\"detail\":\"Too many requests.\"}";
  private static final String GONE =
      "{\"status\":404,\"code\":\"not_found\",\"detail\":\"Nothing here.\"}";

  /** A status and a body. */
  private record Scripted(int status, String body) {}

  private final Deque<Scripted> script = new ArrayDeque<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/cp/orgs/shop/provision-status",
        exchange -> {
          Scripted next = script.size() > 1 ? script.remove() : script.element();
          byte[] body = next.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(next.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** What is done with the wait. */
  private interface Step {
    void of(OrgWait wait) throws CommandFailure;
  }

  private ThrowingCallable waiting(Duration patience, Step step, Scripted... answers) {
    script.addAll(List.of(answers));
    return () -> {
      ProgressLine progress =
          new ProgressLine(new PrintWriter(new StringWriter()), true, System::nanoTime);
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      try (EdgeClient edge = new EdgeClient(base, "token", Duration.ofSeconds(30), progress)) {
        step.of(new OrgWait(edge, progress, patience));
      }
    };
  }

  private static CommandFailure failure(ThrowingCallable waiting) {
    return catchThrowableOfType(CommandFailure.class, waiting);
  }

  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void itGoesOnWhileProvisioningAndWhenLimited() {
    assertThatCode(
            waiting(
                LONG,
                wait -> wait.untilRunning("shop"),
                new Scripted(200, PROVISIONING),
                new Scripted(429, LIMITED),
                new Scripted(200, RUNNING)))
        .doesNotThrowAnyException();
    assertThat(script).hasSize(1);
  }

  @Test
  void anOrgThatFailedIsToldWithItsReason() {
    CommandFailure failure =
        failure(waiting(LONG, wait -> wait.untilRunning("shop"), new Scripted(200, FAILED)));
    assertThat(failure.exitCode()).isEqualTo(1);
    assertThat(failure).hasMessage("shop is failed: dns: no zone");
  }

  @Test
  void oneThatIsTornDownMeanwhileWillNeverRun() {
    CommandFailure failure =
        failure(waiting(LONG, wait -> wait.untilRunning("shop"), new Scripted(200, DELETING)));
    assertThat(failure).hasMessage("shop is deleting");
  }

  @Test
  void whenThePatienceEndsItSaysHowFarItGot() {
    CommandFailure failure =
        failure(
            waiting(
                Duration.ZERO, wait -> wait.untilRunning("shop"), new Scripted(200, PROVISIONING)));
    assertThat(failure.exitCode()).isEqualTo(1);
    assertThat(failure).hasMessage("shop is provisioning (1 of 2 steps, now database) after 0 s");
  }

  @Test
  void goneIsWhatNobodyKnows() {
    assertThatCode(
            waiting(
                LONG,
                wait -> wait.untilGone("shop"),
                new Scripted(200, DELETING),
                new Scripted(404, GONE)))
        .doesNotThrowAnyException();
  }

  @Test
  void aRefusalIsToldAtOnce() {
    CommandFailure failure =
        failure(waiting(LONG, wait -> wait.untilRunning("shop"), new Scripted(404, GONE)));
    assertThat(failure).hasMessage("404 not_found: Nothing here.");
  }
}
