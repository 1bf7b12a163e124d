package ai.molecule.edge.controlplane.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgRef;
import ai.molecule.edge.controlplane.orgs.OrgStep;
import ai.molecule.edge.controlplane.orgs.StepJob;
import ai.molecule.edge.credential.Actor;
import ai.molecule.edge.credential.AuditContext;
import ai.molecule.edge.credential.Reach;
import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every change of an org's status is told once, in the transaction that makes it. */
class OrgEventsTest {
  private static final Reach EVERYTHING = new Reach.Everything();
  private static final AuditContext AUDIT = new AuditContext(Actor.ADMIN, "org.changed", "r");

  @AutoClose private static OrgWorkshop workshop;

  @BeforeAll
  static void start() {
    workshop = new OrgWorkshop();
  }

  /** The events about that org, in the order in which they were written. */
  private static List<JsonObject> told(Org org) {
    List<JsonObject> told = new ArrayList<>();
    for (Row row :
        Await.result(
            workshop.pools.query(
                workshop.pools.control(),
                "SELECT body, partner_id FROM events WHERE org_id = $1 ORDER BY at, id",
                Tuple.of(org.id())))) {
      assertThat(row.getString("partner_id")).isEqualTo(org.partnerId());
      told.add(new JsonObject(row.getString("body")));
    }
    return told;
  }

  private static List<String> types(Org org) {
    return told(org).stream().map(event -> event.getString("type")).toList();
  }

  @Test
  void aWholeLifeIsTold() {
    Org org = workshop.created();
    workshop.runAll(org, null);
    OrgRef ref = new OrgRef.ById(org.id());
    Await.result(workshop.changes.suspend(EVERYTHING, ref, AUDIT));
    Await.result(workshop.changes.suspend(EVERYTHING, ref, AUDIT));
    Await.result(workshop.changes.resume(EVERYTHING, ref, AUDIT));
    workshop.delete(org);
    workshop.delete(org);
    workshop.runAll(org, null);
    assertThat(types(org))
        .containsExactly(
            "org.created",
            "org.running",
            "org.suspended",
            "org.resumed",
            "billing.closed",
            "org.deleted");
    assertThat(told(org).stream().map(event -> event.getJsonObject("data").getString("status")))
        .containsExactly("provisioning", "running", "suspended", "running", "deleting", "deleted");
  }

  @Test
  void anEventSaysWhichOrgAndTheLastOneWhenTheAccountWasClosed() {
    Org org = workshop.created();
    workshop.delete(org);
    JsonObject closed = told(org).getLast();
    JsonObject data = closed.getJsonObject("data");
    assertThat(data.fieldNames())
        .containsExactly(
            "org_id", "partner_id", "slug", "external_id", "plan", "seats", "status", "billing");
    assertThat(data.getString("org_id")).isEqualTo(org.id().toString());
    assertThat(data.getJsonObject("billing").getString("state")).isEqualTo("closed");
    assertThat(data.getJsonObject("billing").getString("started_at")).isNull();
    assertThat(data.getJsonObject("billing").getInstant("closed_at"))
        .isEqualTo(closed.getInstant("timestamp"));
  }

  @Test
  void anOrgThatCouldNotBeProvisionedIsToldOf() {
    Org org = workshop.created();
    workshop.runUpTo(org, OrgStep.NETWORK);
    StepMachine failing =
        workshop.machine(
            new Provisioner() {
              @Override
              public Future<Void> provision(Order order) {
                return Future.failedFuture(new Refused("no"));
              }

              @Override
              public Future<Void> release(Order order) {
                return Future.succeededFuture();
              }
            });
    StepJob job = workshop.job(org, OrgStep.NETWORK);
    workshop.run(failing, job);
    assertThat(types(org)).containsExactly("org.created", "org.failed");
  }

  @Test
  void anOrgThatDidNotComeToBeIsNotTold() {
    Org org = workshop.created();
    long before = told(org).size();
    Await.failure(workshop.changes.create(org, AUDIT));
    assertThat(told(org)).hasSize((int) before);
  }
}
