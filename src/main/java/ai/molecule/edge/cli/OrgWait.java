package ai.molecule.edge.cli;

import ai.molecule.edge.cli.EdgeClient.Reply;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Follows an org until it is there or gone, asking ever less often; blocks. */
final class OrgWait {
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final long PAUSE_MILLIS_MIN = 200;
  private static final long PAUSE_MILLIS_MAX = 2_000;
  private static final long SHOW_MILLIS = 100;

  private final EdgeClient edge;
  private final ProgressLine progress;
  private final Duration patience;
  private final long beganNanos = System.nanoTime();

  OrgWait(EdgeClient edge, ProgressLine progress, Duration patience) {
    this.edge = edge;
    this.progress = progress;
    this.patience = patience;
  }

  /** Returns when it runs; fails when it never will, or has not in time. */
  void untilRunning(String org) throws CommandFailure {
    long pause = PAUSE_MILLIS_MIN;
    while (true) {
      Reply reply = ask(org);
      if (reply.isSuccess()) {
        String status = reply.json().path("status").asText();
        if (status.equals("running")) {
          return;
        }
        if (!status.equals("provisioning")) {
          throw new CommandFailure(
              CliExit.REFUSED,
              org + " is " + Table.shown(reply.json().path("status")) + reason(reply));
        }
      } else if (reply.status() != TOO_MANY_REQUESTS) {
        throw edge.refusal(reply);
      }
      pause = pause(org, reply, pause);
    }
  }

  /** Returns when nobody knows it any more; fails when that has not come in time. */
  void untilGone(String org) throws CommandFailure {
    long pause = PAUSE_MILLIS_MIN;
    while (true) {
      Reply reply = ask(org);
      if (reply.status() == NOT_FOUND || reply.json().path("status").asText().equals("deleted")) {
        return;
      }
      if (!reply.isSuccess() && reply.status() != TOO_MANY_REQUESTS) {
        throw edge.refusal(reply);
      }
      pause = pause(org, reply, pause);
    }
  }

  private Reply ask(String org) throws CommandFailure {
    return edge.ask(OrgsCommand.ORGS.one(org) + "/provision-status");
  }

  /** Waits, and answers how long to wait the next time. */
  private long pause(String org, Reply reply, long millis) throws CommandFailure {
    String state = org + " is " + Table.shown(reply.json().path("status")) + steps(reply);
    long left = Math.max(millis, TimeUnit.SECONDS.toMillis(reply.retryAfterSeconds()));
    for (; left > 0; left -= SHOW_MILLIS) {
      if (System.nanoTime() - beganNanos > patience.toNanos()) {
        throw new CommandFailure(CliExit.REFUSED, state + " after " + patience.toSeconds() + " s");
      }
      progress.show(state);
      try {
        TimeUnit.MILLISECONDS.sleep(Math.min(left, SHOW_MILLIS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CommandFailure(CliExit.REFUSED, "interrupted; " + state);
      }
    }
    return Math.min(millis * 2, PAUSE_MILLIS_MAX);
  }

  private static String steps(Reply reply) {
    JsonNode steps = reply.json().path("steps");
    int done = 0;
    String now = "";
    for (JsonNode step : steps) {
      boolean finished = !step.path("finished_at").isNull() && step.hasNonNull("finished_at");
      if (finished) {
        done++;
      } else if (now.isEmpty()) {
        now = ", now " + Table.shown(step.path("name"));
      }
    }
    return steps.isEmpty() ? "" : " (" + done + " of " + steps.size() + " steps" + now + ")";
  }

  private static String reason(Reply reply) {
    for (JsonNode step : reply.json().path("steps")) {
      if (step.hasNonNull("error")) {
        return ": " + Table.shown(step.path("name")) + ": " + Table.shown(step.path("error"));
      }
    }
    return "";
  }
}
