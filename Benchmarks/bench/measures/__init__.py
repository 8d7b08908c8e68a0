"""A file for each thing measured: a function from the programs to rows of the table."""

from . import big, fan_out, first_event, isolation, many_docs, memory, progress, upserts

ALL = {
    "first_event": first_event.measure,
    "fan_out": fan_out.measure,
    "isolation": isolation.measure,
    "many_docs": many_docs.measure,
    "memory": memory.measure,
    "big": big.measure,
    "upserts": upserts.measure,
    "progress": progress.measure,
}
