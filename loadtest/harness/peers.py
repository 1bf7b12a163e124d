"""The peers, set up to do the edge's work: hash the key, find it in Redis, take a token, answer. All by HTTP, all on loopback."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass

from . import keys as keyring
from .machine import HERE, await_true, descendants, free_port, java_home, listens, own_by_nobody, program, say
from .node import BUILD
from .rungs import Rung, Stage
from .stores import Redis
from .upstream import Upstream

NGINX = Rung("nginx", "nginx + Lua + Redis doing the work of T0 and T1, a Redis script a request", target="/", warm=0.5)
NGINX_BARE = Rung("nginx-bare", "nginx answering a fixed body", target="/bare", warm=0.3)
NGINX_PROXY = Rung("nginx-proxy", "nginx proxying 1 KiB with keep-alive and no auth; the upstream is not counted", target="/plain", warm=0.3)
SPRING = Rung("spring", "Spring Cloud Gateway with its Redis limiter; the upstream behind it is not counted", target="/", warm=0.3)
BY_NAME = {rung.name: rung for rung in (NGINX, NGINX_BARE, NGINX_PROXY, SPRING)}
RATIOS = [("t0", "nginx", 0.30), ("t1", "nginx", 0.65), ("t0", "spring", 0.08), ("t0", "bare", 1.15), ("proxy", "nginx-proxy", 1.60)]


@dataclass
class Peers:
    """What the peers share: nginx with its upstream, a Redis that knows the keys, the keys."""

    redis: Redis
    keys: object
    nginx: object
    port: int
    upstream: int


def start(processes, count=1000):
    """Starts Redis and nginx, and teaches Redis the keys."""
    redis = Redis(processes, "redis-peers")
    credentials = [keyring.credential() for _ in range(count)]
    commands = []
    for text in credentials:
        digest = hashlib.sha256(text.encode())
        commands.append([b"HSET", digest.digest(), "tok", "1000000000", "ts", "0", "rate", "1000000", "cap", "1000000000", "scopes", "orgs:read", "org", "acme"])
        commands.append(["SET", "peer:" + digest.hexdigest(), "1"])
    redis.calls(commands)
    port, upstream = free_port(), Upstream.start(processes, "peers").port
    prefix = processes.work / "nginx"
    prefix.mkdir()
    own_by_nobody(prefix)
    text = (HERE / "peers/nginx.conf").read_text()
    for given, ours in (("8081", port), ("8082", upstream), ("6380", redis.port)):
        text = text.replace(given, str(ours))
    (prefix / "nginx.conf").write_text(text)
    process = processes.start("nginx", [program("nginx"), "-p", f"{prefix}/", "-c", prefix / "nginx.conf"])
    await_true("nginx", lambda: listens(port))
    return Peers(redis, keyring.write(processes.work / "peers.keys", credentials), process, port, upstream)


@dataclass
class Server:
    """A server that is measured by its processes alone."""

    port: int
    process: subprocess.Popen


class PeerStage(Stage):
    """One peer as a rung."""

    def __init__(self, processes, peers, rung, warm_up, connections):  # pylint: disable=super-init-not-called
        self.rung, self.connections, self.used = rung, connections, 0
        self.redis, self.node, self.jvm, self.keys = peers.redis, None, None, peers.keys
        self.server = spring(processes, peers) if rung is SPRING else Server(peers.port, peers.nginx)
        self.groups = {"server": lambda: descendants(self.server.process.pid)}
        if rung not in (NGINX_BARE, NGINX_PROXY):
            self.groups["redis"] = peers.redis.pids
        self.heat(warm_up * rung.warm)


def spring(processes, peers):
    """Builds Spring Cloud Gateway if need be, and starts it as its own documentation does, with no flags."""
    build = BUILD / "spring-gateway"
    jar = build / "target/spring-gateway-1.jar"
    if not jar.exists():
        say("spring: building it with Maven")
        shutil.copytree(HERE / "peers/spring-gateway", build, dirs_exist_ok=True)
        subprocess.run([program("mvn"), "-q", "-B", "-DskipTests", "package"], cwd=build, check=True,
                       stdout=subprocess.DEVNULL, env=dict(os.environ, JAVA_HOME=str(java_home())))
    port = free_port()
    text = (HERE / "peers/spring-gateway/src/main/resources/application.yaml").read_text()
    for given, ours in (("8083", port), ("8082", peers.upstream), ("6380", peers.redis.port)):
        text = text.replace(given, str(ours))
    config = processes.work / "spring.yaml"
    config.write_text(text)
    process = processes.start("spring", [java_home() / "bin/java", "-jar", jar, f"--spring.config.location=file:{config}"], cwd=processes.work)
    await_true("spring", lambda: listens(port), 120)
    return Server(port, process)


def ratios(document):
    """What was asked of the edge against the peers, and what it came to."""
    lines = ["| ratio of CPU per request, Redis included | reach | measured | |", "|---|--:|--:|---|"]
    for ours, theirs, reach in RATIOS:
        if ours in document["rungs"] and theirs in document["rungs"]:
            measured = document["rungs"][ours]["median"]["total_us"] / document["rungs"][theirs]["median"]["total_us"]
            lines.append(f"| {ours} / {theirs} | ≤ {reach:.2f} | {measured:.3f} | {'reached' if measured <= reach else 'NOT REACHED'} |")
    return "\n".join(lines) if len(lines) > 2 else ""
