"""A million keys: memory of the edge, bytes a key in Redis, and what a request costs beside a thousand keys."""

import base64
import hashlib
import re
import statistics
import time
from pathlib import Path

from . import keys as keyring
from .machine import await_true, end, say
from .node import Node
from .rungs import OWN_KEY, Rung, Stage
from .stores import Postgres, Redis
from .wrk import wrk

RSS_MIB, BYTES_A_KEY, GROWTH = 512, 250, 1.2

FEW = 1_000
"""What a million is held against."""

LASTING = (60, 120)
"""A limit whose bucket, empty at first in a Redis that is new, stays there for up to two minutes: all are there when they are counted."""

OTHERS = """
INSERT INTO partner_keys (id, hash, root_hash, version, partner_id, environment, prefix, last4, name, scopes, rate_limit, burst, lineage_id, created_by, created_at)
SELECT id, hash, hash, 1, 'partner-' || number %% 1000, 'live', 'mol_pk_live_' || left(md5(id::text), 4), right(md5(id::text), 4), 'key ' || number, 0, 600, 60, id, 'admin',
       timestamptz '2026-01-01' + number * interval '1 second'
  FROM (SELECT number, id, sha256(id::text::bytea) AS hash FROM (SELECT number, gen_random_uuid() AS id FROM generate_series(1, %d) AS number OFFSET 0) AS ids) AS rows
"""


class Many(Stage):
    """A node on a database that is there already, measured as a rung is."""

    def __init__(self, processes, postgres, database, name, credentials, chosen, node=None, jvm=()):  # pylint: disable=super-init-not-called
        self.rung, self.connections, self.used = Rung(name, name), chosen.connections, 0
        self.redis = node.stage_redis if node else Redis(processes, f"redis-{name}")
        self.node = node or Node(processes, f"edge-{name}", f"postgresql://edge@127.0.0.1:{postgres.port}/{database}", self.redis.uri, dict(chosen.env), jvm).ready()
        self.node.stage_redis = self.redis
        self.first, self.keys = credentials[0], keyring.write(processes.work / f"{name}.keys", credentials)
        self.server = self.jvm = self.node
        self.groups = {"server": self.node.pids, "redis": self.redis.pids, "postgres": lambda: postgres.pids(database)}
        self.count = len(credentials)

    def touch(self):
        """Every key once at least, and then as many requests as warm it up."""
        while self.used < self.count:
            self.warm(2)

    def memory_mib(self):
        """Resident memory: now, and at its highest."""
        status = Path(f"/proc/{self.node.process.pid}/status").read_text()
        return {name: int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024 for name, field in (("now", "VmRSS"), ("highest", "VmHWM"))}


def used_memory(redis):
    """What Redis says its data and its own bookkeeping take."""
    return int(re.search(r"^used_memory:(\d+)", redis.call("INFO", "memory"), re.M)[1])


def seed(postgres, chosen):
    """Three sets of keys that can be used, among as many others as make a million; and a database of the few alone."""
    nodes = {name: keyring.HIGH for name in ("few", "many")}
    sets = {name: [keyring.credential() for _ in range(FEW if name == "few" else chosen.active)] for name in ("few", "many", "lasting")}
    keyring.seed(postgres, "load_few", sets["few"], nodes["few"])
    keyring.seed(postgres, "load_many", sets["many"], nodes["many"])
    keyring.seed(postgres, "load_many", sets["lasting"], LASTING)
    say(f"inserting {chosen.keys - 2 * chosen.active} more keys")
    begun = time.monotonic()
    postgres.sql("load_many", OTHERS % (chosen.keys - 2 * chosen.active))
    for database in ("load_few", "load_many"):
        postgres.sql(database, "VACUUM ANALYZE partner_keys")
    count = int(postgres.sql("load_many", "SELECT count(*) FROM partner_keys"))
    size = int(postgres.sql("load_many", "SELECT pg_total_relation_size('partner_keys')"))
    say(f"{count} keys in {time.monotonic() - begun:.0f} s, {size / count:.0f} bytes a key in Postgres")
    return sets, {"keys": count, "postgres_bytes_a_key": size / count}


def redis_bytes(stage, credentials):
    """Bytes a key in Redis, record and bucket, after each has been used once."""
    empty, places = used_memory(stage.redis), int(stage.redis.call("DBSIZE"))
    begun = time.monotonic()
    stage.touch()
    took = time.monotonic() - begun
    full, now = used_memory(stage.redis), int(stage.redis.call("DBSIZE"))
    name = base64.urlsafe_b64encode(hashlib.sha256(credentials[-1].encode()).digest()).decode().rstrip("=")
    one = {kind: int(stage.redis.call("MEMORY", "USAGE", f"{kind}:{{{name}}}") or 0) for kind in "kb"}
    found = {"used_memory_bytes": full - empty, "bytes_a_key": (full - empty) / len(credentials), "places_a_key": (now - places) / len(credentials),
             "record_bytes": one["k"], "bucket_bytes": one["b"], "record_value_bytes": int(stage.redis.call("STRLEN", f"k:{{{name}}}")), "seconds": took}
    say(f"{len(credentials)} keys used once within {took:.0f} s: {found['bytes_a_key']:.0f} bytes a key in Redis, {found['places_a_key']:.2f} places; "
        f"one record {one['k']} (its value {found['record_value_bytes']}), one bucket {one['b']}")
    return found


