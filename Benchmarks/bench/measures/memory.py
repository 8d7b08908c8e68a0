"""Memory of the daemon and of its worker, by the size of the workspace."""

import time

from .. import table
from ..memory import WorkerPeak, peak, private, resident
from ..programs import clickup

SMALL, LARGE = 300, 3000
IDLE_LIMIT_MB = 40
GROWTH_LIMIT = 1.3
# What an idle daemon still has to do after a start or an import is done by then.
SETTLED_SECONDS = 1


def measure(programs):
    small, large = (workspace(programs, docs) for docs in (SMALL, LARGE))
    name = f"peak RSS for {LARGE:,} docs : {SMALL}"
    return [
        idle("after start", large["start"]),
        idle(f"after {SMALL} docs", small["idle"]),
        idle(f"after {LARGE:,} docs", large["idle"]),
        table.compared(f"{name}, daemon", large["daemon"], small["daemon"], GROWTH_LIMIT, "MB"),
        table.compared(f"{name}, worker", large["worker"], small["worker"], GROWTH_LIMIT, "MB"),
    ]


def idle(when, memory):
    whole, own = memory
    return table.limited(f"daemon's RSS, idle {when}", whole, IDLE_LIMIT_MB, "MB",
                         f" ({own:.1f} its own, the rest pages of files)")


def settled(daemon):
    time.sleep(SETTLED_SECONDS)
    return resident(daemon.pid), private(daemon.pid)


def workspace(programs, docs):
    """In a daemon that has done nothing else."""
    with programs.simulator(docs=docs) as address, \
            programs.daemon({"clickup": clickup(address)}) as daemon:
        start = settled(daemon)
        with WorkerPeak(daemon) as worker:
            daemon.sync("clickup")
        return {"start": start, "daemon": peak(daemon.pid), "worker": worker.value,
                "idle": settled(daemon)}
