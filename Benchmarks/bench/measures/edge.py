"""Documents per second from a C plugin to the daemon's edge: decoded, hashed, and counted."""

import json
import re
import subprocess
from statistics import median

from .. import table

DOCUMENTS = 100_000
BYTES = 1000
ROUNDS = 3
LIMIT = 200_000


def measure(programs):
    settings = programs.path("settings")
    settings.write_text(json.dumps({"documents": DOCUMENTS, "bytes": BYTES, "progress": 10}))
    rate = median(DOCUMENTS / seconds(programs, settings) for _ in range(ROUNDS))
    return [table.shown(f"documents of {BYTES / 1000:.0f} kB to the daemon's edge",
                        f"{rate:,.0f} per second (wanted: {LIMIT:,}; median of {ROUNDS})")]


def seconds(programs, settings):
    """As the command itself says it, without its own start."""
    result = subprocess.run(
        [programs.bin / "integrationd", "plugin", "run", "--count", "--settings", settings,
         programs.tools / "plugins" / "counts.so"],
        stderr=subprocess.PIPE, check=True, text=True)
    return float(re.search(r"ok: \d+ documents in ([\d.]+) s", result.stderr)[1])
