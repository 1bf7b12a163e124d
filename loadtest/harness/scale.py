"""The command line of loadtest/scale: key creation beside pgbench, and a million keys."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .creation import creation
from .ladder import write
from .machine import Missing, Processes, description, say
from .million import million
from .node import flags
from .wrk import WrkFailed

PARTS = {"creation": creation, "million": million}


def arguments(given):
    parser = argparse.ArgumentParser(prog="loadtest/scale", description="What grows with the number of keys, and how fast keys are made.",
                                     epilog="\n".join(f"  {name:<10} {part.__doc__}" for name, part in PARTS.items()),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", metavar="PART", choices=[*PARTS, "all"], help="creation, million, or all")
    parser.add_argument("--seconds", type=int, default=8, help="of each measured run (default 8)")
    parser.add_argument("--repeat", type=int, default=3, help="measured runs of each, in turn; medians count (default 3)")
    parser.add_argument("--clients", type=int, default=16, help="of creation, on both sides (default 16)")
    parser.add_argument("--warm-up-seconds", type=int, default=20, help="of creation (default 20)")
    parser.add_argument("--keys", type=int, default=1_000_000, help="of million (default 1000000)")
    parser.add_argument("--active", type=int, default=50_000, help="of these, keys in use (default 50000)")
    parser.add_argument("--warm-up", type=int, default=200_000, metavar="REQUESTS", help="of million, each node (default 200000)")
    parser.add_argument("--connections", type=int, default=64, help="of million (default 64)")
    parser.add_argument("--lean", default="-Xmx256m -XX:+UseSerialGC -XX:MaxDirectMemorySize=64m", metavar="FLAGS",
                        help="JVM flags of the node that has to be small, beside the project's own (default: %(default)s)")
    parser.add_argument("--env", action="append", default=[], metavar="EDGE_X=Y", type=lambda text: tuple(text.split("=", 1)), help="another setting of the nodes")
    chosen = parser.parse_args(given)
    if "all" in chosen.parts:
        chosen.parts = list(PARTS)
    return chosen


def main(given):
    chosen, held = arguments(given), True
    for name in chosen.parts:
        before, begun = os.getloadavg(), time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="loadtest-") as work, Processes(Path(work)) as processes:
                document, lines, as_expected = PARTS[name](processes, chosen)
        except (Missing, WrkFailed, TimeoutError, RuntimeError, subprocess.CalledProcessError) as failure:
            print(f"loadtest: {name}: {failure}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
        say(f"{name}: {time.monotonic() - begun:.0f} s")
        machine = description()
        head = [f"### {name}", "", f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}; commit {machine['commit']}; {machine['when']}.",
                f"JVM flags: `{' '.join(flags())}`. Load average {before[0]:.1f} before, {machine['load_average'][0]:.1f} after, this run's own included.", ""]
        text = "\n".join(head + lines)
        print(text, flush=True)
        write(f"scale-{name}", {"machine": machine, "load_average_before": before, "jvm_flags": flags(), "settings": dict(chosen.env)} | document, text)
        held &= as_expected
    return 0 if held else 1
