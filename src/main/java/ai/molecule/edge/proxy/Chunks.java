package ai.molecule.edge.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/** The chunks in which a body of unknown length goes out (RFC 9112, section 7.1). */
final class Chunks {
  private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LINE_END = 0x0d0a;
  private static final int SIZE_BYTES = 10;
  private static final ByteBuf END =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(2).writeShort(LINE_END).asReadOnly());

  private Chunks() {}

  /** Writes one chunk, which is not empty; its ownership goes over. */
  static void write(ChannelHandlerContext to, ByteBuf bytes) {
    ByteBuf size = to.alloc().directBuffer(SIZE_BYTES);
    ByteBufUtil.writeAscii(size, Integer.toHexString(bytes.readableBytes()));
    to.write(size.writeShort(LINE_END), to.voidPromise());
    to.write(bytes, to.voidPromise());
    to.writeAndFlush(END.duplicate(), to.voidPromise());
  }

  /** What stands behind the last one. */
  static ByteBuf last(ChannelHandlerContext to) {
    return to.alloc().directBuffer(LAST.length).writeBytes(LAST);
  }
}
