"""What a delivered event costs and how late it is, beside nginx with nchan: one run with many readers,
and many runs with a reader each."""

import dataclasses
import statistics
import time

from .. import nchan, table
from ..readers import Readers, cpu_seconds, port_of, share_of_a_core

ROUNDS = 3


@dataclasses.dataclass
class Shape:
    runs: int
    readers: int  # of each run
    events: int  # of each run
    interval_seconds: float

    @property
    def name(self):
        return f"fan-out {self.runs:,} × {self.readers:,}"

    @property
    def deliveries(self):
        return self.runs * self.readers * self.events

    @property
    def patience_seconds(self):
        return int(self.events * self.interval_seconds) + 20


def measure(programs):
    return side_by_side(programs, Shape(runs=1, readers=1000, events=500, interval_seconds=0.01))


def measure_many_runs(programs):
    # Longer than the newest progress waits for the store.
    shape = Shape(runs=1000, readers=1, events=65, interval_seconds=1)
    floors = {mode: programs.run("many_runs_floor", mode, shape.runs, 10)["cpu_us"]
              for mode in ("loop", "direct", "handed")}
    return side_by_side(programs, shape) + [table.shown(
        f"{shape.name}, in C, all in one loop : each in its thread : from there to a loop",
        " : ".join(table.number(each) for each in floors.values()) + " µs")]


def side_by_side(programs, shape):
    nginx = nchan.find()
    if not nginx:
        return [nchan.missing(shape.name)]
    ours, peers = [], []
    for _ in range(ROUNDS):
        ours.append(from_daemon(programs, shape))
        peers.append(from_nchan(programs, shape, nginx))
    note = f" (medians of {ROUNDS}, {shape.events} events each)"
    rows = []
    for name, key in (("CPU per delivered event", "cpu_us"), ("latency, p50", "p50_us"), ("latency, p99", "p99_us")):
        own, peer = (statistics.median(one[key] for one in found) for found in (ours, peers))
        rows.append(table.compared(f"{shape.name}, {name}, daemon : nchan", own, peer, 1.0, "µs", note))
    return rows


def from_daemon(programs, shape):
    # What is measured are events, not how runs and steps start and end.
    gate, hold = programs.path("gate"), programs.path("hold")
    settings = {"gate": str(gate), "hold": str(hold), "events": shape.events,
                "interval_us": int(shape.interval_seconds * 1e6), "opens": 1}
    runs = {"max_concurrent": shape.runs}
    with programs.daemon({"ticker": ("ticker.so", settings)}, runs=runs) as daemon:
        readers = Readers(
            programs, port_of(daemon), "/integrations/ticker/sync/stream", shape.runs * shape.readers,
            shape.patience_seconds, header="X-Project-ID: p#" if shape.runs > 1 else "",
            until=shape.deliveries).ready()
        settle(daemon.pid)
        found = seen(shape, readers, [daemon.pid], gate.touch)
        hold.touch()
        return found


def settle(pid):
    """Returns when all that was started has come to rest."""
    while share_of_a_core(pid, 0.5) > 0.02:
        pass


def from_nchan(programs, shape, nginx):
    with nchan.serving(programs, nginx) as (port, pids):
        # Its heads come with the first message: nobody is ready before.
        readers = Readers(
            programs, port, "/sub/#" if shape.runs > 1 else "/sub/0", shape.runs * shape.readers,
            shape.patience_seconds, until=shape.deliveries)
        time.sleep(1)
        return seen(shape, readers, pids, lambda: nchan.publish(
            port, shape.runs, shape.events, shape.interval_seconds))


def seen(shape, readers, pids, start):
    before = cpu_seconds(*pids)
    start()
    found = readers.end(shape.deliveries)
    used = cpu_seconds(*pids) - before
    return {**found, "cpu_us": used / found["events"] * 1e6}
