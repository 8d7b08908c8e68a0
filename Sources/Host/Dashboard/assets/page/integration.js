// One integration: its newest import or an earlier one, and what it has brought.

import { del, get, poll, post } from "./api.js";
import { announce, button, h, show, stateWord, trying } from "./dom.js";
import { date, facts, isActive, number, runState, trouble, until } from "./format.js";
import { activity, failedDocuments, history, logLines } from "./lists.js";
import { runPanel } from "./panel.js";
import { RunWatch } from "./watch.js";

const LIST_MS = 3000;
/** What comes together is shown together. */
const DRAW_MS = 20;

const ofRun = { activity: ["Activity", activity], failed: ["Failed documents", failedDocuments], log: ["Log", logLines] };
/** Much that is not needed to watch an import is loaded when it is. */
const documents = async (options) => (await import("./documents.js")).documents(options);
const tabs = { ...ofRun, history: ["Earlier imports", history], documents: ["Documents", documents] };

export function integrationView(name, path) {
    const address = `/integrations/${encodeURIComponent(name)}`;
    const tabPlace = h("div.tab", { id: "tab" });
    const element = h("div", h("p", h("a", { href: "#/" }, "‹ Integrations")), h("div.line", h("div.title", h("h1", { tabindex: -1 }, name))));

    let integration;
    let watch;
    let tab;
    let tabName;
    let tabKey;
    let drawing;
    let ticking;

    // ---- what there is

    const polling = poll(async () => {
        integration = await get(address);
        await choose();
        return LIST_MS;
    });

    const isEarlier = () => path[0] === "run";

    /** The run of the address, or the newest one. */
    async function choose() {
        const { lastRun } = integration;
        const id = isEarlier() ? path[1] : lastRun?.id;
        if (id !== undefined && watch?.run.id !== id) {
            const run = id === lastRun?.id ? lastRun : await get(`/runs/${encodeURIComponent(id)}`);
            watch?.close();
            watch = new RunWatch(run, () => (drawing ??= setTimeout(draw, DRAW_MS)));
        }
        await showTab();
        draw();
    }

    async function act(work) {
        await trying(work);
        polling.now();
    }

    const begin = (options) => act(async () => {
        integration.lastRun = await post(`${address}/sync`, options);
        if (isEarlier()) location.hash = `#/${name}`;
        else await choose();
    });

    // ---- what is shown

    function draw() {
        drawing = undefined;
        clearTimeout(ticking);
        const isBusy = watch?.isActive ?? false;
        // The watch knows earlier than the list that a run has ended.
        if (watch && !isBusy && watch.run.id === integration.lastRun?.id) integration.lastRun = watch.run;
        const { displayName, enabled, plugin, nextRun, lastRun } = integration;
        // What is to be said of the integration itself; the rest stands in the panel.
        const state = !isBusy && trouble(integration);
        const start = (text, options, look, about) => button(text, () => begin(options), look, { title: about, disabled: !enabled });
        show(
            element, h("p", h("a", { href: "#/" }, "‹ Integrations")),
            h("div.line", h("div.title", h("h1", { tabindex: -1 }, displayName), state && stateWord(state)),
                h("div.actions", isBusy
                    ? button("Cancel", () => act(() => post(`/runs/${watch.run.id}/cancel`)), "quiet", { id: "cancel", disabled: watch.status === "cancelling" })
                    : !isActive(lastRun) && [start("Import", {}), start("Full import", { full: true }, "quiet", "Also what has not changed")])),
            h("p.facts", facts(plugin && `${plugin.id} ${plugin.version}`, nextRun && enabled && `next import in ${until(nextRun)}, ${date(nextRun)}`)),
            troubleNote(integration),
            isEarlier() && watch && h("p", { id: "earlier" }, `The import of ${date(watch.run.createdAt)}. `, h("a", { href: `#/${name}` }, "Show the newest")),
            // Documents and history have the room, while nothing goes on.
            (isBusy || tabName in ofRun) && runPanel(integration, watch), tabList(), tabPlace);
        if (!watch) return;
        tab?.update?.(watch);
        speak(watch);
        // Seconds pass without events.
        if (isBusy && (watch.resumeAt || watch.setback)) ticking = setTimeout(draw, 1000);
    }

    function troubleNote({ quarantine, pluginError }) {
        if (!quarantine && !pluginError) return undefined;
        return h(
            "div.trouble", { id: "trouble" },
            pluginError && h("p", h("strong", "The plugin cannot be loaded. "), `${pluginError.message} ${pluginError.hint ?? ""}`),
            quarantine && h(
                "p", h("strong", quarantine.reason), ` Crashed ${number(quarantine.crashes)} times in a row; in quarantine since `,
                `${date(quarantine.since)}, next try ${date(quarantine.nextTry)}. `,
                button("Let it run again", () => act(() => del(`${address}/quarantine`)), "quiet")));
    }

    /** Steps and tens of percents are spoken; each event would never end. */
    function speak({ status, isActive: isBusy, progress, measured }) {
        const tens = Math.floor((measured?.percent ?? 0) / 10) * 10;
        announce(facts(runState(status)[0], isBusy && progress?.step.replaceAll("_", " "), isBusy && tens > 0 && `${tens} percent`));
    }

    // ---- tabs

    const theTabs = () => (isEarlier() ? ofRun : tabs);

    function tabList() {
        const prefix = isEarlier() ? `#/${name}/run/${path[1]}` : `#/${name}`;
        const failed = Math.max(watch?.failedDocuments ?? 0, watch?.run.counts.failed ?? 0);
        return h(
            "nav.tabs", { id: "tabs", "aria-label": "Of this integration" }, Object.entries(theTabs()).map(([each, [text]]) => h(
                "a", { href: `${prefix}/${each}`, "aria-current": each === tabName && "page" },
                each === "failed" && failed > 0 ? `${text} (${number(failed)})` : text)));
    }

    /** `documents/<id>` is the tab `documents` with something to show. */
    async function showTab() {
        const [wanted, ...more] = isEarlier() ? path.slice(2) : path;
        tabName = wanted in theTabs() ? wanted : "activity";
        const isOfRun = tabName in ofRun;
        const key = [isEarlier() && path[1], tabName, isOfRun && watch?.run.id].join();
        if (key === tabKey) return tab?.show?.(more);
        tabKey = key;
        tab?.close?.();
        const made = isOfRun && !watch ? { element: h("p.empty", { id: "none" }, "Nothing has been imported yet.") }
            : await tabs[tabName][1]({ name, integration, watch });
        if (key !== tabKey) return made.close?.();
        tab = made;
        tabPlace.replaceChildren(tab.element);
        tab.show?.(more);
    }

    return {
        element, name,
        show(next) {
            path = next;
            if (integration) trying(choose);
        },
        close() {
            polling.stop();
            watch?.close();
            tab?.close?.();
            clearTimeout(drawing);
            clearTimeout(ticking);
        },
    };
}
