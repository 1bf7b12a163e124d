package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.AddressRanges;
import ai.molecule.edge.credential.KeyRecord;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.credential.ScopeSet;
import ai.molecule.edge.exchange.Principal;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EditKeyRequestTest {
  private static final Map<String, Limit> TIERS = Map.of("gold", new Limit(600, 1200));
  private static final KeyAuthority ADMIN = KeyAuthority.of(new Principal.Admin());
  private static final KeyRecord KEY = SampleKeys.manager();

  private static EditKeyRequest parse(String json) {
    return EditKeyRequest.parse(JsonBody.parse(Buffer.buffer(json)), TIERS);
  }

  private static KeyRecord edited(KeyRecord key, String json) {
    return parse(json).apply(key, SampleKeys.NOW, ADMIN);
  }

  private static ProblemCode refusal(KeyRecord caller, KeyRecord key, String json) {
    KeyAuthority authority = KeyAuthority.of(new Principal.PartnerKey(caller));
    return Problems.code(() -> parse(json).apply(key, SampleKeys.NOW, authority));
  }

  @Nested
  class AMergePatch {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "{}",
          "{\"name\":\"manager\"}",
          "{\"metadata\":{}}",
          "{\"metadata\":{\"never\":null}}",
          "{\"tier\":null}",
          "{\"ip_allow\":null}",
          "{\"scopes\":[\"admin:keys\",\"orgs:read\",\"orgs:read\"]}",
        })
    void thatChangesNothingAnswersTheSameKey(String json) {
      assertThat(edited(KEY, json)).isSameAs(KEY);
    }

    @Test
    void setsWhatItNames() {
      KeyRecord after =
          edited(
              KEY,
              """
              {"name": "n", "description": "d", "scopes": ["orgs:delete"], "rate_limit": 7,
               "burst": 8, "ip_allow": ["10.0.0.0/8"], "disabled": true}
              """);
      assertThat(after.name()).isEqualTo("n");
      assertThat(after.description()).isEqualTo("d");
      assertThat(after.scopes()).isEqualTo(ScopeSet.of(Scope.ORGS_DELETE));
      assertThat(after.limit()).isEqualTo(new Limit(7, 8));
      assertThat(after.ipAllow().cidrs()).containsExactly("10.0.0.0/8");
      assertThat(after.disabled()).isTrue();
      assertThat(after.metadata()).isEqualTo(KEY.metadata());
    }

    @Test
    void clearsWithNull() {
      KeyRecord bound = SampleKeys.managerWithin10();
      KeyRecord after = edited(bound, "{\"description\":null,\"ip_allow\":null,\"metadata\":null}");
      assertThat(after.description()).isNull();
      assertThat(after.ipAllow()).isEqualTo(AddressRanges.ANYWHERE);
      assertThat(after.metadata()).isEmpty();
    }

    @Test
    void mergesMetadataMemberByMember() {
      KeyRecord after =
          edited(KEY, "{\"metadata\":{\"team\":null,\"stage\":\"ga\",\"new\":\"x\"}}");
      assertThat(after.metadata()).isEqualTo(Map.of("stage", "ga", "new", "x"));
    }

    @Test
    void cannotFillMetadataBeyondItsBound() {
      JsonObject more = new JsonObject();
      for (int i = 0; i < 49; i++) {
        more.put("m" + i, "v");
      }
      String json = new JsonObject().put("metadata", more).encode();
      assertThat(Problems.errors(() -> edited(KEY, json))).containsExactly("#/metadata too_many");
      String swapped = new JsonObject().put("metadata", more.putNull("team")).encode();
      assertThat(edited(KEY, swapped).metadata()).hasSize(50);
    }

    @Test
    void ofTheRateLeavesTheBurstAlone() {
      assertThat(edited(KEY, "{\"rate_limit\":7}").limit()).isEqualTo(new Limit(7, 50));
      assertThat(edited(KEY, "{\"burst\":7}").limit()).isEqualTo(new Limit(100, 7));
    }

    @Test
    void ofTheTierSetsBothNumbersUnlessGiven() {
      KeyRecord gold = edited(KEY, "{\"tier\":\"gold\"}");
      assertThat(gold.tier()).isEqualTo("gold");
      assertThat(gold.limit()).isEqualTo(new Limit(600, 1200));
      assertThat(edited(KEY, "{\"tier\":\"gold\",\"burst\":9}").limit())
          .isEqualTo(new Limit(600, 9));
      KeyRecord without = edited(gold, "{\"tier\":null}");
      assertThat(without.tier()).isNull();
      assertThat(without.limit()).isEqualTo(gold.limit());
    }
  }

  @Nested
  class IsInvalid {
    @Test
    void whenItRemovesWhatAKeyMustHave() {
      assertThat(
              Problems.errors(
                  () ->
                      parse(
                          "{\"name\":null,\"scopes\":null,\"rate_limit\":null,\"burst\":null,"
                              + "\"disabled\":null}")))
          .containsExactly(
              "#/name not_nullable",
              "#/scopes not_nullable",
              "#/rate_limit not_nullable",
              "#/burst not_nullable",
              "#/disabled not_nullable");
    }

    @Test
    void whenItNamesWhatCannotChange() {
      assertThat(
              Problems.errors(
                  () -> parse("{\"partner_id\":\"a\",\"expires_at\":null,\"environment\":\"x\"}")))
          .containsExactly(
              "#/partner_id unknown_member",
              "#/expires_at unknown_member",
              "#/environment unknown_member");
    }

    @Test
    void whenTypesAreWrong() {
      assertThat(
              Problems.errors(
                  () -> parse("{\"disabled\":\"yes\",\"scopes\":\"orgs:read\",\"tier\":1}")))
          .containsExactlyInAnyOrder(
              "#/disabled wrong_type", "#/scopes wrong_type", "#/tier wrong_type");
    }

    @Test
    void whenAnOrgKeyShouldCreateOrgs() {
      assertThat(
              Problems.errors(
                  () ->
                      edited(
                          SampleKeys.orgManager(), "{\"scopes\":[\"orgs:read\",\"orgs:create\"]}")))
          .containsExactly("#/scopes/1 not_for_org_keys");
    }
  }

  @Nested
  class IsInTheWrongState {
    @Test
    void onAKeyThatHasEnded() {
      KeyRecord revoked = KeyDraft.of(KEY).revoked(SampleKeys.NOW).toRecord();
      KeyRecord rotated =
          KeyDraft.of(KEY).replaced(UUID.randomUUID(), SampleKeys.NOW, null).toRecord();
      for (KeyRecord ended : List.of(revoked, rotated)) {
        assertThat(Problems.code(() -> edited(ended, "{}"))).isEqualTo(ProblemCode.WRONG_STATE);
      }
    }

    @Test
    void butNotInItsGracePeriod() {
      KeyRecord grace =
          KeyDraft.of(KEY)
              .replaced(UUID.randomUUID(), SampleKeys.NOW, SampleKeys.NOW.plusSeconds(1))
              .toRecord();
      assertThat(edited(grace, "{\"name\":\"n\"}").name()).isEqualTo("n");
    }
  }

  @Nested
  class OfAKeyIsRefused {
    private static final KeyRecord STRONG =
        KeyDraft.of(KEY)
            .scopes(ScopeSet.of(Scope.values()))
            .limit(new Limit(1000, 1000))
            .toRecord();

    @Test
    void whenItSetsMoreThanTheCallerHas() {
      for (String json :
          List.of(
              "{\"scopes\":[\"orgs:delete\"]}",
              "{\"rate_limit\":101}",
              "{\"burst\":51}",
              "{\"tier\":\"gold\"}")) {
        assertThat(refusal(KEY, KEY, json)).isEqualTo(ProblemCode.ESCALATION_REFUSED);
      }
      for (String json :
          List.of("{\"ip_allow\":null}", "{\"ip_allow\":[]}", "{\"ip_allow\":[\"11.0.0.1\"]}")) {
        assertThat(refusal(SampleKeys.managerWithin10(), KEY, json))
            .isEqualTo(ProblemCode.ESCALATION_REFUSED);
      }
    }

    @Test
    void whenItEnablesAStrongerKeyAgain() {
      KeyRecord sleeping = KeyDraft.of(STRONG).disabled(true).toRecord();
      assertThat(refusal(KEY, sleeping, "{\"disabled\":false}"))
          .isEqualTo(ProblemCode.ESCALATION_REFUSED);
    }

    @Test
    void whenATestKeySetsPowersOfALiveKey() {
      for (String json :
          List.of(
              "{\"scopes\":[\"orgs:read\"]}", "{\"burst\":1}", "{\"ip_allow\":[\"10.0.0.1\"]}")) {
        assertThat(refusal(SampleKeys.testManager(), KEY, json))
            .isEqualTo(ProblemCode.ESCALATION_REFUSED);
      }
    }

    @Test
    void neverForNamingOrDisablingAStrongerKey() {
      KeyAuthority weak = KeyAuthority.of(new Principal.PartnerKey(SampleKeys.testManager()));
      KeyRecord after =
          parse("{\"name\":\"n\",\"metadata\":{\"a\":\"b\"},\"disabled\":true}")
              .apply(STRONG, SampleKeys.NOW, weak);
      assertThat(after.disabled()).isTrue();
      assertThat(after.scopes()).isEqualTo(STRONG.scopes());
    }

    @Test
    void neverForNarrowingWithinTheCallersPowers() {
      KeyAuthority manager = KeyAuthority.of(new Principal.PartnerKey(KEY));
      KeyRecord after =
          parse("{\"scopes\":[\"orgs:read\"],\"burst\":50}").apply(STRONG, SampleKeys.NOW, manager);
      assertThat(after.scopes()).isEqualTo(ScopeSet.of(Scope.ORGS_READ));
      assertThat(after.limit()).isEqualTo(new Limit(1000, 50));
    }
  }
}
