"""Documents per second from a C plugin through the worker into SQLite, against a bare loop."""

from statistics import median

from .. import table

SIZES = {1000: 20_000, 4000: 10_000}  # bytes of content: documents
ROUNDS = 3


def measure(programs):
    return [row(programs, bytes, documents) for bytes, documents in SIZES.items()]


def row(programs, bytes, documents):
    imports, floors = [], []
    for _ in range(ROUNDS):
        settings = {"documents": documents, "bytes": bytes, "progress": 10}
        with programs.daemon({"counts": ("counts.so", settings)}) as daemon:
            imports.append(documents / daemon.sync("counts")["total_ms"] * 1000)
            store = daemon.store
        floors.append(
            documents / programs.run("store_floor", store, programs.path("floor"))["seconds"])
    ours, floor = median(imports), median(floors)
    return table.shown(f"upserts of {bytes / 1000:.0f} kB : bare sqlite3",
                       f"{ours:,.0f} : {floor:,.0f} per second", ours / floor)
