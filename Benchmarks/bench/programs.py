"""The programs under test, on free ports, with stores in a temporary folder."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import select
import subprocess
import urllib.request

TOKEN = "pk_bench"
WORKSPACE = 9001234
# How long a program may take until it listens, and to end.
PATIENCE_SECONDS = 30


class Programs:
    def __init__(self, bin, tools, folder):
        self.bin, self.tools, self.folder = bin, tools, folder
        self._numbers = itertools.count(1)

    def path(self, name):
        return self.folder / f"{name}-{next(self._numbers)}"

    def run(self, tool, *arguments):
        """What a tool of this folder prints, a JSON object."""
        result = subprocess.run(
            [self.tools / tool, *map(str, arguments)], stdout=subprocess.PIPE, check=True)
        return json.loads(result.stdout)

    @contextlib.contextmanager
    def simulator(self, **options):
        """A ClickUp without a rate limit; yields its address."""
        options = {"port": 0, "token": TOKEN, "workspace": WORKSPACE,
                   "rate_limit": 1_000_000_000, **options}
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        with self._listening(self.bin / "clickup-simulator", *flags) as (_, address):
            yield address

    @contextlib.contextmanager
    def daemon(self, integrations, isolation="process", runs=None, server=None):
        """A daemon with these integrations: {name: (plugin, settings)}; `runs` and `server` as in the YAML."""
        folder = self.path("daemon")
        folder.mkdir(mode=0o700)
        configuration = folder / "integrations.yaml"
        # YAML is a superset of JSON.
        configuration.write_text(json.dumps({
            "server": {"listen": "127.0.0.1:0", **(server or {})},
            "runs": runs or {"max_concurrent": 4},
            "store": {"sqlite": "store.db"},
            "plugins": {"directories": [str(self.bin), str(self.tools / "plugins")],
                        "isolation": isolation},
            "integrations": {name: {"plugin": plugin, "settings": settings}
                             for name, (plugin, settings) in integrations.items()},
        }))
        with self._listening(self.bin / "integrationd", "serve", "--config",
                             configuration) as (process, address):
            yield Daemon(self, process, address, folder / "store.db")

    @contextlib.contextmanager
    def _listening(self, *command):
        """Starts a program that says where it listens, and ends it with SIGTERM."""
        with open(self.path("log"), "w+") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                ready, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
                line = process.stdout.readline() if ready else ""
                address = re.search(r"http://127\.0\.0\.1:\d+", line)
                if not address:
                    log.seek(0)
                    raise RuntimeError(f"{command[0].name} does not listen: {line}{log.read()}")
                yield process, address.group()
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE_SECONDS)


class Daemon:
    def __init__(self, programs, process, address, store):
        self.pid, self.address, self.store = process.pid, address, store
        self._programs = programs

    def sync(self, integration, project="default"):
        """One import, streamed to its end.  Another project imports afresh."""
        path = f"/integrations/{integration}/sync/stream"
        outcome = self._programs.run(
            "stream_client", self.address.rsplit(":", 1)[1], path, f"X-Project-ID: {project}",
            "X-Org-ID: bench")
        if outcome["event"] != "complete" or outcome["data"]["result"]["totalFailed"] > 0:
            raise RuntimeError(f"the import of {integration} did not succeed: {outcome['data']}")
        return outcome

    def cpu_seconds(self):
        """What the daemon has used, and its workers that have ended."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def documents(self, project="default"):
        """All that are stored."""
        items, after = [], None
        while True:
            page = self.get("/documents?limit=1000" + (f"&after={after}" if after else ""), project)
            items += page["items"]
            after = page.get("next")
            if not after:
                return items

    def get(self, path, project="default"):
        request = urllib.request.Request(
            self.address + path, headers={"X-Org-ID": "bench", "X-Project-ID": project})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def clickup(address, **settings):
    """An integration of the ClickUp plugin, of docs unless the settings say otherwise."""
    return "libClickUp.so", {
        "workspace_id": str(WORKSPACE), "api_token": TOKEN, "base_url": address,
        "collections": ["spaces", "docs", "pages"], **settings}


def simulator_says(address, method, path, body=None):
    """The simulator's control API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{address}/_simulator/{path}", data=data, method=method,
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None
