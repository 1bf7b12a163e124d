package ai.molecule.edge.app;

import ai.molecule.edge.app.SeenLog.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Debian's nginx or HAProxy as a service behind the edge: each reads whole requests, bodies
 * included, by its own rules, answers {@code seen ID} and writes a line of every request it counts.
 */
final class CountingUpstream implements AutoCloseable {
  private static final String NGINX =
      """
      worker_processes 1;
      events { worker_connections 4096; }
      http {
        log_format seen '$status|$http_x_request_id|$http_x_mol_key_id|$request';
        keepalive_requests 1000000;
        client_body_buffer_size 64k;
        server {
          listen 127.0.0.1:PORT backlog=4096;
          merge_slashes off;
          underscores_in_headers on;
          log_not_found off;
          access_log seen.log seen;
          location / {
            # Reads the body before it answers; a body that is not one is 400.
            mirror /drop;
            root nowhere;
            error_page 301 403 404 405 =200 @seen;
          }
          location = /drop { internal; return 204; }
          location @seen { default_type text/plain; return 200 "seen $http_x_request_id\\n"; }
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
        timeout client 60s
        timeout connect 5s
        timeout server 60s
        timeout http-keep-alive 60s
      frontend service
        bind 127.0.0.1:PORT backlog 4096
        option dontlognull
        http-request capture req.hdr(x-request-id) len 128
        http-request capture req.hdr(x-mol-key-id) len 64
        http-request wait-for-body time 10s
        log-format "%ST|%[capture.req.hdr(0)]|%[capture.req.hdr(1)]|%HM %HU %HV"
        http-request return status 200 content-type text/plain lf-string "seen %[capture.req.hdr(0)]\\n"
      """;

  private final InstalledServer server;
  private final int port;
  private final SeenLog log;

  private CountingUpstream(InstalledServer server, int port, SeenLog log) {
    this.server = server;
    this.port = port;
    this.log = log;
  }

  static CountingUpstream nginx(Path directory, Class<?> test) throws IOException {
    Path program = InstalledServer.program("nginx", test);
    int port = InstalledServer.freePort();
    Path config = directory.resolve("nginx.conf");
    Files.writeString(config, NGINX.replace("PORT", Integer.toString(port)));
    InstalledServer server =
        InstalledServer.start(
            program,
            directory,
            directory.resolve("said"),
            port,
            "-p",
            directory.toString(),
            "-c",
            config.toString(),
            "-g",
            "daemon off; master_process off; pid nginx.pid; error_log stderr crit;");
    return new CountingUpstream(server, port, new SeenLog(directory.resolve("seen.log")));
  }

  static CountingUpstream haproxy(Path directory, Class<?> test) throws IOException {
    Path program = InstalledServer.program("haproxy", test);
    int port = InstalledServer.freePort();
    Path config = directory.resolve("haproxy.cfg");
    Path log = directory.resolve("seen.log");
    Files.writeString(config, HAPROXY.replace("PORT", Integer.toString(port)));
    InstalledServer server =
        InstalledServer.start(program, directory, log, port, "-f", config.toString(), "-db");
    return new CountingUpstream(server, port, new SeenLog(log));
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** The requests it has counted since the last call, in their order. */
  List<Seen> take() throws IOException {
    return log.take();
  }

  @Override
  public void close() {
    server.close();
  }
}
