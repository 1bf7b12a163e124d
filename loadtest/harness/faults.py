"""The command line of loadtest/faults: what must never happen, counted."""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from . import keys as keyring
from . import crash, limits, rolling, services
from .ladder import write
from .machine import Missing, Processes, await_true, description, free_port, listens, say
from .node import Bare, Node, compiled, java
from .stores import Postgres, Redis

SESSION_SECONDS = 2.0
DELETE_HUNG_SECONDS = 2.5
DELETE_HEALTHY_MS = 50
LIMITS = [(600, 10), (6_000, 100), (30_000, 50), (30_000, 500)]
"""Requests a minute and burst: from never leased to always leased."""


class Cluster:
    """Nodes on one Postgres and one Redis."""

    def __init__(self, processes, chosen, nodes, wires=()):
        """wires: stores (postgres, redis) that the last node reaches through a relay that can be stopped."""
        self.processes, self.postgres, self.redis = processes, Postgres(processes), Redis(processes)
        uri = self.postgres.database("load")
        self.relay = None
        self.nodes = []
        for number in range(nodes):
            last = number == nodes - 1
            own, redis = uri, self.redis.uri
            if last and "postgres" in wires:
                own = uri.replace(str(self.postgres.port), str(self.wire(self.postgres.port)))
            if last and "redis" in wires:
                redis = f"redis://127.0.0.1:{self.wire(self.redis.port)}"
            env = dict(chosen.env)
            if self.nodes:
                env["EDGE_ADMIN_TOKEN"] = self.nodes[0].token
            say(f"starting node {number + 1} of {nodes}")
            build = chosen.beside if number == 0 else None
            self.nodes.append(Node(processes, f"node-{number + 1}", own, redis, env, build=build).ready())

    def wire(self, port):
        """A port that leads to that one through a relay."""
        ours = free_port()
        self.relay = self.processes.start(f"relay-{ours}", java("-cp", compiled("Relay"), "Relay", ours, port))
        await_true("relay", lambda: listens(ours))
        return ours

    def seed(self, count, limit, partner="loadtest"):
        """Makes keys; answers (id, credential) pairs."""
        credentials = [keyring.credential() for _ in range(count)]
        return list(zip(keyring.seed(self.postgres, "load", credentials, limit, partner), credentials))

    @property
    def ports(self):
        return ",".join(str(node.port) for node in self.nodes)

    def tiers(self):
        """Requests by the tier that decided them, over all nodes."""
        total = {}
        for node in self.nodes:
            for tier, count in node.counters("edge_admissions", "tier").items():
                total[tier] = total.get(tier, 0) + int(count)
        return total

    def client(self, name, *arguments, **properties):
        """Runs one of our load clients; answers the JSON it prints."""
        options = [f"-D{key}={value}" for key, value in properties.items()]
        done = subprocess.run([str(part) for part in java(*options, "-cp", compiled(name), name, *arguments)], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])


def revocation(processes, chosen):
    """Keys in use on three nodes are revoked; nothing that starts after a 204 may be admitted."""
    cluster = Cluster(processes, chosen, 3)
    def revoked(count):
        keys = cluster.seed(count, keyring.HIGH)
        file = keyring.write(processes.work / "keys", [" ".join(pair) for pair in keys])
        return cluster.client("Revocations", cluster.ports, cluster.nodes[0].token, file, chosen.at_once, 3)

    early = revoked(chosen.warm_up)["late"] if chosen.warm_up else 0
    result = revoked(chosen.revocations)
    late = early + result["late"]
    after = sum(result["refused_after"]) + sum(result["failed_after"]) + result["late"]
    return result, [
        ("admitted after the 204", late, late == 0, "0"),
        ("requests started after a 204", after, after >= 5 * chosen.revocations, f"≥ {5 * chosen.revocations}"),
        ("of them without an answer", sum(result["failed_after"]), sum(result["failed_after"]) == 0, "0"),
        ("revocations", result["revocations"], result["revocations"] == chosen.revocations, str(chosen.revocations)),
        ("DELETE p50, ms", round(result["delete_p50_ms"], 1), None, ""),
        ("DELETE p99, ms", round(result["delete_p99_ms"], 1), None, f"≤ {DELETE_HEALTHY_MS}"),
        ("DELETEs repeated", result["deletes_repeated"], None, "0"),
    ]


