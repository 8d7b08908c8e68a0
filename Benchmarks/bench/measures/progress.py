"""What a call of progress() costs the plugin, as it measures itself."""

from .. import table

CALLS = 100_000


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
    ]


def cost(daemon, integration):
    """Nanoseconds: p50, p99, p99.9, the longest, all of them together."""
    daemon.sync(integration)
    found = daemon.get(f"/documents?integration={integration}&include=content")
    return [int(word) for word in found["items"][0]["content"].split()]


def text(cost):
    return f"p50 {cost[0]:,} ns, p99 {cost[1]:,} ns, longest {cost[3] / 1000:,.0f} µs"
