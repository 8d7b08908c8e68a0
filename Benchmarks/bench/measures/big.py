"""Things that are big in one piece."""

from .. import table
from ..memory import WorkerPeak, peak
from ..programs import clickup, simulator_says

PAGE_BYTES = 2 << 20
PAGES = 1000


def measure(programs):
    pages = [{"name": f"Page {n}", "content": f"# Page {n}\n\n" + "Grüße, 世界. " * 120}
             for n in range(PAGES)]
    return [
        row(programs, "16 docs with a page of 2 MiB each", docs=16, pages_per_doc=1,
            page_bytes=PAGE_BYTES),
        row(programs, f"1 doc with {PAGES:,} pages of 2 kB", docs=0,
            more={"name": "Long", "content": "First.", "pages": pages[1:]}),
    ]


def row(programs, name, more=None, **options):
    with programs.simulator(**options) as address:
        if more:
            simulator_says(address, "POST", "docs", more)
        with programs.daemon({"clickup": clickup(address)}) as daemon:
            with WorkerPeak(daemon) as worker:
                outcome = daemon.sync("clickup")
            imported = outcome["data"]["result"]["breakdown"]["pages"]["imported"]
            return table.shown(
                name, f"{outcome['total_ms'] / 1000:.2f} s, {imported:,} pages; peak RSS: daemon "
                f"{peak(daemon.pid):.0f} MB, worker {worker.value:.0f} MB")