def hung(processes, chosen, wires):
    """A node hangs, or is cut off, while keys that it has cached are revoked."""
    cluster = Cluster(processes, chosen, 3, wires)
    keys = cluster.seed(chosen.rounds * 20, keyring.HIGH)
    file = keyring.write(processes.work / "keys", [" ".join(pair) for pair in keys])
    stopped = cluster.relay.pid if wires else cluster.nodes[2].process.pid
    result = cluster.client("Revocations", cluster.ports, cluster.nodes[0].token, file, 20, 3, stopped, 2, 500)
    after = sum(result["refused_after"]) + sum(result["failed_after"]) + result["late"]
    await_true("a ready third node", lambda: cluster.nodes[2].alive() and cluster.nodes[2].ready(), 20)
    return result, [
        ("admitted after the 204", result["late"], result["late"] == 0, "0"),
        ("requests started after a 204", after, after > 0, "> 0"),
        ("of them on the node that hung", result["refused_after"][2] + result["failed_after"][2], result["refused_after"][2] > 0, "> 0"),
        ("revocations", result["revocations"], result["revocations"] == len(keys), str(len(keys))),
        ("DELETE max, s", round(result["delete_max_ms"] / 1e3, 2), None, f"≤ {DELETE_HUNG_SECONDS} (session {SESSION_SECONDS})"),
        ("DELETE p50, ms", round(result["delete_p50_ms"], 1), None, ""),
        ("DELETEs repeated", result["deletes_repeated"], None, "0"),
    ]


def hung_node(processes, chosen):
    """A node is stopped (SIGSTOP) while keys that it has cached are revoked, and then goes on."""
    return hung(processes, chosen, ())


def cut_node(processes, chosen):
    """A node loses Postgres, with every connection open, while keys that it has cached are revoked."""
    return hung(processes, chosen, ("postgres",))


def over_admission(processes, chosen):
    """Five times the limit on three nodes; in no interval more than burst + rate × its length."""
    cluster = Cluster(processes, chosen, 3)
    lines = []
    for rate, burst in LIMITS:
        lines.append(f"{5 * rate / 60} {cluster.seed(1, (rate, burst))[0][1]}")
    file, records = keyring.write(processes.work / "keys", lines), processes.work / "records"
    warm = cluster.seed(len(LIMITS), keyring.HIGH)
    rates = [float(line.split()[0]) for line in lines]
    warm_file = keyring.write(processes.work / "warm", [f"{rate} {key}" for rate, (_, key) in zip(rates, warm)])
    say(f"{chosen.seconds} s at {sum(5 * rate / 60 for rate, _ in LIMITS):.0f} requests/s")
    result = cluster.client("Paced", cluster.ports, chosen.seconds, file, records, 10, warm_file)
    result["tiers"] = cluster.tiers()
    checks, result["limits"] = [], []
    for number, (rate, burst) in enumerate(LIMITS):
        admitted, span = limits.admissions(records, number)
        floor, ceiling = limits.least_burst(admitted, rate)
        reached = len(admitted) / (burst + rate / 60 * span)
        result["limits"].append({"rate": rate, "burst": burst, "admitted": len(admitted), "seconds": span, "least_burst": [floor, ceiling], "of_allowance": reached})
        name = f"{rate}/min, burst {burst}"
        checks.append((f"{name}: least burst that explains {len(admitted)} admissions", f"{floor}…{ceiling}", floor <= burst, f"≤ {burst}"))
        checks.append((f"{name}: part of burst + rate × {span:.1f} s", round(reached, 4), reached >= 0.98, "≥ 0.98"))
        exact = limits.exact_bucket(records, number, rate, burst)
        checks.append((f"{name}: part of what an exact bucket admits of requests that come as these did", round(len(admitted) / exact, 4), None, ""))
    other = {status: count for status, count in result["statuses"].items() if status not in ("200", "429")}
    checks.append(("answers neither 200 nor 429", sum(other.values()), not other, "0"))
    checks.append(("requests", result["requests"], None, ""))
    checks.append(("decided with Redis out of reach, as a node saw it, warm-up included", result["tiers"].get("local", 0), None, ""))
    return result, checks


@contextlib.contextmanager
def sampled(redis):
    """Redis commands sent and executed in each second while the body runs."""
    samples, ended = [], threading.Event()

    def sample():
        before = redis.round_trips(), sum(redis.command_counts().values())
        while not ended.wait(1):
            now = redis.round_trips(), sum(redis.command_counts().values())
            samples.append((now[0] - before[0], now[1] - before[1] - 2))
            before = now

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield samples
    finally:
        ended.set()
        sampler.join()


