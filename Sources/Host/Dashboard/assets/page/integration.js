// One integration: its newest import or an earlier one, and what it has brought.

import { del, get, poll, post } from "./api.js";
import { activity } from "./activity.js";
import { announce, button, h, notice, setHidden, setText } from "./dom.js";
import { date, integrationState, isActive, number, runState, secondsUntil, span } from "./format.js";
import { failedDocuments, history, logLines } from "./lists.js";
import { runPanel, stateWord } from "./panel.js";
import { RunWatch } from "./watch.js";

const LIST_MS = 3000;
/** What comes together is shown together. */
const DRAW_MS = 20;

const ofRun = { activity: ["Activity", activity], failed: ["Failed documents", failedDocuments], log: ["Log", logLines] };
const ofIntegration = { history: ["Earlier imports", history], documents: ["Documents"] };
const tabs = { ...ofRun, ...ofIntegration };

export function integrationView(name, firstPath, connection) {
    const address = `/integrations/${encodeURIComponent(name)}`;
    const title = h("h1", { tabindex: -1 }, name);
    const state = stateWord();
    const facts = h("p.facts");
    const message = notice();
    const trouble = h("div.trouble", { hidden: true });
    const start = button("Import", () => begin({}));
    const full = button("Full import", () => begin({ full: true }), "quiet", "Reads everything again, also what has not changed");
    const cancel = button("Cancel", () => act(() => post(`/runs/${watch.run.id}/cancel`)), "quiet");
    // Until it is known what there is.
    for (const each of [start, full, cancel, state.element]) each.hidden = true;
    const earlier = h("p", { hidden: true });
    const place = h("div.place");
    const tabList = h("nav.tabs", { "aria-label": "Of this integration" });
    const tabPlace = h("div.tab");
    const element = h(
        "div", {}, h("p", {}, h("a", { href: "#/" }, "‹ Integrations")),
        h("div.line", {}, h("div.title", {}, title, state.element), h("div.actions", {}, start, full, cancel)), facts,
        message.element, trouble, earlier, place, tabList, tabPlace);

    let integration;
    let watch;
    let panel;
    let tab;
    let tabName;
    let tabKey;
    let path = firstPath;
    let drawing;
    let ticking;
    let said;

    // ---- what there is

    const polling = poll(async () => {
        try {
            integration = await get(address);
            connection.isThere();
            if (panel === undefined) {
                panel = runPanel(integration);
                place.append(panel.element);
            }
            await choose();
        } catch (error) {
            connection.failed(error, message);
        }
        return LIST_MS;
    });

    const isEarlier = () => path[0] === "run";

    /** The run of the address, or the newest one. */
    async function choose() {
        const id = isEarlier() ? path[1] : integration.lastRun?.id;
        if (id !== undefined && watch?.run.id !== id) {
            observe(id === integration.lastRun?.id ? integration.lastRun : await get(`/runs/${encodeURIComponent(id)}`));
        }
        await showTab();
        draw();
    }

    function observe(run) {
        watch?.close();
        said = undefined;
        panel.clear();
        watch = new RunWatch(run, () => (drawing ??= setTimeout(draw, DRAW_MS)));
    }

    async function act(work) {
        await message.trying(work);
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
        const isBusy = watch?.isActive ?? false;
        // The watch knows earlier than the list that a run has ended.
        if (watch && !isBusy && watch.run.id === integration.lastRun?.id) integration.lastRun = watch.run;
        setText(title, integration.displayName);
        // What is to be said of the integration itself; the rest stands in the panel.
        setHidden(state.element, isBusy || (integration.enabled && !integration.quarantine && !integration.pluginError));
        state.update(integrationState(integration));
        setText(facts, factsOf(integration));
        drawTrouble();
        const mayStart = !isActive(integration.lastRun);
        for (const each of [start, full]) {
            setHidden(each, !mayStart);
            each.disabled = !integration.enabled;
        }
        setHidden(cancel, !isBusy);
        cancel.disabled = watch?.status === "cancelling";
        // Documents and history have the room, while nothing goes on.
        setHidden(place, tabName in ofIntegration && !isBusy);
        setHidden(earlier, !isEarlier());
        if (watch === undefined) return;
        if (isEarlier()) earlier.replaceChildren(`The import of ${date(watch.run.createdAt)}. `, h("a", { href: `#/${name}` }, "Show the newest"));
        panel.update(watch);
        tab?.update?.(watch);
        const failed = Math.max(watch.failedDocuments, watch.run.counts.failed);
        setText(tabList.children[1], failed > 0 ? `${tabs.failed[0]} (${number(failed)})` : tabs.failed[0]);
        speak();
        // Seconds pass without events.
        clearTimeout(ticking);
        if (isBusy && (watch.resumeAt || watch.setback)) ticking = setTimeout(draw, 1000);
    }

    function drawTrouble() {
        const { quarantine, pluginError } = integration;
        setHidden(trouble, !quarantine && !pluginError);
        const key = JSON.stringify([quarantine, pluginError]);
        if (trouble.dataset.key === key) return;
        trouble.dataset.key = key;
        trouble.replaceChildren();
        if (pluginError) trouble.append(h("p", {}, h("strong", {}, "The plugin cannot be loaded. "), `${pluginError.message} ${pluginError.hint ?? ""}`));
        if (quarantine) trouble.append(quarantineNote(quarantine));
    }

    const quarantineNote = ({ reason, crashes, since, nextTry }) => h(
        "p", {}, h("strong", {}, `${reason} `), `Crashed ${number(crashes)} times in a row; in quarantine since ${date(since)}, next try ${date(nextTry)}. `,
        button("Let it run again", () => act(() => del(`${address}/quarantine`)), "quiet"));

    /** Steps and tens of percents are spoken; each event would never end. */
    function speak() {
        const percent = watch.isActive ? Math.floor((watch.measured?.percent ?? 0) / 10) * 10 : 0;
        const key = `${watch.status} ${watch.progress?.step} ${percent}`;
        if (said !== undefined && said !== key) {
            announce([runState(watch.status)[0], watch.progress?.message, percent > 0 && `${percent} percent`].filter(Boolean).join(". "));
        }
        said = key;
    }

    // ---- tabs

    /** `documents/<id>` is the tab `documents` with something to show. */
    async function showTab() {
        const [wanted, ...more] = isEarlier() ? path.slice(2) : path;
        tabName = wanted in (isEarlier() ? ofRun : tabs) ? wanted : "activity";
        const key = [isEarlier() && path[1], tabName, tabName in ofRun && watch?.run.id].join();
        if (key === tabKey) return tab?.show?.(more);
        tabKey = key;
        tab?.close?.();
        const prefix = isEarlier() ? `#/${name}/run/${path[1]}` : `#/${name}`;
        tabList.replaceChildren(...Object.entries(isEarlier() ? ofRun : tabs).map(([each, [text]]) =>
            h("a", { href: `${prefix}/${each}`, "data-tab": each, "aria-current": each === tabName ? "page" : undefined }, text)));
        tab = await makeTab();
        if (key !== tabKey) return tab.close?.();
        tabPlace.replaceChildren(tab.element);
        tab.show?.(more);
    }

    async function makeTab() {
        if (watch === undefined && tabName in ofRun) return { element: h("p.empty", {}, "Nothing has been imported yet.") };
        const make = tabs[tabName][1] ?? (await reading()).documents;
        return make({ name, integration, watch, message });
    }

    return {
        element, name,
        show(next) {
            path = next;
            if (integration) message.trying(choose);
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

/** Much that is not needed to watch an import is loaded when it is. */
const reading = () => (loaded ??= load());
let loaded;

async function load() {
    const style = h("link", { rel: "stylesheet", href: "page/documents.css" });
    document.head.append(style);
    const [module] = await Promise.all([import("./documents.js"), new Promise((resolve) => (style.onload = resolve))]);
    return module;
}

function factsOf({ plugin, nextRun, enabled }) {
    return [
        plugin && `${plugin.id} ${plugin.version}`,
        nextRun && enabled && `next import in ${span(secondsUntil(nextRun))}, ${date(nextRun)}`,
    ].filter(Boolean).join(" · ");
}
