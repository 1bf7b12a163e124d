"""The rungs of the ladder: what each stands for, what it starts, and what it expects to see."""

import subprocess
import time
from dataclasses import dataclass, field

from . import keys as keyring
from .machine import compiler_seconds, cpu_seconds, java_home, say
from .node import Bare, Node
from .stores import Redis
from .upstream import Upstream
from .wrk import measure, wrk

OWN_KEY = "/cp/partner-key"
TINY = (60_000_000, 4)
"""A burst too small to lease from, refilled in four microseconds: every request asks Redis, and is admitted."""
SPENT = (1, 1)
"""One request a minute: everything else is refused."""


COMPILER_AT_REST = 0.05
"""The part of a server's CPU time that its JIT compiler may take once it is warm."""


@dataclass
class Rung:
    """One rung. expects: the status nearly all answers must have; tier: the tier that must have decided nearly all of them."""

    name: str
    says: str
    expects: int = 200
    tier: str | None = None
    keys: int = 1000
    limit: tuple = keyring.HIGH
    credentials: str = "known"
    target: str = OWN_KEY
    env: dict = field(default_factory=dict)
    redis_stops: bool = False
    forwards: bool = False
    """Whether its target is a route to an upstream, which is started for it and not counted."""
    once: bool = False
    warm: float = 1
    """Which part of the usual warm-up it needs."""


RUNGS = [
    Rung("bare", "bare Vert.x HttpServer answering the bytes of T0"),
    Rung("no-credential", "the edge without auth: a request that shows no credential is refused (401) with no key to look up",
         expects=401, credentials="none", keys=0),
    Rung("not-found", "a path that does not exist: through the router of the control plane to a 404", expects=404, target="/nothing/here"),
    Rung("t0", "warm keys, high limits: checked and metered with no round trip", tier="leased"),
    Rung("t0-one-key", "the same with one hot key", tier="leased", keys=1),
    Rung("t1", "warm keys whose bursts are too small to lease: Redis is asked for each request", tier="redis_token", limit=TINY, warm=0.5),
    Rung("t2", "1000 keys in turn, 100 of them cached: one Redis script that brings the record and a token", tier="redis_record",
         env={"EDGE_LOOKUP_CACHED_KEYS_MAX": "100"}, warm=0.5),
    Rung("t3", "keys that Redis has not seen, each once: Postgres, then Redis", keys=150_000, once=True, warm=0.2, tier="postgres",
         env={"EDGE_LOOKUP_FILLS_MAX": "10000"}),
    Rung("429", "keys whose limit is spent: refused from memory", expects=429, tier="leased", limit=SPENT),
    Rung("bad-checksum", "credentials that are not even well-formed: refused with no lookup", expects=401, credentials="broken"),
    Rung("unknown", "well-formed credentials that nobody was given, each once: Redis, then Postgres, then 401", expects=401,
         credentials="unknown", keys=150_000, once=True, warm=0.2, env={"EDGE_LOOKUP_FILLS_MAX": "10000"}),
    Rung("unknown-again", "1000 such credentials again and again: their absence is remembered", expects=401, credentials="unknown"),
    Rung("proxy", "as t0, but forwarded to an upstream that answers 1 KiB and is not counted", tier="leased", target="/up", forwards=True),
    Rung("redis-away", "as t0, but Redis has been stopped: each node keeps to its share of the limits", tier="local", redis_stops=True),
]
BY_NAME = {rung.name: rung for rung in RUNGS}


def routes(processes, upstream):
    """The environment of a node that forwards /up to the upstream."""
    file = processes.work / f"routes-{upstream.port}.yaml"
    file.write_text(f"routes: [{{prefix: /up, upstream: 'http://127.0.0.1:{upstream.port}', scope: 'orgs:read'}}]\n")
    return {"EDGE_ROUTES_FILE": str(file)}


