package ai.molecule.edge.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.molecule.edge.postgres.Await;
import ai.molecule.edge.proxy.UpstreamClient.Waiter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the pool counts, and when, with connections that lead nowhere. */
class ConnectionPoolTest {
  private static final long KEPT_NANOS = 1_000;

  private final Vertx vertx = Vertx.vertx();
  private final ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private long now = Long.MAX_VALUE - 10; // nanoTime may wrap at any moment

  @AfterEach
  void stop() {
    Await.result(vertx.close());
  }

  private static final class Asked implements Waiter {
    private @Nullable UpstreamConnection got;
    private @Nullable UpstreamOutcome refused;

    @Override
    public void connected(UpstreamConnection connection) {
      got = connection;
    }

    @Override
    public void unconnected(UpstreamOutcome why) {
      refused = why;
    }
  }

  private ConnectionPool pool(int connections, int waiting) {
    return new ConnectionPool(
        connections,
        waiting,
        KEPT_NANOS,
        () -> now,
        (pool, waiter) -> pool.connected(made(pool), waiter));
  }

  private UpstreamConnection made(ConnectionPool pool) {
    AnswerDecoder decoder = new AnswerDecoder(1 << 10);
    UpstreamConnection connection = new UpstreamConnection(pool, context, decoder);
    channels.add(new EmbeddedChannel(decoder, connection));
    return connection;
  }

  private static Asked ask(ConnectionPool pool) {
    Asked asked = new Asked();
    pool.acquire(asked);
    return asked;
  }

  @Test
  void theOneUsedLastIsUsedNext() {
    ConnectionPool pool = pool(10, 0);
    UpstreamConnection first = ask(pool).got;
    UpstreamConnection second = ask(pool).got;
    second.giveBack();
    first.giveBack();
    assertThat(ask(pool).got).isSameAs(first);
    assertThat(ask(pool).got).isSameAs(second);
    assertThat(pool.open()).isEqualTo(2);
  }

  @Test
  void thePlaceOfOneUnusedForTooLongIsFreeAtOnceAndOnlyOnce() {
    ConnectionPool pool = pool(1, 0);
    Asked first = ask(pool);
    first.got.giveBack();
    now += KEPT_NANOS;
    Asked second = ask(pool);
    assertThat(second.got).isNotNull().isNotSameAs(first.got);
    channels.forEach(EmbeddedChannel::runPendingTasks);
    assertThat(channels.getFirst().isOpen()).isFalse();
    assertThat(ask(pool).refused).isEqualTo(UpstreamOutcome.SATURATED);
    assertThat(pool.open()).isEqualTo(1);
  }

  @Test
  void whoeverWaitsGetsTheOneGivenBack() {
    ConnectionPool pool = pool(1, 2);
    Asked first = ask(pool);
    Asked second = ask(pool);
    Asked third = ask(pool);
    assertThat(pool.waiting()).isEqualTo(2);
    pool.forget(second);
    first.got.giveBack();
    assertThat(second.got).isNull();
    assertThat(third.got).isSameAs(first.got);
    assertThat(pool.waiting()).isZero();
  }

  /** It has begun to count when it sent its answer, which was earlier. */
  @Test
  void oneIsGivenUpBeforeItsUpstreamGivesItUp() {
    ConnectionPool pool =
        new ConnectionPool(1, 0, TimeUnit.SECONDS.toNanos(60), () -> now, (same, waiter) -> {});
    assertThat(pool.keptNanos(saying("timeout=60"))).isEqualTo(TimeUnit.SECONDS.toNanos(59));
    assertThat(pool.keptNanos(saying("max=9, Timeout=\"5\""))).isEqualTo(4_000_000_000L);
    assertThat(pool.keptNanos(saying("timeout=1"))).isEqualTo(500_000_000L);
    assertThat(pool.keptNanos(saying("timeout=0"))).isZero();
    assertThat(pool.keptNanos(saying("timeout=600"))).isEqualTo(TimeUnit.SECONDS.toNanos(60));
    assertThat(pool.keptNanos(saying("max=9"))).isEqualTo(TimeUnit.SECONDS.toNanos(60));
  }

  private static HttpResponse saying(String keepAlive) {
    HttpResponse answer = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    answer.headers().set(HttpHeaderNames.KEEP_ALIVE, keepAlive);
    return answer;
  }

  @Test
  void thePlaceOfOneThatAWaiterFailsAtIsFree() {
    ConnectionPool pool = pool(1, 0);
    Waiter broken =
        new Waiter() {
          @Override
          public void connected(UpstreamConnection connection) {
            throw new IllegalStateException("a defect");
          }

          @Override
          public void unconnected(UpstreamOutcome why) {}
        };
    assertThatThrownBy(() -> pool.acquire(broken)).hasMessage("a defect");
    channels.forEach(EmbeddedChannel::runPendingTasks);
    assertThat(pool.isEmpty()).isTrue();
    assertThat(ask(pool).got).isNotNull();
  }

  @Test
  void onceAllHaveClosedNothingIsHeld() {
    ConnectionPool pool = pool(3, 0);
    List<Asked> all = List.of(ask(pool), ask(pool), ask(pool));
    assertThat(pool.isEmpty()).isFalse();
    all.getFirst().got.giveBack();
    pool.close();
    channels.forEach(EmbeddedChannel::runPendingTasks);
    assertThat(pool.isEmpty()).isTrue();
  }
}
