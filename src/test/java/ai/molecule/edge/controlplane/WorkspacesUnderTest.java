package ai.molecule.edge.controlplane;

import static ai.molecule.edge.controlplane.Answers.json;
import static ai.molecule.edge.controlplane.Answers.ok;
import static ai.molecule.edge.controlplane.ControlPlaneUnderTest.ADMIN;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** A control plane with jobs, and a partner, acme, whose orgs have workspaces. */
final class WorkspacesUnderTest implements AutoCloseable {
  private static final AtomicInteger SLUGS = new AtomicInteger();

  final ControlPlaneUnderTest edge = new ControlPlaneUnderTest().withJobs();
  final String partnerKey = partnerKey();

  private String partnerKey() {
    JsonObject body =
        ControlPlaneUnderTest.body(
            "orgs:create",
            "orgs:read",
            "orgs:manage",
            "orgs:delete",
            "workspaces:read",
            "workspaces:manage");
    return edge.created(body.put("rate_limit", 1_000_000)).getString("key");
  }

  /** The path of a running org on that plan. */
  String org(String plan) {
    String slug = "ws-org-" + SLUGS.incrementAndGet();
    JsonObject body = new JsonObject().put("slug", slug).put("name", "An org").put("plan", plan);
    ok(edge.post("/cp/orgs", partnerKey, body), 201);
    String path = "/cp/orgs/" + slug;
    await().until(() -> json(edge.get(path, ADMIN)).getString("status").equals("running"));
    return path;
  }

  /** A workspace of the org at that path, with its first token. */
  JsonObject workspace(String org) {
    return ok(edge.post(org + "/workspaces", partnerKey, "{\"name\":\"a\"}"), 201);
  }

  /** Where its org's keys find it. */
  static String path(String org, JsonObject workspace) {
    return org + "/workspaces/" + workspace.getString("id");
  }

  /** Where it finds itself. */
  static String own(JsonObject workspace) {
    return "/workspaces/" + workspace.getString("id");
  }

  /** The secret of a token that was just issued, alone or with its workspace. */
  static String token(JsonObject issued) {
    return issued.getString("token");
  }

  HttpResponse<String> beat(JsonObject workspace) {
    return edge.post("/registry/heartbeat", token(workspace), "{}");
  }

  /** What calls that are all under way together come to, in their order. */
  static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
    List<T> results = new ArrayList<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<T> done : pool.invokeAll(calls)) {
        results.add(done.get());
      }
    }
    return results;
  }

  @Override
  public void close() {
    edge.close();
  }
}
