"""The command line of loadtest/run."""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from . import node, peers, report, rungs
from .machine import HERE, Missing, Processes, description, say
from .stores import Postgres
from .wrk import WrkFailed, wrk


def arguments(given):
    names = "\n".join(f"  {rung.name:<14} {rung.says}" for rung in [*rungs.RUNGS, *peers.BY_NAME.values()])
    parser = argparse.ArgumentParser(prog="loadtest/run", description="What a request costs on each rung of the ladder.",
                                     epilog=f"rungs:\n{names}", formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rungs", nargs="*", default=["bare", "t0"], metavar="RUNG", help="rungs, all, alloc (bare and t0, for the bytes), or peers (the edge beside nginx and Spring Cloud Gateway); default: bare t0")
    parser.add_argument("--seconds", type=int, default=8, help="of each measured run (default 8)")
    parser.add_argument("--repeat", type=int, default=3, help="measured runs of each rung, interleaved; medians count (default 3)")
    parser.add_argument("--warm-up", type=int, default=300_000, metavar="REQUESTS", help="requests before the first run (default 300000)")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--name", default=time.strftime("ladder-%Y%m%d-%H%M%S"), help="of the files in loadtest/results")
    parser.add_argument("--jfr", action="store_true", help="after the measured runs, one more of each rung under Java Flight Recorder")
    parser.add_argument("--target", metavar="URL", help="load this deployment instead of starting anything; needs --keys")
    parser.add_argument("--keys", metavar="FILE", help="its keys, one a line")
    parser.add_argument("--path", default=rungs.OWN_KEY, help="what to ask --target for (default %(default)s)")
    chosen = parser.parse_args(given)
    if bool(chosen.target) != bool(chosen.keys):
        parser.error("--target and --keys belong together")
    if "all" in chosen.rungs:
        chosen.rungs = [rung.name for rung in rungs.RUNGS]
    if "alloc" in chosen.rungs:
        chosen.rungs = ["bare", "t0"]
    if "peers" in chosen.rungs:
        chosen.rungs = ["bare", "t0", "t1", "proxy", *peers.BY_NAME]
    unknown = [name for name in chosen.rungs if name not in rungs.BY_NAME | peers.BY_NAME]
    if unknown:
        parser.error(f"no such rung: {', '.join(unknown)}")
    return chosen


def main(given):
    chosen = arguments(given)
    try:
        return deployment(chosen) if chosen.target else ladder(chosen)
    except (Missing, WrkFailed, TimeoutError, RuntimeError) as failure:
        print(f"loadtest: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def deployment(chosen):
    """A deployment somewhere else: throughput, latency and refusals, which is all that can be seen from outside."""
    say(f"{chosen.target}{chosen.path}: warming up")
    wrk(chosen.target, chosen.path, chosen.keys, chosen.seconds, chosen.connections)
    runs = []
    for number in range(chosen.repeat):
        result = wrk(chosen.target, chosen.path, chosen.keys, chosen.seconds, chosen.connections)
        result["rps"] = result["requests"] / result["seconds"]
        say(f"run {number + 1} of {chosen.repeat}: {result['rps']:.0f} requests/s, p99 {result['p99_ms']} ms, not 2xx {result['not_2xx']}")
        runs.append(result)
    write(chosen.name, {"target": chosen.target, "runs": runs})
    return 0


def ladder(chosen):
    """The rungs on this machine."""
    with tempfile.TemporaryDirectory(prefix="loadtest-") as work, Processes(Path(work)) as processes:
        postgres = Postgres(processes)
        stages = stages_of(chosen, processes, postgres)
        results = {name: [] for name in stages}
        for number in range(chosen.repeat):
            for name, stage in stages.items():
                if number or len(stages) > 1:
                    stage.warm(1) if not stage.rung.once else rungs.settle()
                result = stage.run(chosen.seconds)
                results[name].append(result)
                say(f"{name} {number + 1}/{chosen.repeat}: {report.line(result)}")
                for violation in result["violations"]:
                    say(f"{name}: NOT AS EXPECTED: {violation}")
        for name, stage in stages.items():
            if chosen.jfr and stage.jvm:
                stage.record(chosen.seconds, HERE / "results" / f"{chosen.name}-{name}.jfr")
    document = {"machine": description(), "jvm_flags": node.flags(), "seconds": chosen.seconds, "connections": chosen.connections,
                "rungs": {name: {"says": stages[name].rung.says, "median": medians(runs), "runs": runs} for name, runs in results.items()}}
    text = "\n\n".join(part for part in (report.table(document), peers.ratios(document)) if part)
    print(text)
    write(chosen.name, document, text)
    return 1 if any(run["violations"] for runs in results.values() for run in runs) else 0


def stages_of(chosen, processes, postgres):
    """Sets the rungs up, bare Vert.x last: it copies an answer of T0."""
    stages = {name: rungs.Stage(processes, postgres, rungs.BY_NAME[name], chosen.warm_up, chosen.connections)
              for name in chosen.rungs if name in rungs.BY_NAME and name != "bare"}
    if "bare" in chosen.rungs:
        like = stages.get("t0") or rungs.Stage(processes, postgres, rungs.BY_NAME["t0"], 1, chosen.connections)
        stages = {"bare": rungs.BareStage(processes, like, chosen.warm_up, chosen.connections)} | stages
    wanted = [name for name in chosen.rungs if name in peers.BY_NAME]
    shared = peers.start(processes) if wanted else None
    for name in wanted:
        stages[name] = peers.PeerStage(processes, shared, peers.BY_NAME[name], chosen.warm_up, chosen.connections)
    return stages


def medians(runs):
    """The median of each figure."""
    merged = {}
    for key, value in runs[0].items():
        if isinstance(value, dict):
            merged[key] = {part: statistics.median(run[key].get(part, 0) for run in runs) for part in value}
        elif isinstance(value, (int, float)):
            merged[key] = statistics.median(run[key] for run in runs if key in run)
    return merged


def write(name, document, table=None):
    """Keeps results: JSON, and the table beside it."""
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")
    if table:
        (results / f"{name}.md").write_text(table + "\n")
    with contextlib.suppress(ValueError):
        say(f"written: {(results / name).relative_to(HERE.parent)}.json")
