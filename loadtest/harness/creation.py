"""Key creation beside pgbench: the same Postgres, durable, the same number of clients, in turn."""

import os
import re
import statistics
import subprocess

from .machine import HERE, cpu_seconds, descendants, program, say
from .node import Node
from .stores import Postgres, Redis
from .wrk import run_script

DATABASE = "load_creation"
REACH = 0.5
KEY = b'{"name":"load","partner_id":"loadtest","scopes":["orgs:read"],"rate_limit":60,"burst":60}'

SIMPLE = "INSERT INTO simple (id, body) VALUES (gen_random_uuid(), repeat('x', 200));\n"
"""What the edge is held against: one row of two columns and one index, one statement, one commit."""

SAME_ROWS = """\
SELECT gen_random_uuid() AS id \\gset
BEGIN;
INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, environment, prefix, last4, name, scopes, rate_limit, burst, lineage_id, created_by, created_at) VALUES (:id::text::uuid, sha256(:id::text::bytea), sha256(:id::text::bytea), 1, 'pgbench', 'live', 'mol_pk_live_abcd', 'abcd', 'load', 0, 60, 60, :id::text::uuid, 'admin', clock_timestamp());
INSERT INTO audit_log (id, actor_type, actor_id, action, target_type, target_id, partner_id, request_id, changes) VALUES (gen_random_uuid(), 'admin', 'admin', 'partner_key.created', 'partner_key', :id::text, 'pgbench', 'request', '{"name": {"to": "load"}}');
INSERT INTO change_outbox (key_ids) VALUES (ARRAY[:id::text::uuid]) RETURNING id AS outbox \\gset
COMMIT;
DELETE FROM change_outbox WHERE id = :outbox::text::bigint;
"""
"""The rows that a key is made of, without the edge: shows what of the difference is Postgres' own."""


class Durable:
    """The server of both sides, and what it has done so far."""

    def __init__(self, processes):
        self.postgres = Postgres(processes)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if self.postgres.sql("postgres", f"SHOW {setting}") != "on":
                raise RuntimeError(f"{setting} is not on")
        self.uri = self.postgres.database(DATABASE)

    def done(self):
        """CPU seconds, writing transactions begun and bytes of WAL until now."""
        commits, wal = self.postgres.sql(DATABASE, "SELECT pg_snapshot_xmax(pg_current_snapshot()), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").split("|")
        return {"cpu": cpu_seconds(descendants(self.postgres.process.pid)), "commits": int(commits), "wal": int(float(wal))}


def pgbench(processes, durable, name, script, chosen):
    """One run of pgbench; answers transactions a second."""
    file = processes.work / f"{name}.sql"
    file.write_text(script)
    done = subprocess.run(
        [program("pgbench"), "-n", "-M", "prepared", "-c", str(chosen.clients), "-j", "1", "-T", str(chosen.seconds), "-f", str(file),
         "-h", "127.0.0.1", "-p", str(durable.postgres.port), "-U", "edge", DATABASE], capture_output=True, text=True, check=False)
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode or not rate:
        raise RuntimeError("pgbench failed:\n" + (done.stdout + done.stderr)[-1_000:])
    if failed and int(failed[1]):
        raise RuntimeError(f"{failed[1]} transactions of pgbench failed")
    count = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
    return {"a_second": float(rate[1]), "count": count}


def edge(node, chosen):
    """One run of the edge; answers keys a second."""
    counted = run_script("create.lua", f"http://127.0.0.1:{node.port}/cp/admin/partner-keys", {"TOKEN": node.token, "BODY": KEY.decode()}, chosen.seconds, chosen.clients)
    return counted | {"a_second": (counted["requests"] - counted["not_2xx"]) / counted["seconds"], "count": counted["requests"]}


