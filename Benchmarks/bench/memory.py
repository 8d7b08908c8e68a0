"""Resident memory, from /proc, in MB of 1,000,000 bytes."""

import glob
import os
import threading
import time


def _field(pid, name):
    # A process whose main thread has ended, such as a worker, shows its memory at the others.
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status") as status:
            for line in status:
                if line.startswith(name + ":"):
                    return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def resident(pid):
    return _field(pid, "VmRSS")


def private(pid):
    """The part that is no file's: what the process itself has allocated."""
    return _field(pid, "RssAnon")


def peak(pid):
    return _field(pid, "VmHWM")


class WorkerPeak:
    """The highest peak of a daemon's workers, while the block lasts.

    The kernel keeps each one's peak; it only has to be read before the worker is gone, so what
    grows within the last few milliseconds of a life may be missed.
    """

    PERIOD = 0.005
    # 15 bytes, as the kernel cuts it.  Until exec, a child has its parent's name and memory.
    NAME = "integrationd-wo"

    def __init__(self, daemon):
        self.value = 0.0
        self._pid = daemon.pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, error, *_):
        self._ended.set()
        self._thread.join()
        if not self.value and not error:
            raise RuntimeError("no worker was seen")

    def _watch(self):
        while not self._ended.is_set():
            for path in glob.glob(f"/proc/{self._pid}/task/*/children"):
                try:
                    with open(path) as children:
                        for child in children.read().split():
                            self._look(child)
                except (FileNotFoundError, ProcessLookupError):
                    pass  # the thread or the child has just ended
            time.sleep(self.PERIOD)

    def _look(self, pid):
        with open(f"/proc/{pid}/comm") as name:
            if name.read().strip() == self.NAME:
                self.value = max(self.value, peak(pid))
