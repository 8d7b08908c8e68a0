"""One run, many readers: processor time per delivered event and lateness, beside nginx with nchan."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import time

from .. import table

READERS = 1000
EVENTS = 500
INTERVAL_SECONDS = 0.01
ROUNDS = 3
MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so"


def measure(programs):
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not nginx or not pathlib.Path(MODULE).exists():
        return [table.shown("fan-out", "the peer is missing: apt-get install nginx-light libnginx-mod-nchan")]
    ours, peers = [], []
    for _ in range(ROUNDS):
        ours.append(from_daemon(programs))
        peers.append(from_nchan(programs, nginx))
    return [
        row("CPU per delivered event", "cpu_us", ours, peers),
        row("latency, p50", "p50_us", ours, peers),
        row("latency, p99", "p99_us", ours, peers),
    ]


def row(name, key, ours, peers):
    own, peer = (statistics.median(one[key] for one in found) for found in (ours, peers))
    return table.compared(
        f"fan-out 1 × {READERS:,}, {name}, daemon : nchan", own, peer, 1.0, "µs",
        f" (medians of {ROUNDS}, {EVENTS} events each)")


def from_daemon(programs):
    gate = programs.path("gate")
    settings = {"gate": str(gate), "events": EVENTS, "interval_us": int(INTERVAL_SECONDS * 1e6)}
    with programs.daemon({"ticker": ("ticker.so", settings)}) as daemon:
        return watched(
            programs, daemon.address.rsplit(":", 1)[1], "/integrations/ticker/sync/stream", [daemon.pid],
            gate.touch)


def from_nchan(programs, nginx):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with nchan(programs, nginx, port) as pid:
        workers = [int(name) for name in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return watched(programs, port, "/sub", [pid, *workers], lambda: publish(port))


@contextlib.contextmanager
def nchan(programs, nginx, port):
    folder = programs.path("nchan")
    folder.mkdir()
    # Its worker, which is not root, writes there.
    folder.chmod(0o777)
    configuration = folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    configuration.write_text(f"""
        load_module {MODULE};
        daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
        events {{ worker_connections {READERS + 1000}; }}
        http {{ access_log off; {temporary}
          server {{ listen 127.0.0.1:{port} backlog=4096;
            location = /pub {{ nchan_publisher; nchan_channel_id bench; }}
            location = /sub {{ nchan_subscriber eventsource; nchan_channel_id bench; }} }} }}""")
    process = subprocess.Popen([nginx, "-e", f"{folder}/errors", "-c", configuration])
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def publish(port):
    """As the plugin does, at the same pace, with bodies of the same size."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    due = time.monotonic()
    for number in range(1, EVENTS + 1):
        connection.request("POST", "/pub", json.dumps({
            "step": "ticking", "message": f"t={time.monotonic_ns():019} and so on", "count": number,
            "total": EVENTS, "percent": 50.5, "etaSeconds": 12, "type": "progress",
            "runId": "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10", "seq": number}))
        connection.getresponse().read()
        due += INTERVAL_SECONDS
        time.sleep(max(0, due - time.monotonic()))


def watched(programs, port, path, pids, start):
    seconds = int(EVENTS * INTERVAL_SECONDS) + 3
    client = subprocess.Popen(
        [programs.tools / "fan_out_client", str(port), path, str(READERS), str(seconds)],
        stdout=subprocess.PIPE, text=True)
    if path != "/sub":
        # The daemon answers at once; nchan sends its heads with the first message.
        if client.stdout.readline().strip() != "ready":
            raise RuntimeError("the readers did not come through")
    else:
        time.sleep(1)
    before = sum(map(cpu_seconds, pids))
    start()
    output, _ = client.communicate(timeout=seconds + 30)
    used = sum(map(cpu_seconds, pids)) - before
    found = json.loads(output.splitlines()[-1])
    if found["events"] < READERS * EVENTS:
        raise RuntimeError(f"{path}: {found['events']:,} of {READERS * EVENTS:,} events arrived")
    return {**found, "cpu_us": used / found["events"] * 1e6}


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
