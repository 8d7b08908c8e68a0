"""One row for each thing measured."""

import dataclasses


@dataclasses.dataclass
class Row:
    name: str
    measured: str
    limit: str = "–"
    ratio: str = "–"
    verdict: str = "–"


def limited(name, value, limit, unit, note=""):
    """A value that should not exceed its limit."""
    return Row(name, f"{number(value)} {unit}{note}", f"{number(limit)} {unit}",
               f"{value / limit:.2f}", "ok" if value <= limit else "not")


def at_least(name, value, limit, unit, note=""):
    """A value that should reach its limit."""
    return Row(name, f"{number(value)} {unit}{note}", f"≥ {number(limit)} {unit}",
               f"{value / limit:.2f}", "ok" if value >= limit else "not")


def compared(name, value, floor, limit, unit, note=""):
    """A value that should not exceed `limit` times another one of the same run."""
    ratio = value / floor
    return Row(name, f"{number(value)} : {number(floor)} {unit}{note}", f"{limit:.2f} ×",
               f"{ratio:.2f}", "ok" if ratio <= limit else "not")


def shown(name, text, ratio=None):
    """For information."""
    return Row(name, text, ratio="–" if ratio is None else f"{ratio:.2f}")


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def write(rows, file):
    head = Row("name", "measured", "limit", "ratio", "ok?")
    lines = [dataclasses.astuple(row) for row in [head, *rows]]
    widths = [max(len(cell) for cell in column) for column in zip(*lines)]
    for index, cells in enumerate(lines):
        padded = (cell.ljust(width) for cell, width in zip(cells, widths))
        print("| " + " | ".join(padded) + " |", file=file)
        if index == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|", file=file)
