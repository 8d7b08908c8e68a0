"""The page in a real browser: when it is painted, what it weighs, and what watching an import costs."""

import statistics
import time

from .. import table
from ..browser import browser

OPENINGS = 15
EVENTS_PER_SECOND = 100
# Of which those at the beginning and at the end are not measured.
SECONDS = 14
MARGIN_SECONDS = 2


def measure(programs):
    gate = programs.path("gate")
    settings = {"gate": str(gate), "events": SECONDS * EVENTS_PER_SECOND,
                "interval_us": 1_000_000 // EVENTS_PER_SECOND}
    with programs.daemon({"ticker": ("ticker.so", settings)}) as daemon, \
            browser(programs.path("profile")) as chromium:
        if chromium is None:
            return [table.shown("page", "the browser is missing: apt-get install chromium")]
        return [*opened(chromium, daemon), *watched(chromium, daemon, gate)]


def opened(chromium, daemon):
    """Each time in a new tab, with nothing in the browser's cache."""
    paints = []
    for _ in range(OPENINGS):
        tab = chromium.tab()
        tab.send("Network.enable")
        tab.send("Network.setCacheDisabled", cacheDisabled=True)
        tab.open(daemon.address + "/")
        tab.wait("document.querySelector('.card')")
        paints.append(tab.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
            " ?? new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))"
            ".observe({ type: 'paint', buffered: true }))"))
        tab.close()
    return [table.limited("page, first contentful paint, empty cache", statistics.median(paints), 200, "ms",
                          f" (median of {OPENINGS}; longest {max(paints):.0f})")]


def watched(chromium, daemon, gate):
    tab = chromium.tab()
    tab.open(daemon.address + "/#/ticker")
    tab.wait("[...document.querySelectorAll('button')].some((each) => each.innerText === 'Import' && !each.hidden)")
    tab.evaluate("[...document.querySelectorAll('button')].find((each) => each.innerText === 'Import').click()")
    tab.wait("document.querySelector('.panel .state')?.innerText === 'Running'")
    tab.evaluate("globalThis.shift = 0; new PerformanceObserver((list) =>"
                 " list.getEntries().forEach(({ value }) => (shift += value))).observe({ type: 'layout-shift' })")
    time.sleep(MARGIN_SECONDS)
    idle = share(chromium, SECONDS - 2 * MARGIN_SECONDS)
    gate.touch()
    tab.wait("document.querySelector('.percent').innerText !== ''")
    time.sleep(MARGIN_SECONDS)
    busy = share(chromium, SECONDS - 2 * MARGIN_SECONDS)
    tab.wait("document.querySelector('.panel .state').innerText === 'Succeeded'")
    weight = tab.evaluate(
        "performance.getEntries().filter(({ name }) => /^http.*(\\/|\\.js|\\.css|\\.svg)(#.*)?$/.test(name))"
        ".reduce((sum, { decodedBodySize = 0 }) => sum + decodedBodySize, 0)")
    return [
        table.limited("page, weight until an import has been watched", weight / 1000, 60, "kB"),
        table.limited(f"page, {EVENTS_PER_SECOND} events/s, the tab's process", busy["renderer"] * 100, 5, "%",
                      f" of a core (idle {idle['renderer'] * 100:.1f})"),
        table.shown(f"page, {EVENTS_PER_SECOND} events/s, all processes of the browser",
                    f"{sum(busy.values()) * 100:.1f} % of a core (idle {sum(idle.values()) * 100:.1f})"),
        table.shown("page, layout shift while an import goes on (0 is wanted)", f"{tab.evaluate('shift'):.3f}"),
    ]


def share(chromium, seconds):
    """Of a core, by kind of process."""
    def used():
        kinds = {}
        for process in chromium.send("SystemInfo.getProcessInfo")["processInfo"]:
            kinds[process["type"]] = kinds.get(process["type"], 0) + process["cpuTime"]
        return kinds
    before = used()
    time.sleep(seconds)
    after = used()
    return {kind: (after[kind] - before.get(kind, 0)) / seconds for kind in after}
