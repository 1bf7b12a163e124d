"""Nodes of the edge, and the bare Vert.x server beside them, as processes."""

import contextlib
import os
import re
import secrets
import subprocess
import urllib.request

from .machine import HERE, PROJECT, Missing, await_true, free_port, java_home, say

JAR = PROJECT / "target/partner-edge.jar"
BUILD = HERE / ".build"


def flags():
    """The JVM flags: LOADTEST_JVM_FLAGS, else those that the project starts the edge with."""
    if "LOADTEST_JVM_FLAGS" in os.environ:
        return os.environ["LOADTEST_JVM_FLAGS"].split()
    found = re.search(r"<edge\.jvm\.flags>(.*?)</edge\.jvm\.flags>", (PROJECT / "pom.xml").read_text(), re.S)
    return found[1].split()


def classpath():
    """The packaged edge; LOADTEST_CLASSPATH for another build of it."""
    given = os.environ.get("LOADTEST_CLASSPATH")
    if given:
        return given
    if not JAR.exists():
        raise Missing("target/partner-edge.jar is not there: mvn package -Dquick -DskipTests")
    return str(JAR)


def compiled(name):
    """Compiles a program of loadtest/java against the edge's own Vert.x; answers its class path."""
    source, classes = HERE / "java" / f"{name}.java", BUILD / "classes"
    done = classes / f"{name}.class"
    if not done.exists() or done.stat().st_mtime < source.stat().st_mtime:
        classes.mkdir(parents=True, exist_ok=True)
        subprocess.run([java_home() / "bin/javac", "-nowarn", "-proc:none", "-d", classes, "-cp", classpath(), source], check=True)
    return f"{classes}{os.pathsep}{classpath()}"


def java(*arguments):
    """A command line of Java with the edge's flags."""
    return [java_home() / "bin/java", *flags(), *arguments]


class Jvm:
    """A server in a JVM whose allocations can be read."""

    def __init__(self, processes, name, command, port, env=None):
        self.name, self.port, self.processes = name, port, processes
        environment = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
        self.command, self.environment = command, environment | (env or {})
        self.process = self._start()
        self._clerk = None

    def _start(self):
        return self.processes.start(self.name, self.command, env=self.environment, cwd=self.processes.work)

    def pids(self):
        return [self.process.pid]

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}; see {self.process.log}:\n"
                               + "\n".join(self.process.log.read_text().splitlines()[-15:]))
        return True

    def allocated(self):
        """Bytes that all threads of the process have allocated so far."""
        if self._clerk is None:
            command = [java_home() / "bin/java", "-cp", compiled("Allocated"), "Allocated", self.process.pid]
            self._clerk = self.processes.start(f"{self.name}-allocated", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._clerk.stdin.write("\n")
        self._clerk.stdin.flush()
        return int(self._clerk.stdout.readline())


class Node(Jvm):
    """One node of the edge."""

    def __init__(self, processes, name, postgres_uri, redis_uri, env=None, jvm=(), build=None):
        self.management = free_port()
        self.token = secrets.token_hex(24)
        self.token = (env or {}).get("EDGE_ADMIN_TOKEN", self.token)
        port = free_port()
        command = java(*jvm, "-cp", build or classpath(), "ai.molecule.edge.app.Main", "serve", "--config", PROJECT / "conf/edge.yaml")
        super().__init__(processes, name, command, port, {
            "EDGE_HTTP_HOST": "127.0.0.1", "EDGE_HTTP_PORT": str(port), "EDGE_MANAGEMENT_PORT": str(self.management),
            "EDGE_ADMIN_TOKEN": self.token, "EDGE_POSTGRES_URI": postgres_uri, "EDGE_REDIS_URI": redis_uri,
            "EDGE_DATA_DIR": str(processes.work / name), "EDGE_LOGGING_FORMAT": "plain",
        } | (env or {}))

    def ready(self):
        await_true(f"{self.name} ready", lambda: self.alive() and self._get("/health/ready"), 60)
        return self

    def restart(self):
        """Asks it to leave, as an orchestrator does, and starts it again on the same ports; answers its exit code."""
        self.process.terminate()
        code = self.process.wait(60)
        self.revive()
        return code

    def revive(self):
        """Starts it again on the same ports, after its process has ended."""
        self.process, self._clerk = self._start(), None
        return self.ready()

    def _get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.management}{path}", timeout=5) as answer:
            return answer.read().decode()

    def counters(self, name, label):
        """The values of a counter by one of its labels."""
        values = {}
        for line in self._get("/metrics").splitlines():
            if line.startswith(name + "_total{"):
                value = float(line.rpartition(" ")[2])
                key = re.search(rf'[{{,]{label}="([^"]*)"', line)
                if key:
                    values[key[1]] = values.get(key[1], 0) + value
        return values

    def get(self, path, credential=None):
        """Status, headers and body of a GET."""
        return self.call("GET", path, credential)

    def call(self, method, path, credential=None, body=None):
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            with contextlib.closing(refused):
                return refused.code, refused.headers, refused.read()


class Bare(Jvm):
    """Bare Vert.x answering the same bytes as the node: the floor under every figure of the edge."""

    def __init__(self, processes, name, like, loops=None):
        port = free_port()
        status, headers, body = like
        if status != 200:
            raise RuntimeError(f"the answer to copy has status {status}: {body.decode(errors='replace')}")
        answer = processes.work / f"{name}.answer"
        lines = [f"{key}: {value}" for key, value in headers.items() if key.lower() not in ("content-length", "connection")]
        answer.write_bytes("\n".join([str(status), *lines, ""]).encode() + b"\n" + body)
        command = java(f"-Dlogback.configurationFile={HERE / 'java/logback.xml'}", "-cp", compiled("BareServer"), "BareServer",
                       port, loops or len(os.sched_getaffinity(0)), answer)
        super().__init__(processes, name, command, port)
        await_true(name, lambda: self.alive() and urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).status)
        say(f"{name}: {len(body)} bytes of body, {len(lines) + 1} headers")
