package ai.molecule.edge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import ai.molecule.edge.credential.KeyLookup.Result;
import ai.molecule.edge.credential.SingleFlightLookup.Sharing;
import ai.molecule.edge.problem.Problem;
import ai.molecule.edge.problem.ProblemCode;
import ai.molecule.edge.ratelimit.Limit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SingleFlightLookupTest {
  private static final KeyHash KEY = new KeyHash(1, 1, 1, 1);
  private static final KeyHash OTHER = new KeyHash(2, 2, 2, 2);

  private final List<Promise<Result>> reads = new ArrayList<>();
  private final KeyLookup store =
      hash -> {
        Promise<Result> read = Promise.promise();
        reads.add(read);
        return read.future();
      };

  private static Result found() {
    return new Result.Found(KeyRecords.active(KEY, new Limit(60, 60)));
  }

  @Test
  void oneReadServesEveryoneWhoMayShareARunningOne() {
    KeyLookup lookup = new SingleFlightLookup(store, Sharing.RUNNING, 10);
    List<Future<Result>> answers = List.of(lookup.find(KEY), lookup.find(KEY), lookup.find(KEY));
    assertThat(reads).hasSize(1);
    reads.get(0).complete(found());
    assertThat(answers).allSatisfy(answer -> assertThat(answer.result()).isEqualTo(found()));
  }

  @Test
  void whoMustNotShareARunningReadGetsOneThatBeganLater() {
    KeyLookup lookup = new SingleFlightLookup(store, Sharing.NOT_BEGUN, 10);
    Future<Result> first = lookup.find(KEY);
    Future<Result> second = lookup.find(KEY);
    Future<Result> third = lookup.find(KEY);
    assertThat(reads).hasSize(1);
    reads.get(0).complete(found());
    assertThat(first.isComplete()).isTrue();
    assertThat(second.isComplete()).isFalse();
    assertThat(reads).hasSize(2);
    reads.get(1).complete(new Result.Absent());
    assertThat(second.result()).isEqualTo(new Result.Absent());
    assertThat(third.result()).isEqualTo(new Result.Absent());
    assertThat(reads).hasSize(2);
  }

  @Test
  void aFailedReadFailsThoseWhoWaitedAndIsNotRemembered() {
    KeyLookup lookup = new SingleFlightLookup(store, Sharing.RUNNING, 10);
    Future<Result> failed = lookup.find(KEY);
    reads.get(0).fail("away");
    assertThat(failed.failed()).isTrue();
    lookup.find(KEY);
    assertThat(reads).hasSize(2);
  }

  @Test
  void moreReadsThanAllowedAreRefusedAtOnce() {
    KeyLookup lookup = new SingleFlightLookup(store, Sharing.RUNNING, 1);
    lookup.find(KEY);
    Future<Result> refused = lookup.find(OTHER);
    assertThat(refused.cause())
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.OVERLOADED));
    reads.get(0).complete(found());
    assertThat(lookup.find(OTHER).failed()).isFalse();
  }
}
