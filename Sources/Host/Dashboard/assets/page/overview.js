// All integrations: how each stands, and starting it.

import { get, poll, post } from "./api.js";
import { button, h, KeyedChildren, notice, setAttribute, setHidden, setText } from "./dom.js";
import { ago, integrationState, isActive, outcome, secondsUntil, span, waitingFor } from "./format.js";
import { progressBar, stateWord } from "./panel.js";

/** How often the list is asked for, while something is going on and otherwise. */
const BUSY_MS = 1000;
const IDLE_MS = 4000;

export function overview(connection) {
    const message = notice();
    const list = h("ul.cards");
    const empty = h("p.empty", { hidden: true }, "There is no integration for you here. They are named in integrations.yaml.");
    const rows = new KeyedChildren(list, (item) => item.name, (item) => row(item.name, act));

    const polling = poll(async () => {
        try {
            const { items } = await get("/integrations");
            connection.isThere();
            rows.update(items);
            setHidden(empty, items.length > 0);
            return items.some(({ lastRun }) => isActive(lastRun)) ? BUSY_MS : IDLE_MS;
        } catch (error) {
            connection.failed(error, message);
            return IDLE_MS;
        }
    });

    async function act(work) {
        await message.trying(work);
        polling.now();
    }

    return {
        element: h("div", {}, h("h1", { tabindex: -1 }, "Integrations"), message.element, list, empty),
        close: polling.stop,
    };
}

function row(name, act) {
    let run;
    const state = stateWord();
    const link = h("a", { href: `#/${name}` });
    const message = h("p.message");
    const figure = h("span.figures");
    const bar = progressBar();
    const start = button("Import", () => act(() => post(`/integrations/${name}/sync`)));
    const cancel = button("Cancel", () => act(() => post(`/runs/${run.id}/cancel`)), "quiet");
    const element = h(
        "li.card", {}, h("div.line", {}, h("h2", {}, link), state.element, start, cancel),
        h("div.line.small", {}, message, figure), bar.element);
    return {
        element,
        update(item) {
            run = item.lastRun;
            const isBusy = isActive(run);
            setText(link, item.displayName);
            state.update(integrationState(item));
            setText(message, isBusy ? busySentence(item) : idleSentence(item));
            setText(figure, isBusy ? percentOf(run) : nextRun(item));
            bar.update(isBusy, run?.progress, "busy");
            setAttribute(bar.element, "data-idle", !isBusy);
            setHidden(start, isBusy);
            setHidden(cancel, !isBusy);
            setAttribute(start, "aria-label", `Import ${item.displayName}`);
            setAttribute(cancel, "aria-label", `Cancel the import of ${item.displayName}`);
            start.disabled = !item.enabled;
            cancel.disabled = run?.status === "cancelling";
        },
    };
}

const percentOf = ({ progress }) => (progress?.percent === undefined ? "" : `${Math.floor(progress.percent)} %`);

const nextRun = ({ nextRun: time, enabled }) => (time && enabled ? `next in ${span(secondsUntil(time))}` : "");

const busySentence = ({ displayName, lastRun: { resumeAt, progress } }) =>
    resumeAt ? waitingFor(displayName, resumeAt) : progress?.message ?? "";

function idleSentence({ lastRun, quarantine, pluginError }) {
    const trouble = quarantine?.reason ?? pluginError?.message;
    if (trouble) return trouble;
    if (!lastRun) return "No import yet";
    return `${ago(lastRun.endedAt ?? lastRun.createdAt)}: ${lastRun.error?.message ?? outcome(lastRun)}`;
}
