"""A Redis and a Postgres of a run's own, on free ports of the loopback."""

import contextlib
import socket
import subprocess
from pathlib import Path

from .machine import await_true, descendants, free_port, listens, own_by_nobody, program, unprivileged


class Redis:
    """One redis-server that keeps nothing."""

    def __init__(self, processes, name="redis", port=None):
        self.port = port or free_port()
        self.process = processes.start(
            f"{name}-{self.port}",
            [program("redis-server"), "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--maxmemory-policy", "noeviction", "--dir", processes.work],
        )
        await_true("redis", lambda: listens(self.port))

    @property
    def uri(self):
        return f"redis://127.0.0.1:{self.port}"

    def pids(self):
        return [self.process.pid]

    def call(self, *words):
        """One command; answers the text of a bulk or simple reply."""
        return self.calls([words])[0]

    def calls(self, commands):
        """Commands in one go."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"".join(encode(words) for words in commands))
            replies = connection.makefile("rb")
            return [reply(replies) for _ in commands]

    def command_counts(self):
        """Commands executed so far by name, those of scripts under their own names too."""
        counts = {}
        for line in self.call("INFO", "commandstats").splitlines():
            if line.startswith("cmdstat_"):
                name, _, stats = line[len("cmdstat_"):].partition(":")
                counts[name] = int(stats.split(",")[0].partition("=")[2])
        return counts

    def round_trips(self):
        """Commands that clients sent: scripts, not what the scripts did inside."""
        return sum(count for name, count in self.command_counts().items() if name in SENT_BY_NODES)


# What an edge or a peer sends; info is ours, and the rest runs inside scripts.
SENT_BY_NODES = ("evalsha", "eval", "script|load", "ping", "exists", "hello", "client|setinfo", "select")


def encode(words):
    """A command in Redis' protocol."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def reply(replies):
    """One reply, arrays left out."""
    line = replies.readline()
    if line[:1] == b"$":
        length = int(line[1:])
        return "" if length < 0 else replies.read(length + 2)[:-2].decode(errors="replace")
    if line[:1] == b"-":
        raise RuntimeError("redis says " + line.decode().strip())
    return line[1:-2].decode()


class Postgres:
    """One cluster with the durability of a production one; databases are made on demand."""

    def __init__(self, processes):
        self.port = free_port()
        data = processes.work / "postgres"
        data.mkdir()
        own_by_nobody(data)
        processes.work.chmod(0o755)
        as_nobody = unprivileged()
        subprocess.run([program("initdb"), "-D", data, "-U", "edge", "--auth=trust", "-E", "UTF8", "--locale=C"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", **as_nobody)
        self.process = processes.start(
            "postgres",
            [program("postgres"), "-D", data, "-p", self.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
             "-c", "max_connections=600", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"],
            cwd="/", **as_nobody,
        )
        await_true("postgres", self.answers)

    def answers(self):
        return subprocess.run(self.psql("postgres", "-c", "select 1"), capture_output=True, check=False).returncode == 0

    def database(self, name):
        """A new database; answers its URI."""
        self.sql("postgres", f'CREATE DATABASE "{name}"')
        return f"postgresql://edge@127.0.0.1:{self.port}/{name}"

    def psql(self, database, *arguments):
        return [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
                "-U", "edge", "-d", database, *arguments]

    def sql(self, database, statement, rows=None):
        """Runs a statement; rows is what a COPY … FROM STDIN reads."""
        done = subprocess.run(self.psql(database, "-c", statement), input=rows, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def pids(self, database):
        """The processes that serve that database: what the server does for others, or in the background, does not count."""
        def serves(pid):
            with contextlib.suppress(OSError):
                return f" {database} " in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            return False

        return [pid for pid in descendants(self.process.pid) if serves(pid)]
