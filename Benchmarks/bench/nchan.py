"""The peer: nginx with nchan (Debian: nginx-light libnginx-mod-nchan)."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

from . import table

_MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so"


def find():
    """The path of nginx; None where it or the module is missing."""
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    return nginx if nginx and pathlib.Path(_MODULE).exists() else None


def missing(name):
    return table.shown(name, "the peer is missing: apt-get install nginx-light libnginx-mod-nchan")


@contextlib.contextmanager
def serving(programs, nginx):
    """Yields its port and the ids of its processes; channels are named by the path's last part."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = programs.path("nchan")
    folder.mkdir()
    # Its worker, which is not root, writes there.
    folder.chmod(0o777)
    configuration = folder / "nginx.conf"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    configuration.write_text(f"""
        load_module {_MODULE};
        daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
        events {{ worker_connections 4000; }}
        http {{ access_log off; keepalive_requests 1000000; {temporary}
          server {{ listen 127.0.0.1:{port} backlog=4096;
            location ~ ^/pub/(\\d+)$ {{ nchan_publisher; nchan_channel_id $1; }}
            location ~ ^/sub/(\\d+)$ {{ nchan_subscriber eventsource; nchan_channel_id $1; }} }} }}""")
    process = subprocess.Popen([nginx, "-e", f"{folder}/errors", "-c", configuration])
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        yield port, [process.pid, *map(int, children.split())]
    finally:
        process.terminate()
        process.wait(timeout=30)


def publish(port, channels, events, interval_seconds):
    """As the plugins do: `events` bodies of the same size into each channel, one every interval, the channels
    one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    due = time.monotonic()
    for number in range(1, events + 1):
        for channel in range(channels):
            time.sleep(max(0, due - time.monotonic()))
            due += interval_seconds / channels
            connection.request("POST", f"/pub/{channel}", json.dumps({
                "step": "ticking", "message": f"t={time.monotonic_ns():019} {'.' * 10}", "count": number,
                "total": events, "percent": 50.5, "etaSeconds": 12, "type": "progress",
                "runId": "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10", "seq": number}))
            connection.getresponse().read()
