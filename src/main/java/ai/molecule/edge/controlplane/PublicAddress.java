package ai.molecule.edge.controlplane;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/**
 * The address under which callers know the edge, for the URLs in answers. Immutable.
 *
 * @param configured without a slash at its end; null to take the one that the request was sent to
 */
public record PublicAddress(@Nullable String configured) {
  /** The address for the answer to {@code request}. */
  String of(HttpServerRequest request) {
    if (configured != null) {
      return configured;
    }
    HostAndPort authority = request.authority();
    return authority == null ? "" : request.scheme() + "://" + authority;
  }
}
