package ai.molecule.edge.app;

import ai.molecule.edge.app.SeenLog.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Debian's nginx or HAProxy in front of the edge: each reads requests by its own rules, sends them
 * on over connections that many clients share, and writes a line of every request it sent on.
 */
final class ForwardingFront implements AutoCloseable {
  private static final String NGINX =
      """
      worker_processes 1;
      events { worker_connections 4096; }
      http {
        log_format seen '$status|$http_x_request_id|$upstream_addr|$request';
        map $upstream_addr $sent_on { '' 0; default 1; }
        keepalive_requests 1000000;
        upstream edge { server 127.0.0.1:EDGE; keepalive 4; }
        server {
          listen 127.0.0.1:PORT backlog=4096;
          merge_slashes off;
          underscores_in_headers on;
          access_log front.log seen if=$sent_on;
          location / {
            proxy_pass http://edge;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_next_upstream off;
          }
        }
      }
      """;

  private static final String HAPROXY =
      """
      global
        nbthread 1
        maxconn 4096
        log stdout len 65535 format raw local0
      defaults
        mode http
        log global
        retries 0
        timeout client 60s
        timeout connect 5s
        timeout server 60s
        timeout http-keep-alive 60s
        http-reuse always
      frontend partners
        bind 127.0.0.1:PORT backlog 4096
        option dontlognull
        http-request capture req.fhdr(x-request-id) len 128
        log-format "%ST|%[capture.req.hdr(0)]|%s|%HM %HU %HV"
        default_backend edge
      backend edge
        server one 127.0.0.1:EDGE
      """;

  private final InstalledServer server;
  private final int port;
  private final SeenLog log;
  private final boolean forgetsBroken;

  private ForwardingFront(InstalledServer server, int port, SeenLog log, boolean forgetsBroken) {
    this.server = server;
    this.port = port;
    this.log = log;
    this.forgetsBroken = forgetsBroken;
  }

  static ForwardingFront nginx(Path directory, int edgePort, Class<?> test) throws IOException {
    Path program = InstalledServer.program("nginx", test);
    int port = InstalledServer.freePort();
    Path config = configured(directory.resolve("front-nginx.conf"), NGINX, port, edgePort);
    InstalledServer server =
        InstalledServer.start(
            program,
            directory,
            directory.resolve("front-said"),
            port,
            "-p",
            directory.toString(),
            "-c",
            config.toString(),
            "-g",
            "daemon off; master_process off; pid front.pid; error_log stderr crit;");
    return new ForwardingFront(server, port, new SeenLog(directory.resolve("front.log")), false);
  }

  static ForwardingFront haproxy(Path directory, int edgePort, Class<?> test) throws IOException {
    Path program = InstalledServer.program("haproxy", test);
    int port = InstalledServer.freePort();
    Path config = configured(directory.resolve("front-haproxy.cfg"), HAPROXY, port, edgePort);
    Path log = directory.resolve("front.log");
    InstalledServer server =
        InstalledServer.start(program, directory, log, port, "-f", config.toString(), "-db");
    return new ForwardingFront(server, port, new SeenLog(log), true);
  }

  private static Path configured(Path file, String template, int port, int edgePort)
      throws IOException {
    return Files.writeString(
        file,
        template
            .replace("PORT", Integer.toString(port))
            .replace("EDGE", Integer.toString(edgePort)));
  }

  int port() {
    return port;
  }

  /**
   * Whether it writes a request down without its id when the body breaks off in the middle, which
   * is after it has sent on what came before.
   */
  boolean forgetsBroken() {
    return forgetsBroken;
  }

  /** The requests it has sent on since the last call. */
  List<Seen> take() throws IOException {
    return log.take().stream().filter(seen -> !seen.keyId().equals("<NOSRV>")).toList();
  }

  @Override
  public void close() {
    server.close();
  }
}
