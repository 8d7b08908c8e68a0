"""Measures the real binaries and prints one table.  See docs/benchmarks.md."""

import argparse
import os
import pathlib
import sys
import tempfile
import time
import traceback

from . import measures, table
from .programs import Programs


def parse():
    names = ", ".join(measures.ALL)
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of integrationd, libClickUp.so, …")
    parser.add_argument("--tools", required=True, help="folder of the C programs built here")
    parser.add_argument("only", nargs="*", metavar="NAME", help=f"some of: {names}")
    arguments = parser.parse_args()
    for name in arguments.only:
        if name not in measures.ALL:
            parser.error(f"there is no {name}; there are: {names}")
    return arguments


def main():
    arguments = parse()
    rows, failed = [], False
    for name in arguments.only or measures.ALL:
        started = time.monotonic()
        # Each has stores, daemons and simulators of its own.
        with tempfile.TemporaryDirectory(prefix="integrationd-bench-") as folder:
            programs = Programs(
                pathlib.Path(arguments.bin).resolve(), pathlib.Path(arguments.tools).resolve(),
                pathlib.Path(folder))
            try:
                rows += measures.ALL[name](programs)
            except Exception:  # one measurement that breaks must not hide the others
                traceback.print_exc()
                failed = True
        print(f"  {name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"\n{os.cpu_count()} cores\n")
    table.write(rows, sys.stdout)
    return 1 if failed else 0


sys.exit(main())
