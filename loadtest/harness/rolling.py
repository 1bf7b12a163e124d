"""Rolling restarts behind HAProxy: nodes leave and come back one after the other under load."""

import socket
import subprocess
import threading

from . import keys as keyring
from .machine import await_true, free_port, listens, program, say

TEMPLATE = """global
  stats socket {socket} level admin
defaults
  mode http
  option redispatch
  retries 3
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 2s
frontend partners
  bind 127.0.0.1:{port}
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET /health/ready
  default-server check inter 200ms fall 1 rise 2 slowstart 5s{tls}
"""
"""Nothing is sent twice but what never reached a node: retry-on keeps its default, conn-failure."""


class HaProxy:
    """HAProxy in front of nodes, asking each for its readiness."""

    def __init__(self, processes, nodes, http2):
        self.port, self.path = free_port(), processes.work / "haproxy.sock"
        tls = " ssl verify none alpn h2 no-check-ssl" if http2 else ""
        servers = [f"  server {node.name} 127.0.0.1:{node.port} port {node.management}\n" for node in nodes]
        file = processes.work / "haproxy.cfg"
        file.write_text(TEMPLATE.format(socket=self.path, port=self.port, tls=tls) + "".join(servers))
        processes.start("haproxy", [program("haproxy"), "-db", "-f", file])
        await_true("haproxy", lambda: listens(self.port))

    def up(self):
        """The nodes that it sends requests to."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self.path))
            asked.sendall(b"show stat\n")
            lines = asked.makefile().read().splitlines()
        names = lines[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines[1:] if line]
        return {row["svname"] for row in rows if row["pxname"] == "nodes" and row["status"] == "UP"}


def certificate(work):
    """The settings of a node that speaks TLS, and so HTTP/2, with a certificate of its own."""
    key, chain = work / "tls.key", work / "tls.crt"
    subprocess.run([program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", chain], check=True, capture_output=True)
    return {"EDGE_TLS_CERTIFICATE_FILE": str(chain), "EDGE_TLS_KEY_FILE": str(key)}


def run(cluster, chosen, http2):
    """Restarts every node in turn, that many rounds; answers what became of the requests meanwhile."""
    proxy = HaProxy(cluster.processes, cluster.nodes, http2)
    await_true("all nodes up", lambda: proxy.up() >= {node.name for node in cluster.nodes})
    rate = chosen.rate / 10
    lines = [f"{rate} {credential}" for _, credential in cluster.seed(10, keyring.HIGH)]
    file, over = keyring.write(cluster.processes.work / "keys", lines), cluster.processes.work / "over"
    result, exits = {}, []

    def load():
        result.update(cluster.client("Paced", proxy.port, 86_400, file, "-", 5, file, until=over))

    loading = threading.Thread(target=load)
    loading.start()
    try:
        await_true("requests", lambda: sum(cluster.tiers().values()) > chosen.rate, 120)
        for number in range(chosen.restart_rounds):
            say(f"round {number + 1} of {chosen.restart_rounds}")
            for node in cluster.nodes:
                exits.append(node.restart())
                await_true(f"{node.name} up", lambda node=node: node.name in proxy.up(), 60)
    finally:
        over.touch()
        loading.join()
    limited = result["statuses"].get("429", 0)
    failed = sum(count for status, count in result["statuses"].items() if status not in ("200", "429"))
    local = cluster.tiers().get("local", 0)
    return result | {"exits": exits, "local": local}, [
        ("requests", result["requests"], None, ""),
        ("restarts of a node", len(exits), len(exits) == 3 * chosen.restart_rounds, str(3 * chosen.restart_rounds)),
        ("of them not ended in order", sum(code not in (0, 143) for code in exits), all(code in (0, 143) for code in exits), "0"),
        ("requests without an answer, or with another than 200 and 429", failed, failed == 0, "0"),
        ("429, though nobody meets a limit: a node that misses Redis' deadline beside others", limited, limited == 0, "0"),
        ("decided with Redis out of reach, as the nodes of the last round saw it", local, None, ""),
        ("p99, ms", result["p99_ms"], None, ""),
    ]