def costed(durable, run, servers=()):
    """A run, and what one of its transactions cost."""
    before, ours = durable.done(), cpu_seconds(servers)
    result = run()
    after, count = durable.done(), max(1, result["count"])
    return result | {
        "postgres_us": (after["cpu"] - before["cpu"]) * 1e6 / count,
        "edge_us": (cpu_seconds(servers) - ours) * 1e6 / count,
        "commits": (after["commits"] - before["commits"]) / count,
        "wal_bytes": (after["wal"] - before["wal"]) / count,
    }


def creation(processes, chosen):
    """Keys created a second by POST /cp/admin/partner-keys, beside pgbench's rate of simple inserts on the same durable server."""
    durable, redis = Durable(processes), Redis(processes)
    node = Node(processes, "edge", durable.uri, redis.uri, dict(chosen.env)).ready()
    status, _, answer = node.call("POST", "/cp/admin/partner-keys", node.token, KEY)
    if status != 201:
        raise RuntimeError(f"a key is not created but answered {status}: {answer.decode(errors='replace')}")
    durable.postgres.sql(DATABASE, "CREATE TABLE simple (id uuid PRIMARY KEY, body text NOT NULL)")
    sides = {
        "pgbench": lambda: costed(durable, lambda: pgbench(processes, durable, "simple", SIMPLE, chosen)),
        "same rows by pgbench": lambda: costed(durable, lambda: pgbench(processes, durable, "same", SAME_ROWS, chosen)),
        "edge": lambda: costed(durable, lambda: edge(node, chosen), [*node.pids(), *redis.pids()]),
    }
    say(f"warming up: the edge creates keys for {chosen.warm_up_seconds} s")
    run_script("create.lua", f"http://127.0.0.1:{node.port}/cp/admin/partner-keys", {"TOKEN": node.token, "BODY": KEY.decode()}, chosen.warm_up_seconds, chosen.clients)
    runs = {name: [] for name in sides}
    for number in range(chosen.repeat):
        for name, side in sides.items():
            result = side()
            runs[name].append(result)
            say(f"{name} {number + 1}/{chosen.repeat}: {result['a_second']:.0f} a second, CPU µs Postgres {result['postgres_us']:.0f} edge {result['edge_us']:.0f}, "
                f"{result['commits']:.2f} commits, {result['wal_bytes']:.0f} B of WAL" + (f", not 2xx {result['not_2xx']}, p99 {result['p99_ms']:.1f} ms" if "p99_ms" in result else ""))
    medians = {name: {key: statistics.median(run[key] for run in each) for key in each[0]} for name, each in runs.items()}
    ratios = [ours["a_second"] / theirs["a_second"] for ours, theirs in zip(runs["edge"], runs["pgbench"])]
    ratio = statistics.median(ratios)
    failed = sum(run["not_2xx"] + run["socket_errors"] for run in runs["edge"])
    lines = [f"{chosen.clients} clients, {chosen.seconds} s a run, medians of {chosen.repeat} in turn; Postgres with fsync and synchronous_commit on.", "",
             "| | a second | CPU µs Postgres | CPU µs edge and Redis | commits | bytes of WAL |", "|---|--:|--:|--:|--:|--:|"]
    for name, median in medians.items():
        lines.append(f"| {name} | {median['a_second']:.0f} | {median['postgres_us']:.0f} | {median['edge_us']:.0f} | {median['commits']:.2f} | {median['wal_bytes']:.0f} |")
    lines += ["", f"Edge / pgbench: {ratio:.2f} (runs {', '.join(f'{each:.2f}' for each in ratios)}; reach ≥ {REACH:g}: {'reached' if ratio >= REACH else 'not reached'}); "
              f"edge / the same rows: {medians['edge']['a_second'] / medians['same rows by pgbench']['a_second']:.2f}; answers other than 2xx: {failed}."]
    document = {"clients": chosen.clients, "seconds": chosen.seconds, "runs": runs, "medians": medians, "ratio": ratio, "version": durable.postgres.sql("postgres", "SHOW server_version")}
    return document, lines, failed == 0
