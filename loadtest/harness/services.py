"""Services behind the edge that lie, or that are asked for more than they can do."""

import argparse
import statistics
import threading
import time

from . import keys as keyring
from .machine import await_true, free_port, listens, say
from .node import compiled, java

AT_ONCE, MILLIS = 4, 20
"""What the service that is overloaded can do: not quite 200 requests a second."""
PARTNERS = 8
ENOUGH, OVERLOAD = 1.1, 3
ROUNDS = 3
GOODPUT = 0.9


def routed(processes, chosen, port, more=""):
    """The settings of nodes with one route, /up, to a service on that port."""
    file = processes.work / "routes.yaml"
    file.write_text(f"routes: [{{prefix: /up, upstream: 'http://127.0.0.1:{port}', scope: 'orgs:read'{more}}}]\n")
    return argparse.Namespace(**vars(chosen) | {"env": [*chosen.env, ("EDGE_ROUTES_FILE", str(file))]})


def hostile(start, processes, chosen):
    """start: makes a cluster of the settings it is given, with that many nodes."""
    port = free_port()
    cluster = start(processes, routed(processes, chosen, port), 1)
    file = keyring.write(processes.work / "keys", [cluster.seed(1, keyring.HIGH)[0][1]])
    result = cluster.client("Hostile", cluster.nodes[0].port, port, chosen.answers, file)
    return result, [
        ("answers", result["requests"], result["requests"] == chosen.answers, str(chosen.answers)),
        ("requests that the service saw", result["reached_the_service"], None, ""),
        ("whole answers that clients read", result["whole"], result["whole"] > 0, "> 0"),
        ("of them another request's, or no request's", result["mixed"], result["mixed"] == 0, "0"),
        ("answers cut short that look whole", result["truncated_that_look_whole"], result["truncated_that_look_whole"] == 0, "0"),
        ("honest answers served, of " + str(result["honest"]), result["honest_served"], None, ""),
    ]


def overload(start, processes, chosen):
    """start: as above."""
    port = free_port()
    processes.start("service", java("-cp", compiled("Service"), "Service", port, AT_ONCE, MILLIS))
    await_true("the service", lambda: listens(port))
    cluster = start(processes, routed(processes, chosen, port), 1)
    node, seconds = cluster.nodes[0], chosen.seconds / 4
    doomed = cluster.seed(ROUNDS * 40 * (int(seconds) + 5), keyring.HIGH)

    def offer(rate):
        lines = [f"{rate / PARTNERS} {cluster.seed(1, keyring.HIGH, f'partner-{number}')[0][1]}" for number in range(PARTNERS)]
        file = keyring.write(processes.work / f"keys-{rate}", lines)
        run = cluster.client("Paced", node.port, seconds, file, "-", 5, file, path="/up/x", connections=2_000)
        run["goodput"] = run["statuses"].get("200", 0) / run["until_the_last_answer_s"]
        say(f"{rate} requests/s offered: {run['goodput']:.0f}/s served, p99 {run['p99_ms']:.0f} ms, {run['statuses']}")
        return run

    def revoke(over, rate):
        refused = sum(node.counters("edge_overload_refusals", "overload").values())
        # Not before the overload has begun.
        await_true("refusals", lambda: sum(node.counters("edge_overload_refusals", "overload").values()) > refused + rate, 120)
        while not over.wait(0.2):
            key, begun = doomed.pop()[0], time.monotonic()
            statuses = [node.call("DELETE", f"/cp/admin/partner-keys/{key}", node.token)[0]]
            while statuses[-1] == 503 and len(statuses) < 10:
                # As a client does that reads Retry-After; on a starved machine Redis misses its deadline.
                time.sleep(1)
                statuses.append(node.call("DELETE", f"/cp/admin/partner-keys/{key}", node.token)[0])
            deletes.append((statuses, (time.monotonic() - begun) * 1e3))

    capacity, rounds, deletes = AT_ONCE * 1_000 / MILLIS, [], []
    for number in range(ROUNDS):
        say(f"{number + 1} of {ROUNDS}")
        enough, over = offer(int(ENOUGH * capacity)), threading.Event()
        rate = int(OVERLOAD * capacity)
        revoking = threading.Thread(target=revoke, args=(over, rate))
        revoking.start()
        beyond = offer(rate)
        over.set()
        revoking.join()
        rounds.append((enough, beyond, beyond["goodput"] / enough["goodput"]))
    peak, goodput, part = (statistics.median(values) for values in zip(*[(a["goodput"], b["goodput"], part) for a, b, part in rounds]))
    statuses = {}
    for _, beyond, _ in rounds:
        for status, count in beyond["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    other = sum(count for status, count in statuses.items() if status not in ("200", "429", "503"))
    failed = sum(each[-1] != 204 for each, _ in deletes)
    times = sorted(millis for _, millis in deletes) or [0]
    return {"rounds": rounds, "deletes": deletes}, [
        (f"served a second of {int(ENOUGH * capacity)}, just more than the service can do", round(peak), None, ""),
        (f"served a second of {rate}", round(goodput), None, ""),
        ("part of the former, median of 3", round(part, 3), part >= GOODPUT, f"≥ {GOODPUT}"),
        ("requests during overload, served", statuses.get("200", 0), None, ""),
        ("refused, 503", statuses.get("503", 0), None, ""),
        ("no answer, or another", other, other == 0, "0"),
        ("DELETEs of keys meanwhile", len(deletes), len(deletes) > 0, "> 0"),
        ("of them never 204", failed, failed == 0, "0"),
        ("repeated after 503", sum(len(each) > 1 for each, _ in deletes), None, ""),
        ("DELETE p50 and max, ms", f"{times[len(times) // 2]:.1f}, {times[-1]:.1f}", None, ""),
    ]
