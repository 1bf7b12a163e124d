package ai.molecule.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.app.RunningNode.Made;
import ai.molecule.edge.config.EdgeConfig;
import ai.molecule.edge.config.LookupConfig;
import ai.molecule.edge.credential.ExampleCredentials;
import ai.molecule.edge.stores.RedisServerHandle;
import ai.molecule.edge.stores.TestStores;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How often a request asks the stores: Redis counts its scripts, the edge its lookups. */
final class StoreCallsIT {
  private static final String WELL_FORMED = ExampleCredentials.LIVE_KEY;
  private static final Pattern LOOKUPS =
      Pattern.compile(
          "edge_store_duration_seconds_count\\{op=\"lookup\",store=\"postgres\"} (\\d+)");

  private static RedisServerHandle redis;
  private static RedisEye eye;
  private static EdgeNodes nodes;
  private static RunningNode node;

  @BeforeAll
  static void start() {
    redis = TestStores.startRedis();
    eye = new RedisEye(redis.uri());
    nodes = EdgeNodes.on(TestStores.freshDatabase(), redis.uri()).with(StoreCallsIT::patient);
    node = nodes.start();
  }

  /** Remembers an unknown credential for a minute, so that the test may take its time. */
  private static EdgeConfig patient(EdgeConfig config) {
    LookupConfig lookup = config.lookup();
    return config.withLookup(
        new LookupConfig(
            lookup.cachedKeysMax(),
            lookup.cachedAbsencesMax(),
            Duration.ofMinutes(1),
            lookup.fillsMax()));
  }

  @AfterAll
  static void stop() {
    nodes.close();
    eye.close();
    redis.close();
  }

  /** What the stores have been asked so far. */
  private record Calls(long redis, long postgres) {
    static Calls now() {
      Matcher lookups = LOOKUPS.matcher(node.operations("/metrics").body());
      assertThat(lookups.find()).isTrue();
      return new Calls(eye.scriptCalls(), Long.parseLong(lookups.group(1)));
    }

    Calls since(Calls before) {
      return new Calls(redis - before.redis, postgres - before.postgres);
    }
  }

  /** None is shown by a name in which a whole credential is: reports are kept. */
  static List<Object> malformed() {
    return List.of(
        "mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmQ",
        "mol_pk_test_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        "mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB39HjmP",
        "mol_pk_live_aAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        Named.of("one digit more", WELL_FORMED + "0"),
        "mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39Hjm",
        "mol_pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-A39HjmP",
        "mol_pk_prod_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA39HjmP",
        "mol_ws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0Wic4Y",
        "mol_",
        "too-short-for-an-admin-token");
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void aCredentialOfABadFormOrChecksumCostsNoStoreCall(String credential) {
    Calls before = Calls.now();

    for (int i = 0; i < 20; i++) {
      HttpResponse<String> response = node.use(credential);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(new JsonObject(response.body()).getString("code"))
          .isEqualTo("credential_malformed");
    }
    assertThat(node.send("GET", RunningNode.KEYS, credential, null).statusCode()).isEqualTo(401);

    assertThat(Calls.now().since(before)).isEqualTo(new Calls(0, 0));
  }

  @Test
  void aRequestWithoutACredentialOrWithTwoCostsNoStoreCall() {
    Made key = node.create();
    Calls before = Calls.now();

    assertThat(node.send("GET", RunningNode.OWN_KEY, null, null).statusCode()).isEqualTo(401);
    HttpResponse<String> twice =
        RunningNode.send(
            node.request("GET", RunningNode.OWN_KEY, key.secret())
                .header("Authorization", "Bearer " + key.secret()));
    assertThat(new JsonObject(twice.body()).getString("code")).isEqualTo("credential_malformed");

    assertThat(Calls.now().since(before)).isEqualTo(new Calls(0, 0));
  }

  @Test
  void anUnknownCredentialIsLookedUpOnceAndThenRemembered() {
    // Redis has the scripts from now on, on every event loop.
    node.use(ExampleCredentials.TEST_KEY);
    Calls before = Calls.now();
    HttpResponse<String> first = node.use(WELL_FORMED);
    assertThat(new JsonObject(first.body()).getString("code")).isEqualTo("credential_unknown");
    Calls once = Calls.now();
    // That these counters see a call at all is what makes the zeros of this suite mean something.
    assertThat(once.since(before)).isEqualTo(new Calls(1, 1));

    for (int i = 0; i < 50; i++) {
      assertThat(node.use(WELL_FORMED).statusCode()).isEqualTo(401);
    }

    assertThat(Calls.now().since(once)).isEqualTo(new Calls(0, 0));
  }

  @Test
  void aFreshKeyIsFoundInRedisWithoutPostgres() {
    Made key = node.create();
    Calls before = Calls.now();

    assertThat(node.status(key)).isEqualTo(200);

    assertThat(Calls.now().since(before).postgres()).isZero();
  }

  @Test
  void anAdmissionCountsForTheDearestTierThatItNeeded() {
    Made fresh = node.create();
    Made forgotten = node.create();
    eye.forget(recordOf(forgotten));
    double records = admissions("redis_record");
    double reads = admissions("postgres");

    assertThat(node.status(fresh)).isEqualTo(200);
    assertThat(node.status(forgotten)).isEqualTo(200);

    assertThat(admissions("redis_record") - records).isEqualTo(1);
    assertThat(admissions("postgres") - reads).isEqualTo(1);
  }

  private static String recordOf(Made key) {
    byte[] secret = key.secret().getBytes(StandardCharsets.US_ASCII);
    byte[] hash;
    try {
      hash = MessageDigest.getInstance("SHA-256").digest(secret);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
    return "k:{" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + "}";
  }

  private static double admissions(String tier) {
    String series = "edge_admissions_total{tier=\"" + tier + "\"} ";
    return node.operations("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }

  @Test
  void aWarmKeyIsServedFromTokensTakenInAdvance() {
    Made key = node.create();
    assertThat(node.useAtOnce(key, 8)).allMatch(used -> used.statusCode() == 200);
    Calls before = Calls.now();

    for (int i = 0; i < 1_000; i++) {
      assertThat(node.status(key)).isEqualTo(200);
    }

    Calls calls = Calls.now().since(before);
    assertThat(calls.postgres()).isZero();
    assertThat(calls.redis()).isLessThan(500);
  }

  @Test
  void aKeyWithASmallLimitCostsOneRedisCallARequestAndNoneOnceItIsOverItsLimit() {
    Made key = node.createLimited(1, 20);
    Calls before = Calls.now();
    for (int i = 0; i < 20; i++) {
      assertThat(node.status(key)).isEqualTo(200);
    }
    assertThat(Calls.now().since(before).redis()).isLessThanOrEqualTo(22);

    // Each event loop learns it once, with the time for which it may remember.
    assertThat(node.useAtOnce(key, 16)).allMatch(used -> used.statusCode() == 429);
    before = Calls.now();
    assertThat(node.useAtOnce(key, 50)).allMatch(used -> used.statusCode() == 429);
    assertThat(Calls.now().since(before).redis()).isLessThanOrEqualTo(2);
  }

  @Test
  void aRevokedKeyIsRefusedWithoutPostgres() {
    Made key = node.create();
    node.revoke(key);
    Calls before = Calls.now();

    assertThat(node.useAtOnce(key, 20)).allMatch(used -> used.statusCode() == 401);

    assertThat(Calls.now().since(before).postgres()).isZero();
  }
}