class Stage:
    """A rung set up to be measured: a database, a Redis and a node of its own, so that rungs do not disturb each other."""

    def __init__(self, processes, postgres, rung, warm_up, connections):
        self.rung, self.connections, self.used = rung, connections, 0
        say(f"{rung.name}: starting")
        self.redis = Redis(processes, f"redis-{rung.name}")
        database = f"load_{rung.name}"
        uri = postgres.database(database)
        env = rung.env | (routes(processes, Upstream.start(processes, rung.name)) if rung.forwards else {})
        self.node = Node(processes, f"edge-{rung.name}", uri, self.redis.uri, env).ready()
        credentials = [keyring.credential() for _ in range(rung.keys)]
        if rung.credentials == "broken":
            credentials = [keyring.broken(text) for text in credentials]
        elif rung.credentials == "known" and credentials:
            keyring.seed(postgres, database, credentials, rung.limit)
        self.first = credentials[0] if credentials else None
        self.keys = keyring.write(processes.work / f"{rung.name}.keys", credentials) if credentials else None
        self.server = self.jvm = self.node
        self.groups = {"server": self.node.pids, "redis": self.redis.pids, "postgres": lambda: postgres.pids(database)}
        self.heat(warm_up * rung.warm)
        if rung.redis_stops:
            self.redis.process.terminate()
            self.redis.process.wait()
            self.heat(warm_up * rung.warm)

    def answer(self):
        """An answer with status 200 to a request of the rung."""
        for _ in range(50):
            answer = self.node.get(OWN_KEY, self.first)
            if answer[0] == 200:
                return answer
            time.sleep(0.1)
        raise RuntimeError(f"{self.rung.name} answers {answer[0]}: {answer[2].decode(errors='replace')}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}"

    def heat(self, requests):
        """Load until the JVM has seen so many requests and its compiler has come to rest; a minute and a half at most."""
        say(f"{self.rung.name}: warming up with {requests:.0f} requests")
        wanted, end, busy = self.used + requests, time.monotonic() + 90, 1
        while (self.used < wanted or busy > COMPILER_AT_REST) and time.monotonic() < end:
            before = self.compiler_and_all()
            self.warm(2)
            compiler, everything = (now - then for now, then in zip(self.compiler_and_all(), before))
            busy = compiler / max(0.01, everything)
            if self.rung.once and self.used >= wanted:
                return

    def compiler_and_all(self):
        """CPU seconds of the server's compiler threads, and of all of it."""
        if self.jvm is None:
            return 0, 0
        return compiler_seconds(self.jvm.process.pid), cpu_seconds(self.jvm.pids())

    def warm(self, seconds):
        """Load that is not measured."""
        self.used += wrk(self.url, self.rung.target, self.keys, seconds, self.connections, self.used)["requests"]

    def run(self, seconds):
        """One measured run."""
        result = measure(lambda: wrk(self.url, self.rung.target, self.keys, seconds, self.connections, self.used),
                         self.groups, self.redis, self.jvm, self.node)
        self.used += result["requests"]
        result["violations"] = self.violations(result)
        return result

    def record(self, seconds, file):
        """One run under Flight Recorder; `jfr view allocation-by-site FILE` and `jfr view hot-methods FILE` read it."""
        file.parent.mkdir(exist_ok=True)
        jcmd = [java_home() / "bin/jcmd", str(self.server.process.pid)]
        subprocess.run([*jcmd, "JFR.start", "name=loadtest", "settings=profile"], check=True, stdout=subprocess.DEVNULL)
        self.warm(seconds)
        subprocess.run([*jcmd, "JFR.stop", "name=loadtest", f"filename={file}"], check=True, stdout=subprocess.DEVNULL)
        say(f"{self.rung.name}: recorded in {file}")

    def violations(self, result):
        """What the run should not have seen; empty when it was what its rung says."""
        rung, found, requests = self.rung, [], result["requests"]
        # Keys with a limit are admitted once in a while, and a run's edges are not those of the counters: a hundredth may differ.
        slack = max(200, requests // 100)
        expected = 0 if rung.expects < 400 else requests
        if abs(result["not_2xx"] - expected) > (slack if expected else 0):
            found.append(f"{result['not_2xx']} of {requests} answers were not 2xx, {expected} should be")
        if result["socket_errors"]:
            found.append(f"{result['socket_errors']} socket errors")
        if "statuses" in result and result["statuses"].get(str(rung.expects), 0) < requests - slack:
            found.append(f"statuses {result['statuses']}, expected {rung.expects}")
        if rung.tier and "tiers" in result and result["tiers"].get(rung.tier, 0) < 0.9:
            found.append(f"decided by {({k: round(v, 3) for k, v in result['tiers'].items() if v})}, expected {rung.tier}")
        if result.get("compiler_us", 0) > 0.1 * result["total_us"]:
            found.append(f"{result['compiler_us']:.2f} µs of CPU a request went to the JIT compiler: not warm")
        if rung.once and self.used > rung.keys:
            found.append(f"{self.used} requests for {rung.keys} keys: some were used twice")
        return found


class BareStage(Stage):
    """The floor beside a node: same bytes, same event loops, same flags."""

    def __init__(self, processes, like, warm_up, connections):  # pylint: disable=super-init-not-called
        self.rung, self.connections, self.used, self.redis, self.node = BY_NAME["bare"], connections, 0, None, None
        self.keys = like.keys
        self.server = self.jvm = Bare(processes, "bare", like.answer())
        self.groups = {"server": self.server.pids}
        self.heat(warm_up)


def settle(seconds=0.5):
    """A pause between runs, for background work to end."""
    time.sleep(seconds)
