"""Debian's Chromium without a window, driven over the DevTools protocol by a pair of pipes."""

import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import time

PATIENCE_SECONDS = 30


@contextlib.contextmanager
def browser(folder):
    """Yields a Browser with a profile of its own in the folder; None where there is no Chromium."""
    program = shutil.which("chromium")
    if not program:
        yield None
        return
    to_browser, from_browser = os.pipe(), os.pipe()
    # It reads from 3 and writes to 4.
    command = ["bash", "-c", 'exec "$@" 3<&%d 4>&%d' % (to_browser[0], from_browser[1]), "bash",
               program, "--headless", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run",
               "--disable-background-networking", f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, pass_fds=(to_browser[0], from_browser[1]),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(to_browser[0])
    os.close(from_browser[1])
    try:
        yield Browser(process, to_browser[1], from_browser[0])
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)
        os.close(to_browser[1])
        os.close(from_browser[0])


class Browser:
    def __init__(self, process, output, input):
        self.pid = process.pid
        self._output, self._input, self._pending = output, input, b""
        self._numbers = itertools.count(1)

    def send(self, method, session=None, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") != number:
                continue  # what the browser tells without being asked
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return answer["result"]

    def _receive(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self._pending:
            ready, _, _ = select.select([self._input], [], [], max(0, deadline - time.monotonic()))
            part = os.read(self._input, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError("the browser says nothing")
            self._pending += part
        message, self._pending = self._pending.split(b"\0", 1)
        return json.loads(message)

    def tab(self, width=1200, height=900):
        target = self.send("Target.createTarget", url="about:blank")
        session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab = Tab(self, session["sessionId"], target["targetId"])
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        return tab


class Tab:
    def __init__(self, browser, session, target):
        self._browser, self._session, self._target = browser, session, target
        self.send("Page.enable")

    def send(self, method, **parameters):
        return self._browser.send(method, self._session, **parameters)

    def close(self):
        self._browser.send("Target.closeTarget", targetId=self._target)

    def open(self, address):
        self.send("Page.navigate", url=address)

    def evaluate(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:2000])
        return result["result"].get("value")

    def wait(self, expression, seconds=PATIENCE_SECONDS):
        deadline = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"never: {expression}")
            time.sleep(0.05)
