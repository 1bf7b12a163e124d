"""The service behind the proxies: nginx answering 1 KiB, in a process of its own that no figure counts."""

from dataclasses import dataclass

from .machine import HERE, await_true, free_port, listens, own_by_nobody, program


@dataclass
class Upstream:
    """Where it listens."""

    port: int

    @classmethod
    def start(cls, processes, name):
        port = free_port()
        prefix = processes.work / f"upstream-{name}"
        prefix.mkdir()
        own_by_nobody(prefix)
        (prefix / "nginx.conf").write_text((HERE / "peers/upstream.conf").read_text().replace("8082", str(port)))
        processes.start(f"upstream-{name}", [program("nginx"), "-p", f"{prefix}/", "-c", prefix / "nginx.conf"])
        await_true("the upstream", lambda: listens(port))
        return cls(port)
