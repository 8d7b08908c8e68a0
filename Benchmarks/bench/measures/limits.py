"""ClickUp's rate limit: how long an import takes when it binds, how much of it is used, what is refused, and how
well the time that is left is foretold."""

import json
import math
import statistics
import time
import urllib.request

from .. import table
from ..programs import TOKEN, WORKSPACE, clickup, simulator_says
from .workspace import CORE

# The simulated windows are shorter than ClickUp's minute: limit, window in seconds, docs.
CASES = [(100, 10, 440), (1000, 10, 2300), (10_000, 20, 10_400)]
LATENCY, IN_FLIGHT = 0.05, 16
LIMIT = 1.15
USE_LIMIT = 95
ETA_LIMIT = 15
# Seconds are told whole: of less, rounding alone is more than the limit.
LEAST_LEFT = 5


def measure(programs):
    rows = []
    for limit, window, docs in CASES:
        with programs.simulator(docs=docs, pages_per_doc=1, rate_limit=limit, latency=f"{LATENCY * 1000:.0f}ms") \
                as address, programs.daemon({"clickup": clickup(address)}) as daemon:
            simulator_says(address, "POST", "options", {"window": f"{window}s"})
            events = follow(daemon, "clickup")
            requests = simulator_says(address, "GET", "requests")
        rows += case(limit, window, docs, requests, events)
    return rows + foretold(programs) + [many_tasks(programs)]


def foretold(programs):
    """The time left where other things are asked for beside the docs, and where nobody knows what a unit takes:
    comments of a task have replies or not."""
    rows, limit = [], 100
    for window, docs, tasks, collections, step, end in (
            (20, 400, 2000, CORE, "storing_doc", "docs_complete"),
            (15, 40, 250, CORE + ["comments", "attachments"], "storing_comments", "comments_complete")):
        with programs.simulator(docs=docs, tasks=tasks, rate_limit=limit, latency=f"{LATENCY * 1000:.0f}ms") \
                as address, programs.daemon({"clickup": clickup(address, collections=collections)}) as daemon:
            simulator_says(address, "POST", "options", {"window": f"{window}s"})
            events = follow(daemon, "clickup")
        errors, silent = eta_errors(events, step, end)
        far = sum(100 * error > ETA_LIMIT for error in errors)
        rows.append(table.limited(
            f"{limit} requests per {window} s, {docs} docs and {tasks:,} tasks: {step}, median error of the time left",
            100 * statistics.median(errors), ETA_LIMIT, "%",
            f" (greatest {100 * max(errors):.0f} %; {far} of {len(errors)} over {ETA_LIMIT} %, {silent} said nothing)"))
    return rows


def many_tasks(programs):
    """No limit binds; each page of the listing of tasks comes after the one before."""
    tasks = 5000
    with programs.simulator(tasks=tasks, docs=10, latency=f"{LATENCY * 1000:.0f}ms") as address, \
            programs.daemon({"clickup": clickup(address, collections=CORE)}) as daemon:
        latency = seconds_of_page(address)
        simulator_says(address, "DELETE", "requests")
        events = follow(daemon, "clickup")
        paths = [one["path"] for one in simulator_says(address, "GET", "requests")["items"]]
    pages = sum(path.split("?")[0].endswith(f"/team/{WORKSPACE}/task") for path in paths)
    # Before the tasks: the token, the workspace, spaces, folders, lists.
    least = (5 + pages) * latency + len(paths) * latency / IN_FLIGHT
    return table.compared(
        f"{tasks:,} tasks, {pages} pages one after the other, {latency * 1000:.0f} ms each: time : the least there is",
        events[-1][0], least, LIMIT, "s")


def seconds_of_page(address):
    """What a page of tasks takes the simulator, its latency included."""
    request = urllib.request.Request(
        f"{address}/api/v2/team/{WORKSPACE}/task?page=0&include_closed=true&subtasks=true",
        headers={"Authorization": TOKEN})

    def seconds():
        start = time.monotonic()
        with urllib.request.urlopen(request) as answer:
            answer.read()
        return time.monotonic() - start
    return statistics.median(seconds() for _ in range(9))


def case(limit, window, docs, requests, events):
    count = requests["total"]
    listings = (2 + math.ceil(docs / 100) + 1) * LATENCY
    least = max(listings + count * LATENCY / IN_FLIGHT, (math.ceil(count / limit) - 1) * window)
    name = f"{limit:,} requests per {window} s, {count:,} requests"
    rows = [table.compared(f"{name}: time : the least there is", events[-1][0], least, LIMIT, "s")]
    refused = sum(one["status"] == 429 for one in requests["items"])
    if count <= len(requests["items"]) and count > 2 * limit:
        full = windows(requests["items"], window)[:-1]
        used = 100 * min(full) / limit
        rows.append(table.at_least(f"{name}: used of each window", used, USE_LIMIT, "%", f" ({refused} × 429)"))
    if count > 4 * limit:
        error = 100 * max(eta_errors(events)[0])
        rows.append(table.limited(f"{name}: error of the time left, after 20 %", error, ETA_LIMIT, "%"))
    return rows


def windows(items, window):
    """Requests in each, as the simulator counts: it opens with the first request in it."""
    found, start = [], -math.inf
    for at in sorted(one["at"] for one in items):
        if at >= start + window * 1000:
            start = at
            found.append(0)
        found[-1] += 1
    return found


def follow(daemon, integration):
    """[(seconds since the start, event)], to the end of one import."""
    started, events = time.monotonic(), []
    with urllib.request.urlopen(f"{daemon.address}/integrations/{integration}/sync/stream") as stream:
        for line in stream:
            if line.startswith(b"data:"):
                events.append((time.monotonic() - started, json.loads(line[5:])))
    if events[-1][1].get("status") != "succeeded":
        raise RuntimeError(f"the import did not succeed: {events[-1][1]}")
    return events


def eta_errors(events, step=None, end=None):
    """Of what was said after a fifth of the work: by how much it was wrong, as a share of what was really left until
    the step `end`; and how often nothing was said."""
    last = next((at for at, event in reversed(events) if event.get("step") == end), events[-1][0])
    errors, silent = [], 0
    for at, event in events:
        left = last - at
        if step not in (None, event.get("step")) or left < LEAST_LEFT:
            continue
        if event.get("total") and event["count"] >= event["total"] / 5:
            if "etaSeconds" in event:
                errors.append(abs(event["etaSeconds"] - left) / left)
            else:
                silent += 1
    if not errors:
        raise RuntimeError("nothing foretold the time left")
    return errors, silent
