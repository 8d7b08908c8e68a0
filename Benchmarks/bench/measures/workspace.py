"""A whole workspace: CPU of daemon and worker beside a bare curl program, requests against the formula in the
plugin's README, the worker's memory, and that nothing is lost when answers fail."""

from statistics import median

from .. import table
from ..memory import WorkerPeak
from ..programs import TOKEN, WORKSPACE, clickup, simulator_says

DOCS, TASKS, SPACES = 300, 5000, 3
SIZE = {"docs": DOCS, "pages_per_doc": 8, "page_bytes": 4000, "tasks": TASKS, "task_bytes": 400}
CORE = ["spaces", "folders", "lists", "tasks", "docs", "pages", "members"]
REMARKS = ["comments", "attachments"]
# Structure, tasks and docs; and what is archived: three listings, folders and lists of a space, the
# archived lists of 3 folders in each, and 3 lists that the workspace's listing of tasks leaves out.
LEAST = 2 + 2 * SPACES + TASKS // 100 + DOCS // 100 + DOCS
ARCHIVED = 3 + 2 * SPACES + 3 * SPACES + 2 * 3 * SPACES
CPU_LIMIT = 1.0
IN_FLIGHT = 16
ROUNDS = 5
# Docs and tasks of the workspaces whose imports' memory is compared.
SMALL, LARGE = (100, 1000), (1500, 15_000)
GROWTH_LIMIT = 1.3
FAULTS = [{"times": "always", "percent": 5, "status": 500}, {"times": "always", "percent": 2, "action": "reset"}]


def measure(programs):
    return core(programs) + comments(programs) + [worker(programs), faults(programs)]


def counted(address, action):
    """The result, and how many requests the simulator saw."""
    simulator_says(address, "DELETE", "requests")
    return action(), simulator_says(address, "GET", "requests")["total"]


def core(programs):
    with programs.simulator(comments=0, **SIZE) as address, \
            programs.daemon({"clickup": clickup(address, collections=CORE)}) as daemon:
        times, cpu, floors = [], [], []
        paths = programs.path("paths")
        for number in range(ROUNDS):
            before = daemon.cpu_seconds()
            outcome, requests = counted(address, lambda: daemon.sync("clickup", f"round{number}"))
            cpu.append(daemon.cpu_seconds() - before)
            times.append(outcome["total_ms"] / 1000)
            if number == 0:
                asked = simulator_says(address, "GET", "requests")["items"]
                # The floor ends at what is refused, such as the list that nobody can see.
                paths.write_text("".join(
                    f"{one['path']}?{one['query']}\n" for one in asked if one["status"] == 200))
            floors.append(programs.run("clickup_floor", address, WORKSPACE, TOKEN, IN_FLIGHT, paths))
        again, unchanged = counted(address, lambda: daemon.sync("clickup", "round0")["total_ms"] / 1000)
    floor = median(one["cpu"] for one in floors)
    what = f"{DOCS} docs, {TASKS:,} tasks, {floors[0]['bytes'] / 1e6:.0f} MB of answers"
    return [
        table.limited(f"{what}: CPU of worker, daemon, store", median(cpu), CPU_LIMIT, "s",
                      f" (median of {ROUNDS}; {median(times):.2f} s in all; bare curl {floor:.2f} s)"),
        table.limited("the same: requests", requests, 1.05 * LEAST + ARCHIVED, ""),
        table.limited("nothing changed: requests", unchanged, 2 + 2 * SPACES + 1 + DOCS // 100 + 1 + ARCHIVED, "",
                      f" ({again:.2f} s)"),
    ]


def comments(programs):
    with programs.simulator(comments=2, **SIZE) as address, \
            programs.daemon({"clickup": clickup(address, collections=CORE + REMARKS)}) as daemon:
        least = 1.02 * (1.05 * LEAST + ARCHIVED) + least_of_remarks(truth(address))
        seconds, requests = counted(address, lambda: daemon.sync("clickup", "remarks")["total_ms"] / 1000)
    return [table.limited("the same with comments and attachments: requests", requests, least, "",
                          f" ({seconds:.1f} s)")]


def truth(address):
    return simulator_says(address, "GET", "truth")["items"]


def least_of_remarks(items):
    """For each task one request for its attachments; for each task and list one for each 25 comments and what
    follows them, which tells that there are no more; one for each comment that has replies."""
    below = {}
    for item in items:
        if item["collection"] == "comments":
            below[item["parent"]] = below.get(item["parent"], 0) + 1
    tasks = [f"tasks/{item['id']}" for item in items if item["collection"] == "tasks"]
    answered = sum(parent.startswith("comments/") for parent in below)
    lists = [f"lists/{item['id']}" for item in items if item["collection"] == "lists"]
    return len(tasks) + sum(below.get(one, 0) // 25 + 1 for one in tasks + lists) + answered


def worker(programs):
    peaks = []
    for docs, tasks in (SMALL, LARGE):
        with programs.simulator(docs=docs, tasks=tasks, comments=1) as address, \
                programs.daemon({"clickup": clickup(address, collections=CORE + ["comments"])}) as daemon, \
                WorkerPeak(daemon) as peak:
            daemon.sync("clickup")
        peaks.append(peak.value)
    return table.compared(
        f"worker's peak RSS, {LARGE[0]:,} docs and {LARGE[1]:,} tasks : {SMALL[0]} and {SMALL[1]:,}, with comments",
        peaks[1], peaks[0], GROWTH_LIMIT, "MB")


def faults(programs):
    with programs.simulator(docs=100, tasks=1000, comments=2) as address, \
            programs.daemon({"clickup": clickup(address, collections=CORE + REMARKS)}) as daemon:
        simulator_says(address, "POST", "faults", FAULTS)
        seconds, requests = counted(address, lambda: daemon.sync("clickup")["total_ms"] / 1000)
        there = {(item["collection"], item["id"]) for item in truth(address)}
        stored = {(item["collection"], item["externalId"]) for item in daemon.documents()}
    return table.at_least("5 % 500s and 2 % resets: documents stored, of those there are",
                          len(there) - len(there ^ stored), len(there), "",
                          f" ({requests:,} requests, {seconds:.1f} s)")