def redis_commands(processes, chosen):
    """Redis commands stay flat while the rate of one key doubles, and doubles again."""
    cluster = Cluster(processes, chosen, 1)
    credential = cluster.seed(1, keyring.HIGH)[0][1]
    result = {"rates": []}
    for rate in (2_500, 5_000, 10_000):
        file = keyring.write(processes.work / "keys", [f"{rate} {credential}"])
        with sampled(cluster.redis) as samples:
            run = cluster.client("Paced", cluster.ports, chosen.seconds, file, "-", 8, file)
        # The samples of the last seconds: the warm-up came before, and the last one is half a second of silence.
        seconds = samples[-int(chosen.seconds):-1]
        admitted = run["statuses"].get("200", 0)
        sent, executed = (statistics.mean(sample[i] for sample in seconds) for i in (0, 1))
        run |= {"rate": rate, "sent_a_second": sent, "executed_a_second": executed, "sent_per_admitted": sent / rate, "admitted": admitted}
        say(f"{rate} requests/s: {run['sent_a_second']:.1f} commands sent a second, {run['sent_per_admitted']:.5f} per admitted request")
        result["rates"].append(run)
    low, _, high = result["rates"]
    checks = []
    for run in result["rates"]:
        refused = run["requests"] - run["admitted"]
        checks.append((f"{run['rate']} requests/s: refused of {run['requests']}, far below the limit", refused, refused == 0, "0"))
        checks.append((f"{run['rate']} requests/s: Redis commands sent a second", round(run["sent_a_second"], 1), None, ""))
        checks.append((f"{run['rate']} requests/s: executed a second, inside scripts too", round(run["executed_a_second"], 1), None, ""))
    growth = high["sent_a_second"] / max(1e-9, low["sent_a_second"])
    checks.append(("growth of commands while requests grow 4 times", round(growth, 2), growth <= 1.25, "≤ 1.25"))
    checks.append(("commands per admitted request at 10 000/s", round(high["sent_per_admitted"], 5), high["sent_per_admitted"] <= 0.01, "≤ 0.01"))
    return result, checks


def rolling_restart(processes, chosen):
    """Three nodes behind HAProxy are restarted in turn, round after round, under load; no request fails."""
    return rolling.run(Cluster(processes, chosen, 3), chosen, False)


def rolling_restart_h2(processes, chosen):
    """The rolling restart with HTTP/2 over TLS between HAProxy and the nodes."""
    over_tls = argparse.Namespace(**vars(chosen) | {"env": [*chosen.env, *rolling.certificate(processes.work).items()]})
    return rolling.run(Cluster(processes, over_tls, 3), chosen, True)


def killed_node(processes, chosen):
    """A node is killed (SIGKILL) under load; only its requests in flight fail, and a last use is at most 5 s behind."""
    return crash.run(Cluster(processes, chosen, 3), chosen)


def overload(processes, chosen):
    """A service is asked for three times what it can do; it goes on serving what it can, and keys can be revoked."""
    return services.overload(Cluster, processes, chosen)


def hostile_upstream(processes, chosen):
    """A service lies, cuts, resets and floods; no client reads another's answer, or half of one as a whole."""
    return services.hostile(Cluster, processes, chosen)


def noisy_partner(processes, chosen):
    """One partner asks for twenty times its limit while others go on at half of theirs."""
    cluster = Cluster(processes, chosen, 1)
    node, limit, others = cluster.nodes[0], (6_000, 100), 8
    lines = [f"50 {cluster.seed(1, limit, f'partner-{number}')[0][1]}" for number in range(others)]
    steady = keyring.write(processes.work / "steady", lines)
    noisy = keyring.write(processes.work / "noisy", [f"2000 {cluster.seed(1, limit, 'noisy')[0][1]}"])
    credentials = [key for _, key in cluster.seed(4, keyring.HIGH)]
    warm = keyring.write(processes.work / "warm", [f"{2000 / 4} {key}" for key in credentials])
    # The machine is as busy in both parts: alone, the noise goes to a server that has nothing to do with the node.
    # Buckets are empty for the first seconds of a Redis.
    await_true("a first answer", lambda: node.get("/cp/partner-key", credentials[0])[0] == 200)
    bare = Bare(processes, "bare", node.get("/cp/partner-key", credentials[0]))
    result, checks = {"alone": [], "beside": [], "elsewhere": [], "noisy": []}, []
    seconds = chosen.seconds / 4

    def part(port, of, noise_of):
        noise = threading.Thread(target=lambda: result[noise_of].append(cluster.client("Paced", port, seconds + 12, noisy, "-")))
        noise.start()
        result[of].append(cluster.client("Paced", node.port, seconds, steady, "-", 6, warm))
        noise.join()

    # The bare server is compiled before it is beside anybody, as the node is.
    cluster.client("Paced", bare.port, 6, warm, "-")
    for number in range(3):
        say(f"{number + 1} of 3: the others without, then with the noisy one, {seconds:.0f} s each")
        part(bare.port, "alone", "elsewhere")
        part(node.port, "beside", "noisy")
    for name, what in (("alone", "others, the noise going elsewhere"), ("beside", "others beside the noisy one")):
        statuses = [run["statuses"] for run in result[name]]
        wrong = sum(count for each in statuses for status, count in each.items() if status != "200")
        checks.append((f"{what}: requests", sum(run["requests"] for run in result[name]), None, ""))
        checks.append((f"{what}: 429, 5xx or no answer", wrong, wrong == 0, "0"))
    noise = [run["statuses"] for run in result["noisy"]]
    checks.append(("the noisy one: 200", sum(each.get("200", 0) for each in noise), None, ""))
    checks.append(("the noisy one: 429", sum(each.get("429", 0) for each in noise), None, ""))
    failed = sum(count for each in noise for status, count in each.items() if status not in ("200", "429"))
    checks.append(("the noisy one: anything else", failed, failed == 0, "0"))
    alone, beside = (statistics.median(run["p99_ms"] for run in result[name]) for name in ("alone", "beside"))
    checks.append(("p99 of the others, the noise going elsewhere, ms, median of 3", round(alone, 2), None, ""))
    checks.append(("p99 beside the noisy one, ms, median of 3", round(beside, 2), None, ""))
    checks.append(("ratio", round(beside / alone, 2), None, "≤ 1.3"))
    return result, checks


