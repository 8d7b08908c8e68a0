"""Memory of the daemon and of its worker, by the size of the workspace."""

import time

from .. import table
from ..memory import WorkerPeak, peak, resident
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
        table.limited("daemon's RSS, idle after start", large["start"], IDLE_LIMIT_MB, "MB"),
        table.limited(f"daemon's RSS, idle after {SMALL} docs", small["idle"], IDLE_LIMIT_MB, "MB"),
        table.limited(f"daemon's RSS, idle after {LARGE:,} docs", large["idle"], IDLE_LIMIT_MB,
                      "MB"),
        table.compared(f"{name}, daemon", large["daemon"], small["daemon"], GROWTH_LIMIT, "MB"),
        table.compared(f"{name}, worker", large["worker"], small["worker"], GROWTH_LIMIT, "MB"),
    ]


def workspace(programs, docs):
    """In a daemon that has done nothing else."""
    with programs.simulator(docs=docs) as address, \
            programs.daemon({"clickup": clickup(address)}) as daemon:
        time.sleep(SETTLED_SECONDS)
        start = resident(daemon.pid)
        with WorkerPeak(daemon) as worker:
            daemon.sync("clickup")
        time.sleep(SETTLED_SECONDS)
        return {"start": start, "daemon": peak(daemon.pid), "worker": worker.value,
                "idle": resident(daemon.pid)}
