"""One run of wrk, and what servers spent on it."""

import contextlib
import json
import os
import subprocess

from .machine import HERE, compiler_seconds, cpu_seconds, program


class WrkFailed(Exception):
    """wrk could not run."""


def wrk(url, target, keys=None, seconds=8, connections=64, first=0):
    """Runs wrk over keys; answers what it counted."""
    return run_script("requests.lua", url, {"TARGET": target, "FIRST": str(first)} | ({"KEYS": str(keys)} if keys else {}), seconds, connections)


def run_script(script, url, variables, seconds, connections):
    """Runs wrk with a script of loadtest/wrk, which reads the variables; answers what it counted."""
    out = HERE / ".build" / f"wrk-{os.getpid()}.json"
    out.parent.mkdir(exist_ok=True)
    command = [program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(HERE / "wrk" / script), url]
    done = subprocess.run(command, env=os.environ | variables | {"OUT": str(out)}, capture_output=True, text=True, check=False)
    if done.returncode or not out.exists():
        raise WrkFailed(done.stdout + done.stderr)
    counted = json.loads(out.read_text())
    out.unlink()
    return counted


def measure(run, groups, redis=None, jvm=None, node=None):
    """
    Runs a load and adds what it cost: CPU per request of each group of processes, Redis commands per request, bytes allocated per
    request, and which tier decided.

    groups: name -> function that answers process ids
    """
    def redis_counts():
        return redis.command_counts() if redis and redis.process.poll() is None else {}

    def tiers():
        return node.counters("edge_admissions", "tier") if node else {}

    def statuses():
        return node.counters("edge_requests", "status") if node else {}

    tiers_before, statuses_before, commands_before = tiers(), statuses(), redis_counts()
    allocated_before = jvm.allocated() if jvm else 0
    compiler_before = compiler_seconds(jvm.process.pid) if jvm else 0
    cpu_before = {name: cpu_seconds(pids()) for name, pids in groups.items()}
    result = run()
    requests = max(1, result["requests"])
    result["cpu_us"] = {name: (cpu_seconds(pids()) - cpu_before[name]) * 1e6 / requests for name, pids in groups.items()}
    result["total_us"] = sum(result["cpu_us"].values())
    if jvm:
        result["compiler_us"] = (compiler_seconds(jvm.process.pid) - compiler_before) * 1e6 / requests
        result["allocated_bytes"] = (jvm.allocated() - allocated_before) / requests
    if redis:
        with contextlib.suppress(OSError):
            counts = {name: count - commands_before.get(name, 0) for name, count in redis_counts().items()}
            counts.pop("info", None)
            result["redis_sent_per_request"] = sum(count for name, count in counts.items() if name.startswith(("eval", "script", "ping"))) / requests
            result["redis_executed_per_request"] = sum(counts.values()) / requests
    if node:
        result["tiers"] = {name: (count - tiers_before.get(name, 0)) / requests for name, count in tiers().items()}
        result["statuses"] = {name: int(count - statuses_before.get(name, 0)) for name, count in statuses().items()}
    result["rps"] = result["requests"] / result["seconds"]
    return result
