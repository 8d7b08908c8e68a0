"""What a call of progress() costs the plugin, as it measures itself, with and without readers."""

from .. import table
from ..readers import Readers, port_of

CALLS = 100_000
LIMIT_US = 5


def measure(programs):
    settings = {"tight": {"calls": CALLS, "pause_us": 0}, "paced": {"calls": CALLS // 10, "pause_us": 100}}
    with programs.daemon({
        name: ("progress_cost.so", given) for name, given in settings.items()
    }) as daemon:
        tight, paced = (cost(daemon, name) for name in settings)
    return [
        table.shown(f"progress(), {CALLS:,} as fast as it goes",
                    f"{text(tight)}; {CALLS / tight[4] * 1e9:,.0f} per second"),
        table.shown(f"progress(), {CALLS // 10:,} every 100 µs", text(paced)),
        *(with_readers(programs, *counts) for counts in ((0, 0), (900, 100))),
    ]


def with_readers(programs, reading, stalled):
    gate = programs.path("gate")
    settings = {"gate": str(gate), "calls": CALLS // 2, "pause_us": 100}
    with programs.daemon({"watched": ("progress_cost.so", settings)}) as daemon:
        stream = "/integrations/watched/sync/stream"
        readers = Readers(programs, port_of(daemon), stream, max(reading, 1), 60, "X-Org-ID: bench", stalled=stalled).ready()
        gate.touch()
        readers.end()
        found = measured(daemon, "watched")
    return table.limited(
        f"progress() every 100 µs, {reading + stalled:,} readers, {stalled} of them stalled, p99",
        found[1] / 1000, LIMIT_US, "µs", f" ({text(found)})")


def cost(daemon, integration):
    daemon.sync(integration)
    return measured(daemon, integration)


def measured(daemon, integration):
    """Nanoseconds: p50, p99, p99.9, the longest, all of them together."""
    found = daemon.get(f"/documents?integration={integration}&include=content")
    return [int(word) for word in found["items"][0]["content"].split()]


def text(cost):
    return f"p50 {cost[0]:,} ns, p99 {cost[1]:,} ns, longest {cost[3] / 1000:,.0f} µs"
