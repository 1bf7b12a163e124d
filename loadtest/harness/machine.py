"""Processes, their CPU time, free ports, programs that must be there, and what machine this is."""

import contextlib
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PROJECT = HERE.parent
TICK = os.sysconf("SC_CLK_TCK")

PACKAGES = {
    "wrk": "wrk",
    "redis-server": "redis-server",
    "nginx": "nginx-light libnginx-mod-http-lua lua-nginx-redis lua-nginx-string",
    "psql": "postgresql",
    "initdb": "postgresql",
    "postgres": "postgresql",
    "pgbench": "postgresql-contrib",
    "mvn": "maven",
    "haproxy": "haproxy",
    "openssl": "openssl",
}


class Missing(Exception):
    """Something that a run needs is not there; the message says how to get it."""


def say(text):
    """Progress, on the standard error stream: results alone go to the standard output."""
    print(time.strftime("%H:%M:%S ") + text, file=sys.stderr, flush=True)


def program(name):
    """The path of a program, Debian's Postgres directories included."""
    found = shutil.which(name)
    if found:
        return found
    for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True):
        return str(path)
    if Path("/usr/sbin", name).exists():
        return f"/usr/sbin/{name}"
    raise Missing(f"{name} is not installed; on Debian: apt-get install {PACKAGES.get(name, name)}")


def java_home():
    """The newest JDK of 25 or later: JAVA_HOME, the path, /usr/lib/jvm."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += [Path(os.path.realpath(which)).parent.parent for which in [shutil.which("javac")] if which]
    homes += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in homes:
        release = home / "release"
        if (home / "bin/javac").exists() and release.exists():
            version = re.search(r'JAVA_VERSION="(\d+)', release.read_text())
            if version and int(version[1]) >= 25:
                return home
    raise Missing("no JDK of version 25 or later found: set JAVA_HOME")


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_true(what, check, seconds=60, every=0.05):
    """Waits until check() is true; says what was waited for when it never is."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            if check():
                return
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {seconds} s")
        time.sleep(every)


def listens(port):
    """Whether somebody accepts connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def cpu_seconds(pids):
    """User and system time of the processes, of children waited for too (Postgres has short-lived ones)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / TICK


def compiler_seconds(pid):
    """User and system time of a JVM's compiler threads: what a server that is warm no longer spends."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            stat = (task / "stat").read_text()
            if "CompilerThre" in stat:
                total += sum(int(ticks) for ticks in stat.rpartition(")")[2].split()[11:13])
    return total / TICK


def descendants(pid):
    """The process and everything below it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


class Processes(contextlib.ExitStack):
    """Everything that a run starts; all of it ends with the run, however the run ends."""

    def __init__(self, work):
        super().__init__()
        self.work = Path(work)
        self.work.mkdir(parents=True, exist_ok=True)

    def __exit__(self, *failure):
        """Ends everything, and keeps the logs of this run for a look at what happened."""
        ended = super().__exit__(*failure)
        logs = HERE / ".build/logs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True)
        for log in self.work.glob("*.log"):
            shutil.copy(log, logs)
        return ended

    def start(self, name, command, **options):
        """Starts a program with its output in a file of the work directory."""
        log = self.enter_context(open(self.work / f"{name}.log", "ab"))
        options.setdefault("stdout", log)
        process = subprocess.Popen([str(part) for part in command], stderr=log, **options)
        process.log = self.work / f"{name}.log"
        self.callback(end, process)
        return process


def end(process, patience=2):
    """Ends a process that was started here: asks it, then makes it."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def unprivileged():
    """Options of a process that may not run as root, as Postgres may not."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


def own_by_nobody(directory):
    """Gives the directory to whom such a process runs as."""
    if os.geteuid() == 0:
        shutil.chown(directory, "nobody", "nogroup")


def git(*arguments):
    """A line of git about the project, or nothing."""
    done = subprocess.run(["git", "-C", PROJECT, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def description():
    """The machine and the commit."""
    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) // 2**20
    # Only what is built counts: notes and scripts beside it do not change what was measured.
    changed = git("status", "--porcelain", "--", "src", "pom.xml", "conf")
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": memory,
        "kernel": platform.release(),
        "commit": git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else ""),
        "load_average": os.getloadavg(),
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
