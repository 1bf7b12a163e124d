package ai.molecule.edge.controlplane.provisioning;

import static ai.molecule.edge.controlplane.provisioning.OrgWorkshop.NOTHING_REMAINS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.controlplane.orgs.Org;
import ai.molecule.edge.controlplane.orgs.OrgStep;
import ai.molecule.edge.controlplane.orgs.StepJob;
import ai.molecule.edge.controlplane.provisioning.HeldProvisioner.Moment;
import ai.molecule.edge.postgres.Await;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A crash and a deletion at every step: whatever happens when, no resource is left, and the account
 * is closed once. A crash is a run that is never heard of again; its job is still there, as a
 * killed node leaves it, and is run by another.
 */
class StepMachineTest {
  @AutoClose private static OrgWorkshop workshop;

  @BeforeAll
  static void start() {
    workshop = new OrgWorkshop();
  }

  /** What becomes of a step at which its org is deleted. */
  enum Fate {
    ENDS_BEFORE_THE_TEARDOWN,
    ENDS_AFTER_THE_TEARDOWN,
    DIES
  }

  static List<Arguments> stepsAndMoments() {
    List<Arguments> all = new ArrayList<>();
    for (OrgStep step : OrgStep.values()) {
      for (Moment moment : Moment.values()) {
        all.add(Arguments.of(step, moment));
      }
    }
    return all;
  }

  static List<Arguments> stepsMomentsAndFates() {
    List<Arguments> all = new ArrayList<>();
    for (OrgStep step : OrgStep.values()) {
      for (Moment moment : Moment.values()) {
        for (Fate fate : Fate.values()) {
          all.add(Arguments.of(step, moment, fate));
        }
      }
    }
    return all;
  }

  private static void endsWithoutATrace(Org org) {
    workshop.delete(org);
    workshop.runAll(org, null);
    assertThat(workshop.remains(org)).isEqualTo(NOTHING_REMAINS);
  }

  /** Begins a job that stops at that moment. */
  private static HeldProvisioner stopped(StepJob job, Moment moment) {
    HeldProvisioner held = new HeldProvisioner(workshop.ledger, moment);
    workshop.machine(held).run(job);
    Await.result(held.reached());
    return held;
  }

  @ParameterizedTest
  @MethodSource("stepsAndMoments")
  void aCrashWhileProvisioningIsMadeUpFor(OrgStep step, Moment moment) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    stopped(workshop.job(org, step), moment);
    workshop.runAll(org, null);
    assertThat(workshop.status(org)).isEqualTo("running");
    assertThat(workshop.ledger.of(org)).isEqualTo(6);
    endsWithoutATrace(org);
  }

  @ParameterizedTest
  @EnumSource(OrgStep.class)
  void aCrashBeforeTheJobIsTakenAwayDoesNothingTwice(OrgStep step) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    StepJob job = workshop.job(org, step);
    Await.result(workshop.machine(workshop.ledger).run(job));
    workshop.runAll(org, null);
    assertThat(workshop.status(org)).isEqualTo("running");
    endsWithoutATrace(org);
  }

  @ParameterizedTest
  @MethodSource("stepsAndMoments")
  void aCrashWhileTearingDownIsMadeUpFor(OrgStep step, Moment moment) {
    Org org = workshop.created();
    workshop.runAll(org, null);
    workshop.delete(org);
    workshop.runUpTo(org, step);
    stopped(workshop.job(org, step), moment);
    workshop.runAll(org, null);
    assertThat(workshop.remains(org)).isEqualTo(NOTHING_REMAINS);
  }

  @ParameterizedTest
  @EnumSource(OrgStep.class)
  void aDeletionBeforeAStepLeavesNothing(OrgStep step) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    endsWithoutATrace(org);
  }

  @ParameterizedTest
  @MethodSource("stepsMomentsAndFates")
  void aDeletionDuringAStepLeavesNothing(OrgStep step, Moment moment, Fate fate) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    StepJob job = workshop.job(org, step);
    HeldProvisioner held = new HeldProvisioner(workshop.ledger, moment);
    Future<StepOutcome> run = workshop.machine(held).run(job);
    Await.result(held.reached());
    workshop.delete(org);
    switch (fate) {
      case ENDS_BEFORE_THE_TEARDOWN -> {
        held.letGo();
        Await.result(run);
      }
      case ENDS_AFTER_THE_TEARDOWN -> {
        workshop.runAll(org, job);
        assertThat(workshop.status(org)).isEqualTo("deleting");
        held.letGo();
        Await.result(run);
      }
      case DIES -> workshop.runAll(org, job);
    }
    workshop.runAll(org, null);
    assertThat(workshop.remains(org)).isEqualTo(NOTHING_REMAINS);
  }

  @ParameterizedTest
  @EnumSource(OrgStep.class)
  void aSecondDeletionChangesNothing(OrgStep step) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    workshop.delete(org);
    workshop.delete(org);
    endsWithoutATrace(org);
  }

  @ParameterizedTest
  @EnumSource(OrgStep.class)
  void aStepThatFailsTooOftenFailsTheOrgWhichCanStillBeDeleted(OrgStep step) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    StepMachine failing = workshop.machine(failing(new IllegalStateException("no luck")));
    StepJob job = workshop.job(org, step);
    assertThat(workshop.run(failing, job)).isFalse();
    assertThat(workshop.run(failing, job)).isFalse();
    assertThat(workshop.status(org)).isEqualTo("provisioning");
    assertThat(workshop.run(failing, job)).isTrue();
    assertThat(workshop.status(org)).isEqualTo("failed");
    endsWithoutATrace(org);
  }

  @Test
  void aRefusalFailsTheOrgAtOnce() {
    Org org = workshop.created();
    StepJob job = workshop.job(org, OrgStep.RECORD);
    StepMachine refusing = workshop.machine(failing(new Provisioner.Refused("never")));
    assertThat(workshop.run(refusing, job)).isTrue();
    assertThat(workshop.status(org)).isEqualTo("failed");
  }

  @Test
  void aTeardownNeverGivesUp() {
    Org org = workshop.created();
    workshop.runAll(org, null);
    workshop.delete(org);
    StepMachine failing = workshop.machine(failing(new Provisioner.Refused("never")));
    for (int i = 0; i < 10; i++) {
      assertThat(workshop.run(failing, workshop.job(org, OrgStep.BILLING))).isFalse();
    }
    workshop.runAll(org, null);
    assertThat(workshop.remains(org)).isEqualTo(NOTHING_REMAINS);
  }

  @ParameterizedTest
  @EnumSource(OrgStep.class)
  void aJobThatWasForgottenIsFoundByTheSweeper(OrgStep step) {
    Org org = workshop.created();
    workshop.runUpTo(org, step);
    workshop.remove(workshop.job(org, step));
    assertThat(workshop.jobs(org)).isEmpty();
    Await.result(workshop.sweeps().revive(Duration.ZERO));
    workshop.runAll(org, null);
    assertThat(workshop.status(org)).isEqualTo("running");
    workshop.delete(org);
    workshop.runUpTo(org, step);
    workshop.remove(workshop.job(org, step));
    Await.result(workshop.sweeps().revive(Duration.ZERO));
    workshop.runAll(org, null);
    assertThat(workshop.remains(org)).isEqualTo(NOTHING_REMAINS);
  }

  private static Provisioner failing(RuntimeException failure) {
    return new Provisioner() {
      @Override
      public Future<Void> provision(Order order) {
        return Future.failedFuture(failure);
      }

      @Override
      public Future<Void> release(Order order) {
        return Future.failedFuture(failure);
      }
    };
  }
}
