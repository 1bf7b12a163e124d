/**
 * The public listener, from the socket to the first handler: what a connection may do before and
 * between its requests. {@link ai.molecule.edge.app.front.Listener} binds it on each event loop,
 * with TLS and HTTP/2; {@link ai.molecule.edge.app.front.FrontDecoder} stands at the bytes of
 * HTTP/1, {@link ai.molecule.edge.app.front.FrameWatch} at the frames of HTTP/2, and {@link
 * ai.molecule.edge.app.front.DirectConnection} answers what can be answered without Vert.x.
 *
 * <p>Knows nothing of keys: what a request means is the business of the {@link
 * ai.molecule.edge.app.front.RequestSide} that it is given. Everything belongs to one event loop
 * unless it says otherwise. A connection that goes too far is closed; nothing here fails a request
 * that the decoder took.
 */
@NullMarked
package ai.molecule.edge.app.front;

import org.jspecify.annotations.NullMarked;
