"""A whole workspace, without comments: requests, time and CPU of daemon and worker."""

from .. import table
from ..programs import clickup, simulator_says

DOCS, PAGES_PER_DOC, TASKS, SPACES = 300, 8, 5000, 3
CORE = ["spaces", "folders", "lists", "tasks", "docs", "pages", "members"]
# Structure, tasks and docs; and what is archived: three listings, folders and lists of a space, the
# archived lists of 3 folders in each, and 3 lists that the workspace's listing of tasks leaves out.
LEAST = 2 + 2 * SPACES + TASKS // 100 + DOCS // 100 + DOCS
ARCHIVED = 3 + 2 * SPACES + 3 * SPACES + 2 * 3 * SPACES
CPU_LIMIT = 1.0


def measure(programs):
    size = {"docs": DOCS, "pages_per_doc": PAGES_PER_DOC, "page_bytes": 4000, "tasks": TASKS, "comments": 0}
    with programs.simulator(**size) as address:
        with programs.daemon({"clickup": clickup(address, collections=CORE)}) as daemon:
            simulator_says(address, "DELETE", "requests")
            before = daemon.cpu_seconds()
            first = daemon.sync("clickup", "workspace")["total_ms"] / 1000
            cpu = daemon.cpu_seconds() - before
            requests = simulator_says(address, "GET", "requests")["total"]
            simulator_says(address, "DELETE", "requests")
            again = daemon.sync("clickup", "workspace")["total_ms"] / 1000
            unchanged = simulator_says(address, "GET", "requests")["total"]
    return [
        table.limited(f"{DOCS} docs, {TASKS} tasks: CPU of worker and daemon", cpu, CPU_LIMIT, "s",
                      f" ({first:.2f} s in all)"),
        table.limited("the same: requests", requests, 1.05 * LEAST + ARCHIVED, ""),
        table.limited("nothing changed: requests", unchanged, 2 + 2 * SPACES + 1 + DOCS // 100 + 1 + ARCHIVED, "",
                      f" ({again:.2f} s)"),
    ]
