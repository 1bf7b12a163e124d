package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class KeyAuthorityTest {
  private static final Limit DEFAULTS = new Limit(60, 60);
  private static final LimitAsked NOTHING = new LimitAsked(null, null, null);
  private static final AddressRanges TEN = AddressRanges.of(List.of("10.0.0.0/8"));
  private static final KeyAuthority ADMIN = KeyAuthority.of(new Principal.Admin());

  /** orgs:read and admin:keys, 100 a minute, burst 50, anywhere, live. */
  private static final KeyAuthority MANAGER = of(SampleKeys.manager());

  private static KeyAuthority of(KeyRecord key) {
    return KeyAuthority.of(new Principal.PartnerKey(key));
  }

  private static void refused(ThrowingCallable call) {
    assertThat(Problems.code(call)).isEqualTo(ProblemCode.ESCALATION_REFUSED);
  }

  @Nested
  class OfTheAdmin {
    @Test
    void isUnbounded() {
      assertThatCode(() -> ADMIN.demandAll(SampleKeys.manager())).doesNotThrowAnyException();
      ADMIN.demandScopes(ScopeSet.of(Scope.values()));
      ADMIN.demandLimit(Limit.RATE_PER_MINUTE_MAX, Limit.BURST_MAX);
      ADMIN.demandRanges(AddressRanges.ANYWHERE);
      assertThat(ADMIN.partner("acme")).isEqualTo("acme");
      assertThat(ADMIN.org(SampleKeys.ORG)).isEqualTo(SampleKeys.ORG);
      assertThat(ADMIN.org(null)).isNull();
      assertThat(ADMIN.environment(null)).isEqualTo(Environment.LIVE);
      assertThat(ADMIN.ranges(null)).isEqualTo(AddressRanges.ANYWHERE);
    }

    @Test
    void takesLimitsFromTheRequestThenTheTierThenTheDefaults() {
      Tier gold = new Tier("gold", new Limit(600, 1200));
      assertThat(ADMIN.limit(NOTHING, DEFAULTS)).isEqualTo(DEFAULTS);
      assertThat(limit(gold, null, null)).isEqualTo(new Limit(600, 1200));
      assertThat(limit(gold, 30, null)).isEqualTo(new Limit(30, 30));
      assertThat(limit(gold, null, 5)).isEqualTo(new Limit(600, 5));
      assertThat(limit(gold, 30, 5)).isEqualTo(new Limit(30, 5));
      assertThat(limit(null, 30, null)).isEqualTo(new Limit(30, 30));
      assertThat(limit(null, null, 5)).isEqualTo(new Limit(60, 5));
      assertThat(limit(null, 60_000_000, null)).isEqualTo(new Limit(60_000_000, 1_000_000));
    }

    private static Limit limit(Tier tier, Integer rate, Integer burst) {
      return ADMIN.limit(new LimitAsked(tier, rate, burst), DEFAULTS);
    }
  }

  @Nested
  class OfAKey {
    @Test
    void grantsNoScopeThatItLacks() {
      MANAGER.demandScopes(ScopeSet.of(Scope.ORGS_READ));
      MANAGER.demandScopes(ScopeSet.of(Scope.ORGS_READ, Scope.ADMIN_KEYS));
      for (Scope scope : Scope.values()) {
        if (scope != Scope.ORGS_READ && scope != Scope.ADMIN_KEYS) {
          refused(() -> MANAGER.demandScopes(ScopeSet.of(Scope.ORGS_READ, scope)));
        }
      }
    }

    @Test
    void grantsNoNumberAboveItsOwn() {
      assertThat(MANAGER.limit(new LimitAsked(null, 100, 50), DEFAULTS))
          .isEqualTo(new Limit(100, 50));
      refused(() -> MANAGER.limit(new LimitAsked(null, 101, 1), DEFAULTS));
      refused(() -> MANAGER.limit(new LimitAsked(null, 1, 51), DEFAULTS));
      refused(
          () ->
              MANAGER.limit(
                  new LimitAsked(new Tier("gold", new Limit(100, 51)), null, null), DEFAULTS));
    }

    @Test
    void lowersDefaultsToItsOwn() {
      assertThat(MANAGER.limit(NOTHING, DEFAULTS)).isEqualTo(new Limit(60, 50));
      assertThat(MANAGER.limit(NOTHING, new Limit(1000, 10))).isEqualTo(new Limit(100, 10));
      assertThat(MANAGER.limit(new LimitAsked(null, 90, null), DEFAULTS))
          .isEqualTo(new Limit(90, 50));
      assertThat(MANAGER.limit(new LimitAsked(null, 20, null), DEFAULTS))
          .isEqualTo(new Limit(20, 20));
    }

    @Test
    void staysInsideItsAddresses() {
      KeyAuthority within = of(SampleKeys.managerWithin10());
      AddressRanges narrower = AddressRanges.of(List.of("10.1.0.0/16", "10.2.3.4"));
      assertThat(within.ranges(null)).isEqualTo(TEN);
      assertThat(within.ranges(AddressRanges.ANYWHERE)).isEqualTo(TEN);
      assertThat(within.ranges(narrower)).isEqualTo(narrower);
      refused(() -> within.ranges(AddressRanges.of(List.of("10.1.0.0/16", "11.0.0.1"))));
      refused(() -> within.ranges(AddressRanges.of(List.of("0.0.0.0/0"))));
      refused(() -> within.ranges(AddressRanges.of(List.of("::/0"))));
      assertThat(MANAGER.ranges(TEN)).isEqualTo(TEN);
    }

    @Test
    void staysInItsPartner() {
      assertThat(MANAGER.partner(null)).isEqualTo("acme");
      assertThat(MANAGER.partner("acme")).isEqualTo("acme");
      refused(() -> MANAGER.partner("other"));
    }

    @Test
    void staysInItsOrgWithoutTellingWhichOthersExist() {
      KeyAuthority org = of(SampleKeys.orgManager());
      assertThat(org.org(null)).isEqualTo(SampleKeys.ORG);
      assertThat(org.org(SampleKeys.ORG)).isEqualTo(SampleKeys.ORG);
      assertThat(Problems.errors(() -> org.org(UUID.randomUUID())))
          .containsExactly("#/org_id unknown_org");
      assertThat(MANAGER.org(SampleKeys.ORG)).isEqualTo(SampleKeys.ORG);
    }

    @Test
    void ofATestKeyStaysInTest() {
      KeyAuthority test = of(SampleKeys.testManager());
      assertThat(test.environment(null)).isEqualTo(Environment.TEST);
      assertThat(test.environment(Environment.TEST)).isEqualTo(Environment.TEST);
      refused(() -> test.environment(Environment.LIVE));
      assertThat(MANAGER.environment(null)).isEqualTo(Environment.LIVE);
      assertThat(MANAGER.environment(Environment.TEST)).isEqualTo(Environment.TEST);
    }

    @Test
    void handsOutNoKeyThatCanDoMore() {
      KeyRecord same = SampleKeys.manager();
      MANAGER.demandAll(same);
      MANAGER.demandAll(SampleKeys.testManager());
      ScopeSet more = ScopeSet.of(Scope.ORGS_READ, Scope.ORGS_DELETE);
      refused(() -> MANAGER.demandAll(KeyDraft.of(same).scopes(more).toRecord()));
      refused(() -> MANAGER.demandAll(KeyDraft.of(same).limit(new Limit(101, 1)).toRecord()));
      refused(() -> MANAGER.demandAll(KeyDraft.of(same).limit(new Limit(1, 51)).toRecord()));
      refused(() -> of(SampleKeys.managerWithin10()).demandAll(same));
      refused(() -> of(SampleKeys.testManager()).demandAll(same));
    }
  }
}