def million(processes, chosen):
    """A million keys, 50 000 of them in use: memory of the edge, bytes a key in Redis, CPU per request beside a thousand keys."""
    postgres = Postgres(processes)
    for database in ("load_few", "load_many"):
        node = Node(processes, f"migrate-{database}", postgres.database(database), Redis(processes, f"redis-{database}").uri).ready()
        end(node.process)
    sets, seeded = seed(postgres, chosen)

    lasting = Many(processes, postgres, "load_many", "lasting", sets["lasting"], chosen, jvm=chosen.lean.split())
    in_redis = redis_bytes(lasting, sets["lasting"])
    end(lasting.node.process)
    end(lasting.redis.process)

    few = Many(processes, postgres, "load_few", "few", sets["few"], chosen)
    many = Many(processes, postgres, "load_many", "many", sets["many"], chosen)
    some = Many(processes, postgres, "load_many", "few-of-many", sets["many"][:FEW], chosen, node=many.node)
    lean = Many(processes, postgres, "load_many", "many-lean", sets["many"], chosen, jvm=chosen.lean.split())
    for stage in (many, lean):
        stage.touch()
    for stage in (few, many, lean):
        stage.heat(chosen.warm_up)
    stages = {"few": few, "few-of-many": some, "many": many, "many-lean": lean}
    says = {"few": f"{FEW} of {FEW}", "few-of-many": f"{FEW} of {seeded['keys']}", "many": f"{chosen.active} of {seeded['keys']}", "many-lean": f"{chosen.active} of {seeded['keys']}, `{chosen.lean}`"}
    runs = {name: [] for name in stages}
    for number in range(chosen.repeat):
        for name, stage in stages.items():
            stage.warm(1)
            result = stage.run(chosen.seconds)
            result["rss_mib"] = stage.memory_mib()
            runs[name].append(result)
            say(f"{name} {number + 1}/{chosen.repeat}: CPU µs {({key: round(value, 1) for key, value in result['cpu_us'].items()})}, RSS {result['rss_mib']['highest']:.0f} MiB, "
                f"tiers {({key: round(value, 2) for key, value in result['tiers'].items() if value > 0.005})}" + "".join(f"; NOT AS EXPECTED: {text}" for text in result["violations"]))
    medians = {name: {"total_us": statistics.median(run["total_us"] for run in each), "server_us": statistics.median(run["cpu_us"]["server"] for run in each),
                      "rss_mib": max(run["rss_mib"]["highest"] for run in each), "leased": statistics.median(run["tiers"].get("leased", 0) for run in each)} for name, each in runs.items()}
    base = medians["few"]["total_us"]
    lines = [f"{seeded['keys']} keys in Postgres, {chosen.connections} connections, {chosen.seconds} s a run, medians of {chosen.repeat} in turn; the highest RSS of the run.", "",
             "| keys in use | CPU µs a request | of it the edge | × few | leased | RSS MiB |", "|---|--:|--:|--:|--:|--:|"]
    for name, median in medians.items():
        lines.append(f"| {says[name]} | {median['total_us']:.1f} | {median['server_us']:.1f} | {median['total_us'] / base:.2f} | {median['leased']:.2f} | {median['rss_mib']:.0f} |")
    growth = statistics.median(ours["total_us"] / theirs["total_us"] for ours, theirs in zip(runs["many"], runs["few"]))
    lines += ["", f"- Growth: {verdict(growth, GROWTH, '.2f', '×')}. Of the size of the table alone (few of many / few): {medians['few-of-many']['total_us'] / base:.2f}.",
              f"- RSS: {verdict(medians['many']['rss_mib'], RSS_MIB, '.0f', 'MiB')} with the default flags, {verdict(medians['many-lean']['rss_mib'], RSS_MIB, '.0f', 'MiB')} with `{chosen.lean}`.",
              f"- Redis, record and bucket: {verdict(in_redis['bytes_a_key'], BYTES_A_KEY, '.0f', 'bytes a key in use')}; a record {in_redis['record_bytes']} (its value {in_redis['record_value_bytes']}), "
              f"a bucket {in_redis['bucket_bytes']}, the rest are tables. Over all {seeded['keys']} keys {in_redis['used_memory_bytes'] / seeded['keys']:.1f}."]
    document = seeded | {"active": chosen.active, "connections": chosen.connections, "seconds": chosen.seconds, "lean": chosen.lean, "redis": in_redis, "runs": runs, "medians": medians, "growth": growth}
    return document, lines, not any(run["violations"] for each in runs.values() for run in each)


def verdict(value, reach, form, unit):
    """A figure beside what it should reach."""
    return f"{value:{form}} {unit} (reach ≤ {reach:g}: {'reached' if value <= reach else 'not reached'})"
