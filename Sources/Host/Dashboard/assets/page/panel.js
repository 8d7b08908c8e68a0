// How far a run is: state, message, bar, counts.  All has its place from the start, so that nothing moves meanwhile.

import { h, setAttribute, setHidden, setText } from "./dom.js";
import { ago, count, date, number, runState, span, took, waitingFor } from "./format.js";

const columns = [["new", "New"], ["updated", "Updated"], ["unchanged", "Same"], ["deleted", "Deleted"], ["failed", "Failed"]];

export function runPanel(integration) {
    const state = stateWord();
    const message = h("p.message", {}, "Nothing has been imported yet.");
    const percent = h("span.percent");
    const bar = progressBar();
    const steps = h("span");
    const left = h("span");
    const failure = h("p.failure", { hidden: true });
    const facts = h("p.facts");
    const collections = collectionTable(integration.collections ?? []);
    const element = h(
        "section.card.panel", { "aria-label": "Import" },
        h("div.line", {}, state.element, message, percent), bar.element, h("div.line.small", {}, steps, left),
        failure, collections.element, facts);
    state.update(["Never imported", "idle"]);

    return {
        element,
        clear: collections.clear,
        /** @param watch a RunWatch */
        update(watch) {
            const { run, end, measured, isActive } = watch;
            state.update(runState(watch.status));
            setText(message, sentence(watch, integration));
            setText(percent, isActive && measured?.percent !== undefined ? `${Math.floor(measured.percent)} %` : "");
            bar.update(isActive, isActive ? measured : { percent: /succ|compl/.test(watch.status) ? 100 : 0 }, runState(watch.status)[1]);
            setText(steps, isActive && measured ? howFar(measured) : "");
            setText(left, isActive ? remaining(watch) : "");
            const problem = end?.type === "error" ? { message: end.error, hint: end.hint } : run.error;
            setHidden(failure, !problem);
            if (problem) setText(failure, [problem.message, problem.hint].filter(Boolean).join(" "));
            collections.update(end?.result?.breakdown ?? run.counts.collections);
            setText(facts, factsOf(run));
        },
    };
}

/** A word with a dot: nothing is told by colour alone. */
export function stateWord() {
    const element = h("span.state");
    return {
        element,
        update([word, look]) {
            setText(element, word);
            setAttribute(element, "data-look", look);
        },
    };
}

export function progressBar() {
    const fill = h("div.fill");
    const element = h("div.bar", { role: "progressbar", "aria-label": "Progress of this step", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
    return {
        element,
        update(isActive, progress, look) {
            const percent = progress?.percent;
            setAttribute(element, "data-look", isActive && percent === undefined ? "unknown" : look);
            setAttribute(element, "aria-valuenow", percent === undefined ? undefined : Math.floor(percent));
            setAttribute(element, "aria-valuetext", isActive ? progress?.message : undefined);
            fill.style.transform = `scaleX(${(percent ?? 0) / 100})`;
        },
    };
}

function sentence({ setback, failure, resumeAt, progress, end, run, isActive }, { displayName }) {
    if (failure) return failure.message;
    if (end?.type === "complete") return `${count(end.result?.totalImported ?? 0, "document")} imported, ${number(end.result?.totalFailed ?? 0)} failed.`;
    if (end) return "The import did not come to its end.";
    // The stream may be a little behind.
    if (!isActive) return run.progress?.message ?? "";
    if (setback) return "The connection is lost; the import does not need it.";
    if (resumeAt) return waitingFor(displayName, resumeAt);
    return (progress ?? run.progress)?.message ?? "";
}

function remaining({ setback, resumeAt, progress, measured }) {
    if (setback) return `Trying again in ${span((setback.until - Date.now()) / 1000)}`;
    if (resumeAt) return progress?.step === "waiting" ? progress.message : "";
    return measured?.etaSeconds === undefined ? "" : `About ${span(measured.etaSeconds)} left`;
}

function howFar({ step, count: done, total }) {
    if (done === undefined) return step;
    return `${step}: ${number(done)}${total === undefined ? "" : ` of ${number(total)}`}`;
}

function factsOf({ startedAt, endedAt, requestedBy, options, attempt, ...run }) {
    const began = startedAt && (endedAt ? `Began ${date(startedAt)}, took ${took({ startedAt, endedAt })}` : `Began ${ago(startedAt)}`);
    return [
        began ?? "Waits for a place", options.full ? "everything" : "only what has changed",
        options.collections.length > 0 && `only ${options.collections.join(", ")}`,
        `asked for by ${requestedBy}`, attempt > 1 && `attempt ${attempt}`,
    ].filter(Boolean).join(" · ");
}

/** A row for each collection once there is something of it, below those that are there; with room for them before. */
function collectionTable(names) {
    const body = h("tbody");
    const rows = new Map();
    const row = (name) => {
        const cells = columns.map(() => h("td"));
        body.append(h("tr", {}, h("th", { scope: "row" }, name), cells));
        rows.set(name, cells);
        return cells;
    };
    const element = h(
        "div.scroll", { tabindex: 0, role: "region", "aria-label": "Documents by collection" },
        h("table.counts", {}, tableHead(["Collection", ...columns.map(([, title]) => title)]), body));
    element.style.setProperty("--rows", Math.min(Math.max(names.length, 1), 8));
    return {
        element,
        update(collections = {}) {
            for (const [name, counts] of Object.entries(collections)) {
                if (!rows.has(name) && !columns.some(([key]) => counts[key])) continue;
                const cells = rows.get(name) ?? row(name);
                columns.forEach(([key], index) => setText(cells[index], counts[key] ? number(counts[key]) : "–"));
            }
        },
        clear() {
            body.replaceChildren();
            rows.clear();
        },
    };
}

export const tableHead = (titles) => h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title))));
