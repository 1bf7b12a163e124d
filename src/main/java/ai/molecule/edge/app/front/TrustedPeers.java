package ai.molecule.edge.app.front;

import ai.molecule.edge.config.FrontConfig;
import ai.molecule.edge.config.FrontConfig.ProxyProtocol;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/**
 * Turns away connections that say by the PROXY protocol where they come from, and are from somebody
 * whose word does not count.
 */
final class TrustedPeers {
  private TrustedPeers() {}

  /** Whether the connection may stay. One that may not is closed, and what it sent is not read. */
  static boolean admit(HttpConnection connection, FrontConfig front) {
    if (front.proxyProtocol() == ProxyProtocol.NONE
        || front.callers().trusts(connection.remoteAddress(true).hostAddress())) {
      return true;
    }
    ChannelPipeline pipeline =
        ((HttpServerConnection) connection).channelHandlerContext().pipeline();
    String first = pipeline.get(FrontDecoder.DECODER) == null ? "handler" : FrontDecoder.DECODER;
    pipeline.addBefore(first, "deaf", new Deaf());
    connection.close();
    return false;
  }

  /** Bytes may have come right behind the header of the PROXY protocol. */
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
