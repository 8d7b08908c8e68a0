"""From connect() to the first `data:` line of a stream that starts an import."""

import threading

from .. import table
from ..programs import clickup

STARTS = 150
LIMIT_MS = 50


def measure(programs):
    with programs.simulator(docs=1) as address, programs.daemon({
        "clickup": clickup(address),
        "busy": ("counts.so", {"documents": 20_000, "bytes": 1000, "progress": 20_000}),
    }) as daemon:
        quiet = starts(daemon, "quiet")
        with Importing(daemon):
            busy = starts(daemon, "busy")
    return rows("first event", quiet) + rows("first event, another import running", busy)


def starts(daemon, project):
    return sorted(daemon.sync("clickup", f"{project}{n}")["first_ms"] for n in range(STARTS))


def rows(name, times):
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    return [table.limited(f"{name}, p50 of {len(times)}", p50, LIMIT_MS, "ms"),
            table.limited(f"{name}, p99", p99, LIMIT_MS, "ms")]


class Importing:
    """Imports that write as fast as they can, one after the other, while the block lasts."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._ended = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        number = 0
        try:
            while not self._ended.is_set():
                number += 1
                self._daemon.sync("busy", f"load{number}")
        except Exception as error:
            self._error = error

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        if self._error:
            raise self._error
