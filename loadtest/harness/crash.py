"""A node is killed under load, and comes back."""

import threading
import time

from . import keys as keyring
from .machine import await_true, say
from .rolling import HaProxy

LOST_SECONDS = 5
DIRECT_KEYS = 20


def spans(records, start):
    """The requests of a file of records: key, nanoseconds on the machine's clock when sent and when over, status."""
    with open(records, encoding="ascii") as lines:
        for line in lines:
            key, _, _, sent, over, status = (int(value) for value in line.split())
            yield key, start + sent, start + over, status


def run(cluster, chosen):
    """Kills the last node (SIGKILL), round after round, behind HAProxy; answers what failed and what was lost."""
    proxy, work = HaProxy(cluster.processes, cluster.nodes, False), cluster.processes.work
    await_true("all nodes up", lambda: proxy.up() >= {node.name for node in cluster.nodes})
    victim = cluster.nodes[-1]
    lines = [f"{chosen.rate / 10} {key}" for _, key in cluster.seed(10, keyring.HIGH)]
    file, over, records = keyring.write(work / "keys", lines), work / "over", work / "records"
    result, windows, lost = {}, [], []

    def load():
        result.update(cluster.client("Paced", proxy.port, 86_400, file, records, 5, file, until=over))

    loading = threading.Thread(target=load)
    loading.start()
    try:
        await_true("requests", lambda: sum(cluster.tiers().values()) > 6 * chosen.rate, 120)
        for number in range(chosen.rounds):
            say(f"kill {number + 1} of {chosen.rounds}")
            killed_at, uses = kill(cluster, victim, number)
            windows.append(killed_at)
            lost += uses
            await_true(f"{victim.name} up", lambda: victim.name in proxy.up(), 60)
    finally:
        over.touch()
        loading.join()
    failed = [(sent, ended, status) for _, sent, ended, status in spans(records, result["start_nanos"]) if status not in (200, 429)]
    limited = result["statuses"].get("429", 0)
    # In flight: sent before the process was gone, and not over before it was killed.
    elsewhere = [each for each in failed if not any(each[0] <= gone and each[1] >= killed for killed, gone in windows)]
    return result | {"windows": windows, "failed": failed, "lost_seconds": lost}, [
        ("requests", result["requests"], None, ""),
        ("kills", len(windows), len(windows) == chosen.rounds, str(chosen.rounds)),
        ("requests that failed", len(failed), None, ""),
        ("of them not in flight when a node was killed", len(elsewhere), not elsewhere, "0"),
        ("429, though nobody meets a limit", limited, None, "0"),
        ("keys in use on the killed node", len(lost), len(lost) == DIRECT_KEYS * chosen.rounds, str(DIRECT_KEYS * chosen.rounds)),
        ("last_used_at behind the last use, s, worst", round(max(lost, default=0), 2), max(lost, default=0) <= LOST_SECONDS, f"≤ {LOST_SECONDS}"),
    ]


def kill(cluster, victim, number):
    """Uses keys on that node alone, kills it, starts it again; answers when it was killed and gone, and what each key's last use lost."""
    keys = cluster.seed(DIRECT_KEYS, keyring.HIGH)
    work = cluster.processes.work
    file, over, records = keyring.write(work / f"direct-{number}", [f"20 {key}" for _, key in keys]), work / f"over-{number}", work / f"uses-{number}"
    result = {}

    def use():
        result.update(cluster.client("Paced", victim.port, 86_400, file, records, until=over))

    using = threading.Thread(target=use)
    using.start()
    before = victim.counters("edge_requests", "status").get("200", 0)
    await_true("uses", lambda: victim.counters("edge_requests", "status").get("200", 0) > before + 5_000, 60)
    killed = time.monotonic_ns()
    victim.process.kill()
    victim.process.wait(30)
    gone, wall = time.monotonic_ns(), time.time_ns() - time.monotonic_ns()
    over.touch()
    using.join()
    last = {}
    for key, _, ended, status in spans(records, result["start_nanos"]):
        if status == 200:
            last[key] = max(last.get(key, 0), ended)
    rows = cluster.postgres.sql("load", "SELECT key_id, extract(epoch FROM last_used_at) FROM key_last_used")
    written = {row.split("|")[0]: float(row.split("|")[1]) for row in rows.splitlines()}
    lost = [(ended + wall) / 1e9 - written.get(keys[key][0], 0) for key, ended in last.items()]
    victim.revive()
    return (killed, gone), lost