FAULTS = {"revocation": revocation, "hung-node": hung_node, "cut-node": cut_node, "over-admission": over_admission, "redis-commands": redis_commands,
          "rolling-restart": rolling_restart, "rolling-restart-h2": rolling_restart_h2, "noisy-partner": noisy_partner,
          "killed-node": killed_node, "overload": overload, "hostile-upstream": hostile_upstream}


def arguments(given):
    parser = argparse.ArgumentParser(prog="loadtest/faults", description="What must never happen, counted. Ends with 1 when it did.",
                                     epilog="\n".join(f"  {name:<18} {fault.__doc__}" for name, fault in FAULTS.items()),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="+", metavar="FAULT", choices=[*FAULTS, "all"], help="faults, or all")
    parser.add_argument("--seconds", type=float, default=60, help="of over-admission, and of each rate of redis-commands; a quarter of it each part of noisy-partner and overload (default 60)")
    parser.add_argument("--revocations", type=int, default=2_000, help="of revocation (default 2000)")
    parser.add_argument("--at-once", type=int, default=8, help="of revocation: keys in use and revoked at a time (default 8)")
    parser.add_argument("--warm-up", type=int, default=0, metavar="REVOCATIONS", help="of revocation: made before those that are timed (default 0)")
    parser.add_argument("--rounds", type=int, default=5, help="of hung-node and cut-node, 20 keys each, and kills of killed-node (default 5)")
    parser.add_argument("--answers", type=int, default=100_000, help="of hostile-upstream (default 100000)")
    parser.add_argument("--restart-rounds", type=int, default=10, help="of the rolling restarts (default 10)")
    parser.add_argument("--rate", type=float, default=1_500, help="requests a second during the rolling restarts (default 1500)")
    parser.add_argument("--env", action="append", default=[], metavar="EDGE_X=Y", type=lambda text: tuple(text.split("=", 1)), help="another setting of the nodes")
    parser.add_argument("--beside", metavar="CLASSPATH", help="another build, which the first node runs: old and new side by side")
    chosen = parser.parse_args(given)
    if "all" in chosen.faults:
        chosen.faults = list(FAULTS)
    return chosen


def main(given):
    chosen, violated = arguments(given), False
    for name in chosen.faults:
        begun = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="loadtest-") as work, Processes(Path(work)) as processes:
                result, checks = FAULTS[name](processes, chosen)
        except (Missing, TimeoutError, RuntimeError, subprocess.CalledProcessError) as failure:
            print(f"loadtest: {name}: {failure}", file=sys.stderr)
            return 2
        say(f"{name}: {time.monotonic() - begun:.0f} s")
        text = table(name, checks)
        print(text, flush=True)
        write(f"fault-{name}", {"machine": description(), "result": result}, text)
        violated |= any(held is False for _, _, held, _ in checks)
    return 1 if violated else 0


def table(name, checks):
    """The counts of one fault. A check that only informs has no verdict: times on a shared machine are not asserted."""
    lines = [f"### {name}", "", FAULTS[name].__doc__, "", "| what | count | allowed | |", "|---|--:|--:|---|"]
    for what, count, held, allowed in checks:
        verdict = "" if held is None else "holds" if held else "VIOLATED"
        lines.append(f"| {what} | {count} | {allowed} | {verdict} |")
    return "\n".join(lines) + "\n"
