package ai.molecule.edge.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.Environment;
import ai.molecule.edge.credential.Scope;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateKeyRequestTest {
  private static final Instant NOW = SampleKeys.NOW;
  private static final Map<String, Limit> TIERS = Map.of("gold", new Limit(600, 1200));

  private static CreateKeyRequest parse(String json) {
    return CreateKeyRequest.parse(JsonBody.parse(Buffer.buffer(json)), true, TIERS, NOW);
  }

  /** The smallest body with more members, given as JSON. */
  private static String with(String members) {
    return "{\"name\":\"a\",\"partner_id\":\"acme\",\"scopes\":[\"orgs:read\"]," + members + "}";
  }

  private static List<String> errors(String json) {
    return Problems.errors(() -> parse(json));
  }

  @Test
  void everyMemberIsRead() {
    CreateKeyRequest request =
        parse(
            with(
                """
                "description": "d", "environment": "test", "tier": "gold", "rate_limit": 60.0,
                "burst": 7, "expires_at": "2031-01-01T01:00:00.5+01:00",
                "org_id": "01890000-0000-7000-8000-0000000000AA",
                "ip_allow": ["10.1.2.3/8", "::1", "10.0.0.0/8"], "metadata": {"k": "v"}
                """));
    assertThat(request.name()).isEqualTo("a");
    assertThat(request.description()).isEqualTo("d");
    assertThat(request.partnerId()).isEqualTo("acme");
    assertThat(request.orgId()).isEqualTo(SampleKeys.ORG);
    assertThat(request.scopes()).containsExactly(Scope.ORGS_READ);
    assertThat(request.environment()).isEqualTo(Environment.TEST);
    assertThat(request.limit())
        .isEqualTo(new LimitAsked(new Tier("gold", new Limit(600, 1200)), 60, 7));
    assertThat(request.expiresAt()).isEqualTo(Instant.parse("2031-01-01T00:00:00.500Z"));
    assertThat(request.ipAllow().cidrs()).containsExactly("10.0.0.0/8", "::1/128");
    assertThat(request.metadata()).isEqualTo(Map.of("k", "v"));
  }

  @Test
  void nullMembersCountAsAbsent() {
    CreateKeyRequest request =
        parse(
            with(
                """
                "description": null, "environment": null, "tier": null, "rate_limit": null,
                "burst": null, "expires_at": null, "expires_in_days": 2, "org_id": null,
                "org": null, "ip_allow": null, "metadata": {"gone": null}
                """));
    assertThat(request.limit()).isEqualTo(new LimitAsked(null, null, null));
    assertThat(request.expiresAt()).isEqualTo(NOW.plusSeconds(2 * 86_400));
    assertThat(request.ipAllow()).isNull();
    assertThat(request.metadata()).isEmpty();
  }

  @Nested
  class EveryErrorIsNamed {
    @Test
    void atOnce() {
      assertThat(
              errors(
                  """
                  {"name": 7, "name": " ", "scopes": ["orgs:read", "orgs:own", 3],
                   "partner_id": "ACME", "colour": "red", "burst": "many", "metadata": {"k": 1}}
                  """))
          .containsExactlyInAnyOrder(
              "#/name duplicate_member",
              "#/name blank",
              "#/scopes/1 unknown_scope",
              "#/scopes/2 wrong_type",
              "#/partner_id invalid_format",
              "#/colour unknown_member",
              "#/burst wrong_type",
              "#/metadata/k wrong_type");
    }

    @Test
    void ofAnEmptyBody() {
      assertThat(errors("{}"))
          .containsExactly("#/name required", "#/scopes required", "#/partner_id required");
      assertThat(errors("{\"name\":null,\"scopes\":null,\"partner_id\":null}"))
          .containsExactly("#/name required", "#/scopes required", "#/partner_id required");
    }
  }

  @Nested
  class Bounds {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "'\"scopes\": []' | #/scopes duplicate_member",
          "'\"org\": {}' | #/org/slug required",
          "'\"org_id\": \"x\"' | #/org_id invalid_format",
          "'\"org_id\": 5' | #/org_id wrong_type",
          "'\"environment\": \"prod\"' | #/environment unknown_value",
          "'\"environment\": \"LIVE\"' | #/environment unknown_value",
          "'\"tier\": \"lead\"' | #/tier unknown_value",
          "'\"rate_limit\": 0' | #/rate_limit out_of_range",
          "'\"rate_limit\": 60000001' | #/rate_limit out_of_range",
          "'\"rate_limit\": 1e99' | #/rate_limit out_of_range",
          "'\"rate_limit\": 1.5' | #/rate_limit wrong_type",
          "'\"rate_limit\": \"60\"' | #/rate_limit wrong_type",
          "'\"rate_limit\": true' | #/rate_limit wrong_type",
          "'\"burst\": 0' | #/burst out_of_range",
          "'\"burst\": -1' | #/burst out_of_range",
          "'\"burst\": 1000001' | #/burst out_of_range",
          "'\"expires_in_days\": 0' | #/expires_in_days out_of_range",
          "'\"expires_in_days\": 3651' | #/expires_in_days out_of_range",
          "'\"expires_at\": \"2030-01-31T12:00:00.123Z\"' | #/expires_at in_the_past",
          "'\"expires_at\": \"2031-01-01\"' | #/expires_at invalid_format",
          "'\"expires_at\": \"2031-01-01T00:00:00\"' | #/expires_at invalid_format",
          "'\"expires_at\": \"2031-02-29T00:00:00Z\"' | #/expires_at invalid_format",
          "'\"expires_at\": \"2031-01-01 00:00:00Z\"' | #/expires_at invalid_format",
          "'\"expires_at\": \"9999-12-31T23:59:59-01:00\"' | #/expires_at out_of_range",
          "'\"expires_at\": 1924992000' | #/expires_at wrong_type",
          "'\"ip_allow\": \"10.0.0.0/8\"' | #/ip_allow wrong_type",
          "'\"ip_allow\": [\"10.0.0.0/8\", \"10.0.0.0/33\"]' | #/ip_allow/1 invalid_format",
          "'\"ip_allow\": [\"\"]' | #/ip_allow/0 invalid_format",
          "'\"ip_allow\": [\"10\"]' | #/ip_allow/0 invalid_format",
          "'\"ip_allow\": [\"*\"]' | #/ip_allow/0 invalid_format",
          "'\"metadata\": []' | #/metadata wrong_type",
          "'\"metadata\": {\"\": \"v\"}' | #/metadata/ too_long",
        })
    void areKept(String member, String error) {
      assertThat(errors(with(member))).contains(error);
    }

    @Test
    void bothExpiryMembersAtOnceConflict() {
      assertThat(errors(with("\"expires_in_days\": 1, \"expires_at\": \"2031-01-01T00:00:00Z\"")))
          .containsExactly("#/expires_at conflict");
    }

    @Test
    void ofTextCountCodePoints() {
      assertThat(parse(json("name", "😀".repeat(100))).name()).hasSize(200);
      assertThat(errors(json("name", "😀".repeat(101)))).containsExactly("#/name too_long");
      assertThat(errors(json("name", ""))).containsExactly("#/name blank");
      assertThat(parse(json("description", "d".repeat(1000))).description()).hasSize(1000);
      assertThat(errors(json("description", "d".repeat(1001))))
          .containsExactly("#/description too_long");
      assertThat(errors(json("partner_id", "a".repeat(65))))
          .containsExactly("#/partner_id invalid_format");
    }

    @Test
    void ofCollectionsCountElements() {
      JsonArray ranges = new JsonArray(new ArrayList<>(Collections.nCopies(100, "10.0.0.0/8")));
      assertThat(parse(json("ip_allow", ranges)).ipAllow().cidrs()).hasSize(1);
      assertThat(errors(json("ip_allow", ranges.add("::1"))))
          .containsExactly("#/ip_allow too_many");
      JsonObject metadata = new JsonObject();
      for (int i = 0; i < 50; i++) {
        metadata.put("k".repeat(38) + i, "v".repeat(500));
      }
      assertThat(parse(json("metadata", metadata)).metadata()).hasSize(50);
      assertThat(errors(json("metadata", metadata.copy().put("k", "v"))))
          .containsExactly("#/metadata too_many");
      assertThat(errors(json("metadata", new JsonObject().put("k".repeat(41), "v"))))
          .containsExactly("#/metadata/" + "k".repeat(41) + " too_long");
      assertThat(errors(json("metadata", new JsonObject().put("k", "v".repeat(501)))))
          .containsExactly("#/metadata/k too_long");
      assertThat(errors(json("scopes", new JsonArray()))).containsExactly("#/scopes too_few");
    }

    private static String json(String member, Object value) {
      return new JsonObject()
          .put("name", "a")
          .put("partner_id", "acme")
          .put("scopes", new JsonArray().add("orgs:read"))
          .put(member, value)
          .encode();
    }
  }

  @Test
  void aKeyNeedNotNameItsPartner() {
    String json = "{\"name\":\"a\",\"scopes\":[\"orgs:read\",\"orgs:read\"]}";
    CreateKeyRequest request =
        CreateKeyRequest.parse(JsonBody.parse(Buffer.buffer(json)), false, TIERS, NOW);
    assertThat(request.partnerId()).isNull();
    assertThat(request.scopes()).containsExactly(Scope.ORGS_READ, Scope.ORGS_READ);
  }
}
