"""Results for people: one line of a run, and the table of all."""


def line(result):
    """One run in one line."""
    parts = [f"{result['rps']:.0f} requests/s"]
    if "cpu_us" in result:
        parts.append("CPU µs/request " + " + ".join(f"{name} {us:.2f}" for name, us in result["cpu_us"].items()) + f" = {result['total_us']:.2f}")
    if result.get("compiler_us", 0) >= 0.005:
        parts.append(f"JIT {result['compiler_us']:.2f} of it")
    if "allocated_bytes" in result:
        parts.append(f"{result['allocated_bytes']:.0f} B/request")
    parts.append(f"p50 {result['p50_ms']:.2f} ms, p99 {result['p99_ms']:.2f} ms")
    parts.append(f"not 2xx {result['not_2xx']}")
    return ", ".join(parts)


def table(document):
    """The Markdown table of a ladder."""
    machine = document["machine"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}; commit {machine['commit']}; {machine['when']}.",
        f"JVM flags: `{' '.join(document['jvm_flags'])}`.",
        f"wrk, {document['connections']} connections, {document['seconds']} s a run, medians of "
        f"{max(len(rung['runs']) for rung in document['rungs'].values())}. CPU is user + system of the named processes per request, in µs.",
        "",
        "| rung | CPU | × bare | server | Redis | Postgres | bytes | bytes above bare | Redis commands | requests/s | p50 ms | p99 ms | not 2xx |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    bare = document["rungs"].get("bare", {}).get("median")
    for name, rung in document["rungs"].items():
        lines.append(row(name, rung["median"], bare))
    lines += [""] + [f"- **{name}**: {rung['says']}" for name, rung in document["rungs"].items()]
    return "\n".join(lines)


def row(name, median, bare):
    """One rung."""
    cpu = median["cpu_us"]
    allocated = median.get("allocated_bytes")
    cells = [
        name,
        f"{median['total_us']:.2f}",
        f"{median['total_us'] / bare['total_us']:.2f}" if bare else "",
        f"{cpu['server']:.2f}",
        f"{cpu['redis']:.2f}" if "redis" in cpu else "",
        f"{cpu['postgres']:.2f}" if "postgres" in cpu else "",
        f"{allocated:.0f}" if allocated is not None else "",
        f"{allocated - bare['allocated_bytes']:.0f}" if bare and allocated is not None else "",
        f"{median['redis_sent_per_request']:.4f}" if "redis_sent_per_request" in median else "",
        f"{median['rps']:.0f}",
        f"{median['p50_ms']:.2f}",
        f"{median['p99_ms']:.2f}",
        f"{median['not_2xx']:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"
