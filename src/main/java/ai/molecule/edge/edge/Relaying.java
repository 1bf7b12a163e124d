package ai.molecule.edge.edge;

import ai.molecule.edge.exchange.Exchange;
import ai.molecule.edge.proxy.AnswerReader;
import ai.molecule.edge.proxy.UpstreamConnection;
import ai.molecule.edge.proxy.UpstreamOutcome;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What follows the head of an answer: its body, or after an upgrade bytes both ways. It ends once,
 * whole, cut short, or with its key where it lasts; the client's side has been ended then. Used on
 * its event loop only.
 */
final class Relaying implements AnswerReader {
  private final Forwarder forwarder;
  private final ForwardedRequest asked;
  private final Exchange exchange;
  private final UpstreamConnection from;
  private final Upload upload;
  private final Consumer<UpstreamOutcome> over;
  private @Nullable AnswerRelay relay;
  private @Nullable Tunnel tunnel;
  private Streams.@Nullable Stream stream;
  private boolean stopped;

  /**
   * Nothing has been passed on yet.
   *
   * @param over called when it ends, but not by {@link #stop}
   */
  Relaying(
      Forwarder forwarder,
      ForwardedRequest asked,
      UpstreamConnection from,
      Upload upload,
      Consumer<UpstreamOutcome> over) {
    this.forwarder = forwarder;
    this.asked = asked;
    this.exchange = asked.exchange();
    this.from = from;
    this.upload = upload;
    this.over = over;
  }

  /** Passes an answer on, and answers whether that may take long. */
  boolean relay(HttpResponse answer, HttpServerResponse response) {
    AnswerRelay begun =
        AnswerRelay.start(
            forwarder.vertx(), from, answer, exchange, response, this::whole, this::failed);
    relay = begun;
    return begun.mayTakeLong();
  }

  /** From here on there are bytes alone. */
  void tunnel(HttpResponse answer, HttpServerResponse response) {
    Upgrade.grant(answer, response);
    Tunnel joined = new Tunnel(from, this::whole);
    tunnel = joined;
    forwarder.tunnels().add(joined);
    exchange.request().toNetSocket().onComplete(joined::join, failure -> failed());
    watch();
  }

  /** Ends it with its key from now on. */
  void watch() {
    if (stream == null && !stopped) {
      stream =
          forwarder
              .streams()
              .watch(asked.key().hash(), asked.route().spec(), exchange, this::keyGone);
    }
  }

  private void keyGone() {
    if (!stopped) {
      boolean bytesAlone = tunnel != null;
      end(UpstreamOutcome.KEY_GONE);
      if (bytesAlone) {
        exchange.streamed();
      } else {
        exchange.cut();
      }
    }
  }

  /** It has been read. */
  @Override
  public void head(HttpResponse head) {}

  @Override
  public void piece(ByteBuf bytes) {
    if (tunnel != null) {
      tunnel.fromUpstream(bytes);
    } else if (relay != null) {
      relay.piece(bytes);
    }
  }

  @Override
  public void end() {
    if (relay != null) {
      relay.end();
    }
  }

  @Override
  public void writable() {
    upload.writable();
    if (tunnel != null) {
      tunnel.upstreamWritable();
    }
  }

  private void whole() {
    if (!stopped) {
      end(UpstreamOutcome.ANSWERED);
      exchange.streamed();
    }
  }

  @Override
  public void failed(UpstreamOutcome why) {
    failed();
  }

  private void failed() {
    if (tunnel != null) {
      tunnel.close();
    } else if (!stopped) {
      end(UpstreamOutcome.CUT);
      exchange.cut();
    }
  }

  private void end(UpstreamOutcome outcome) {
    stop();
    over.accept(outcome);
  }

  /** Whatever still comes goes nowhere. */
  void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    if (relay != null) {
      relay.stop();
    }
    if (stream != null) {
      stream.close();
    }
    if (tunnel != null) {
      forwarder.tunnels().remove(tunnel);
      tunnel.close();
    }
  }
}
