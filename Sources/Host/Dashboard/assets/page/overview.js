// All integrations: how each stands, and starting it.

import { get, poll, post } from "./api.js";
import { button, h, show, stateWord, trying } from "./dom.js";
import { ago, isActive, outcome, runState, trouble, until, waitingFor } from "./format.js";
import { percentOf, progressBar } from "./panel.js";

/** How often the list is asked for, while something is going on and otherwise. */
const BUSY_MS = 1000;
const IDLE_MS = 4000;

export function overview() {
    const list = h("ul.cards");
    const polling = poll(async () => {
        const { items } = await get("/integrations");
        show(list, items.length > 0 ? items.map((item) => card(item, act))
            : h("li.empty", "No integration is here for you; integrations.yaml names them."));
        return items.some(({ lastRun }) => isActive(lastRun)) ? BUSY_MS : IDLE_MS;
    });
    const act = async (path) => {
        await trying(() => post(path));
        polling.now();
    };
    return { element: h("div", h("h1", { tabindex: -1 }, "Integrations"), list), close: polling.stop };
}

function card(item, act) {
    const { name, displayName, enabled, lastRun: run, nextRun } = item;
    const isBusy = isActive(run);
    const state = (!isBusy && trouble(item)) || (run ? runState(run.status) : ["Never imported", "idle"]);
    return h(
        "li.card", { id: `card-${name}` },
        h("div.line", h("h2", h("a", { href: `#/${name}` }, displayName)), stateWord(state),
            isBusy
                ? button("Cancel", () => act(`/runs/${run.id}/cancel`), "quiet",
                    { id: `cancel-${name}`, "aria-label": `Cancel the import of ${displayName}`, disabled: run.status === "cancelling" })
                : button("Import", () => act(`/integrations/${name}/sync`), undefined, { "aria-label": `Import ${displayName}`, disabled: !enabled })),
        h("div.line.small", h("p.message", isBusy ? busySentence(item) : idleSentence(item)),
            h("span.figures", isBusy ? percentOf(run.progress) : nextRun && enabled && `next in ${until(nextRun)}`)),
        progressBar({ isActive: isBusy, progress: run?.progress, look: "busy" }));
}

const busySentence = ({ displayName, lastRun: { resumeAt, progress } }) =>
    resumeAt ? waitingFor(displayName, resumeAt) : progress?.message;

function idleSentence({ lastRun, quarantine, pluginError }) {
    const reason = quarantine?.reason ?? pluginError?.message;
    if (reason) return reason;
    if (!lastRun) return "No import yet";
    return `${ago(lastRun.endedAt ?? lastRun.createdAt)}: ${lastRun.error?.message ?? outcome(lastRun)}`;
}
