"""What a process of its own adds to a plugin's import, from connect() to the terminal event."""

from statistics import median

from .. import table
from ..programs import clickup

ROUNDS = 40
WARM_UP = 3
RUST = "libhello_rust.so"  # Examples/hello-rust, where there is a cargo
LIMIT_MS = 15
SMALL_LIMIT_MS = 3


def measure(programs):
    with programs.simulator(docs=1) as address:
        integrations = {
            "clickup": clickup(address), "c": ("counts.so", {"documents": 3, "progress": 3})}
        if (programs.tools / "plugins" / RUST).exists():
            integrations["rust"] = (RUST, {})
        with programs.daemon(integrations, "process") as process, \
                programs.daemon(integrations, "in-process") as inside:
            swift = medians(process, inside, "clickup")
            small = {name: medians(process, inside, name) for name in integrations if name != "clickup"}
    return [row("Swift plugin (ClickUp, 1 doc)", *swift, limit=LIMIT_MS)] + [
        row(f"{name} plugin, 3 documents", *times, limit=SMALL_LIMIT_MS) for name, times in small.items()]


def medians(process, inside, integration):
    times = {process: [], inside: []}
    for n in range(WARM_UP + ROUNDS):
        for daemon in times:
            time = daemon.sync(integration, f"round{n}")["total_ms"]
            if n >= WARM_UP:
                times[daemon].append(time)
    return median(times[process]), median(times[inside])


def row(name, process, inside, limit=None):
    name = f"isolation: process adds, {name}"
    note = f" ({process:.1f} − {inside:.1f}, medians of {ROUNDS})"
    if limit:
        return table.limited(name, process - inside, limit, "ms", note)
    return table.shown(name, f"{process - inside:.2g} ms{note}")
