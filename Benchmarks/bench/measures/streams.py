"""Streams that are idle, stalled or resumed, and how many events one log takes."""

import statistics
import time

from .. import table
from ..memory import peak, resident
from ..readers import Readers, port_of, share_of_a_core

STREAM = "/integrations/ticker/sync/stream"
TENANT = "X-Org-ID: bench"
# Every call of progress() is an event.
ALL = {"progress_rate": 1_000_000}


def ticker(**settings):
    return {"ticker": ("ticker.so", settings)}


def measure_idle(programs, count=10_000, seconds=10):
    gate = programs.path("gate")
    with programs.daemon(ticker(gate=str(gate), events=1), server={"heartbeat": "10m"}) as daemon:
        # One stream, so that what the first one costs is not counted.
        first = Readers(programs, port_of(daemon), STREAM, 1, 60).ready()
        before = resident(daemon.pid)
        readers = Readers(programs, port_of(daemon), STREAM, count, 60).ready()
        time.sleep(1)
        each = (resident(daemon.pid) - before) * 1000 / count
        share = share_of_a_core(daemon.pid, seconds)
        gate.touch()
        first.end(1), readers.end(count)
    return [
        table.limited(f"{count:,} idle streams, RSS of each", each, 24, "KB"),
        table.limited(f"{count:,} idle streams, share of a core", share * 100, 2, "%", f" (over {seconds} s, no heartbeats)"),
    ]


def measure_stalled(programs, readers=10, stalled=100, rounds=3):
    """100 MB of events with messages of 1 kB, with and without clients that take nothing."""
    without, beside = [], []
    for _ in range(rounds):
        without.append(hundred_megabytes(programs, readers, 0))
        beside.append(hundred_megabytes(programs, readers, stalled))
    name = f"100 MB of events, {readers} readers"
    growth, bare = (statistics.median(one["growth_mb"] for one in found) for found in (beside, without))
    own, peer = (statistics.median(one["p99_us"] for one in found) for found in (beside, without))
    return [
        table.limited(f"{name} and {stalled} stalled, the daemon grows by", growth, 20, "MB",
                      f" ({bare:.1f} without the stalled)"),
        table.compared(f"{name}, p99 with {stalled} stalled : with none", own, peer, 1.1, "µs",
                       f" (medians of {rounds})"),
    ]


def hundred_megabytes(programs, readers, stalled, events=80_000):
    gate = programs.path("gate")
    settings = {"gate": str(gate), "events": events, "interval_us": 100, "size": 1000}
    with programs.daemon(ticker(**settings), runs=ALL) as daemon:
        clients = Readers(programs, port_of(daemon), STREAM, readers, 90, stalled=stalled).ready()
        time.sleep(0.5)
        before = resident(daemon.pid)
        gate.touch()
        found = clients.end()
        return {**found, "growth_mb": peak(daemon.pid) - before}


def measure_resume(programs, clients=1000, missed=1000):
    gate, hold = programs.path("gate"), programs.path("hold")
    gate.touch()
    settings = {"gate": str(gate), "hold": str(hold), "events": missed + 200, "interval_us": 500}
    with programs.daemon(ticker(**settings), runs=ALL) as daemon:
        Readers(programs, port_of(daemon), STREAM, 1, 30, TENANT, until=missed + 200).end(missed + 200)
        run = daemon.get("/runs?integration=ticker")["items"][0]
        last = run["lastEventId"].rsplit(".", 1)
        cursor = f"{last[0]}.{int(last[1]) - missed}"
        found = Readers(
            programs, port_of(daemon), f"/runs/{run['id']}/events", clients, 60,
            header=f"Last-Event-ID: {cursor}\r\nX-Org-ID: bench", until=clients * missed).end(clients * missed)
        hold.touch()
    return [table.limited(
        f"{clients:,} clients resume {missed:,} missed events each", found["seconds"], 3, "s")]


def measure_intake(programs, events=300_000):
    """How fast one log takes events of 200 bytes, with a reader that gets all of them."""
    gate = programs.path("gate")
    settings = {"gate": str(gate), "events": events, "busy_us": 5}
    with programs.daemon(ticker(**settings), runs=ALL) as daemon:
        reader = Readers(programs, port_of(daemon), STREAM, 1, 60, TENANT).ready()
        gate.touch()
        started = time.monotonic()
        found = reader.end()
        seconds = time.monotonic() - started
        run = daemon.get("/runs?integration=ticker")["items"][0]
    accepted = int(run["lastEventId"].rsplit(".", 1)[1])
    return [table.at_least(
        "events that one log takes, plugin to reader", accepted / seconds, 100_000, "per second",
        f" ({accepted:,} of {events:,} were not coalesced, {found['events']:,} read)")]
