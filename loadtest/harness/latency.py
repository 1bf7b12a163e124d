"""The command line of loadtest/latency: open-loop latency at a fixed rate, the edge beside bare Vert.x, with Gatling's report."""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import rungs
from .ladder import write
from .machine import HERE, Missing, Processes, description, java_home, program, say
from .stores import Postgres
from .wrk import WrkFailed

REACH = 3.0


def arguments(given):
    parser = argparse.ArgumentParser(prog="loadtest/latency", description="Latency of T0 and of bare Vert.x at one fixed rate, open loop, with Gatling.")
    parser.add_argument("--rate", type=int, help="requests a second (default: half of the lower peak measured first, at most --rate-max)")
    parser.add_argument("--rate-max", type=int, default=4_000, help="as much as Gatling itself can begin on time while it shares the machine (default 4000)")
    parser.add_argument("--seconds", type=int, default=20, help="of each run (default 20)")
    parser.add_argument("--ramp", type=int, default=15, help="seconds of Gatling's own warm-up before each, reported apart (default 15)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, interleaved (default 3)")
    parser.add_argument("--warm-up", type=int, default=200_000, metavar="REQUESTS")
    parser.add_argument("--connections", type=int, default=64, help="for the peak")
    parser.add_argument("--name", default=time.strftime("latency-%Y%m%d-%H%M%S"))
    parser.add_argument("--target", metavar="URL", help="a deployment instead; needs --keys and --rate")
    parser.add_argument("--keys", metavar="FILE")
    chosen = parser.parse_args(given)
    if chosen.target and not (chosen.keys and chosen.rate):
        parser.error("--target needs --keys and --rate")
    return chosen


def gatling(chosen, name, target, keys, rate):
    """One run of Gatling; answers its figures, and keeps its report."""
    with tempfile.TemporaryDirectory(prefix="gatling-") as results:
        done = subprocess.run(
            [program("mvn"), "-q", "-B", "-f", HERE / "gatling/pom.xml", "test-compile", "gatling:test", f"-Dgatling.resultsFolder={results}",
             "-Dgatling.simulationClass=loadtest.OpenLoop", f"-Dgatling.jvmArgs=-Dtarget={target},-Dkeys={keys},-Drate={rate},-Dseconds={chosen.seconds},-DwarmUp={chosen.ramp}"],
            env=dict(os.environ, JAVA_HOME=str(java_home())), capture_output=True, text=True, check=False)
        reports = list(Path(results).glob("*/index.html"))
        if not reports:
            raise RuntimeError("gatling failed:\n" + (done.stdout + done.stderr)[-2_000:])
        kept = HERE / "results" / f"{chosen.name}-{name}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(reports[0].parent, kept)
    return figures((kept / "index.html").read_text()) | {"report": str(kept.relative_to(HERE.parent) / "index.html")}


def figures(report):
    """The row of what was measured in the report's table: Gatling writes its figures nowhere else that is not binary."""
    row = report.partition('<tr id="req_measured')[2].partition("</tr>")[0]
    cells = {int(column): float(value) for column, value in re.findall(r'class="value [a-z]+ col-(\d+)">([\d.]+)<', row)}
    names = {"requests": 2, "failed": 4, "p50_ms": 8, "p95_ms": 10, "p99_ms": 11, "max_ms": 12}
    return {name: cells.get(column, 0.0) for name, column in names.items()}


def compare(chosen):
    """The edge and bare Vert.x in turn."""
    with tempfile.TemporaryDirectory(prefix="loadtest-") as work, Processes(Path(work)) as processes:
        edge = rungs.Stage(processes, Postgres(processes), rungs.BY_NAME["t0"], chosen.warm_up, chosen.connections)
        stages = {"bare": rungs.BareStage(processes, edge, chosen.warm_up, chosen.connections), "t0": edge}
        peaks = {name: stage.run(5)["rps"] for name, stage in stages.items()}
        rate = chosen.rate or int(min(min(peaks.values()) / 2, chosen.rate_max))
        say(f"peaks {({name: round(peak) for name, peak in peaks.items()})}, rate {rate} a second")
        runs = {name: [] for name in stages}
        for number in range(chosen.repeat):
            for name, stage in stages.items():
                run = gatling(chosen, f"{name}-{number + 1}", stage.url, stage.keys, rate)
                say(f"{name} {number + 1}/{chosen.repeat}: p50 {run['p50_ms']} ms, p99 {run['p99_ms']} ms, max {run['max_ms']} ms, failed {run['failed']:.0f} of {run['requests']:.0f}")
                runs[name].append(run)
    p99 = {name: statistics.median(run["p99_ms"] for run in each) for name, each in runs.items()}
    ratio = p99["t0"] / max(0.5, p99["bare"])
    lines = [f"Open loop, Gatling, {rate} requests/s, {chosen.seconds} s, medians of {chosen.repeat}; peaks by wrk: bare {peaks['bare']:.0f}, T0 {peaks['t0']:.0f} a second.", "",
             "| | p50 ms | p95 ms | p99 ms | max ms | failed |", "|---|--:|--:|--:|--:|--:|"]
    for name, each in runs.items():
        lines.append(f"| {name} | " + " | ".join(f"{statistics.median(run[key] for run in each):g}" for key in ("p50_ms", "p95_ms", "p99_ms", "max_ms"))
                     + f" | {sum(run['failed'] for run in each):.0f} |")
    lines.append(f"\np99 of T0 / bare: {ratio:.2f} (reach ≤ {REACH:g}; Gatling counts whole milliseconds, so less than 1 ms counts as half of one)")
    print("\n".join(lines))
    write(chosen.name, {"machine": description(), "rate": rate, "peaks": peaks, "runs": runs, "p99_ratio": ratio}, "\n".join(lines))
    return 1 if any(run["failed"] for each in runs.values() for run in each) else 0


def main(given):
    chosen = arguments(given)
    try:
        if chosen.target:
            print(json.dumps(gatling(chosen, "target", chosen.target, Path(chosen.keys).resolve(), chosen.rate), indent=2))
            return 0
        return compare(chosen)
    except (Missing, WrkFailed, TimeoutError, RuntimeError) as failure:
        print(f"loadtest: {failure}", file=sys.stderr)
        return 2
