"""Many readers of streams, by `clients/fan_out_client.c`, and what a server pays for them."""

import json
import os
import pathlib
import subprocess
import time


class Readers:
    """Opens streams; `ready()` waits until each has its head, `end()` for what they have seen."""

    def __init__(self, programs, port, path, count, seconds, header="", stalled=0, until=None):
        command = [programs.tools / "fan_out_client", port, path, count, seconds,
                   "--header", header, "--stalled", stalled]
        if until is not None:
            command += ["--until", until]
        self._seconds = seconds
        self._process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)

    def ready(self):
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError("the readers did not come through")
        return self

    def end(self, expected=0):
        """{readers, events, p50_us, p99_us, seconds}; fails when fewer events than that came."""
        output, _ = self._process.communicate(timeout=self._seconds + 60)
        found = json.loads(output.splitlines()[-1])
        if found["events"] < expected:
            raise RuntimeError(f"{found['events']:,} of {expected:,} events arrived")
        return found


def port_of(daemon):
    return daemon.address.rsplit(":", 1)[1]


def cpu_seconds(*pids):
    return sum(map(_cpu_seconds, pids))


def _cpu_seconds(pid):
    fields = (pathlib.Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share_of_a_core(pid, seconds):
    """Of the next so many seconds."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds
