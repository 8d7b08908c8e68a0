"""A file for each thing measured: a function from the programs to rows of the table."""

from . import (
    big, edge, fan_out, first_event, isolation, limits, many_docs, memory, page, progress, streams, upserts,
    workspace)

ALL = {
    "first_event": first_event.measure,
    "fan_out": fan_out.measure,
    "many_runs": fan_out.measure_many_runs,
    "idle": streams.measure_idle,
    "stalled": streams.measure_stalled,
    "resume": streams.measure_resume,
    "intake": streams.measure_intake,
    "isolation": isolation.measure,
    "many_docs": many_docs.measure,
    "workspace": workspace.measure,
    "limits": limits.measure,
    "memory": memory.measure,
    "big": big.measure,
    "upserts": upserts.measure,
    "edge": edge.measure,
    "progress": progress.measure,
    "page": page.measure,
}
