// How far a run is: state, message, bar, counts.  All has its place from the start, so that nothing moves meanwhile.

import { h, stateWord, tableHead } from "./dom.js";
import { ago, count, countOf, date, facts, number, runState, sentences, span, took, until, waitingFor } from "./format.js";

/** @param watch a RunWatch, or undefined where nothing has been imported */
export function runPanel({ displayName, collections }, watch) {
    const { run, end, measured, isActive = false, status = "" } = watch ?? {};
    const state = watch ? runState(status) : ["Never imported", "idle"];
    const progress = isActive ? measured : { percent: /succ|compl/.test(status) ? 100 : 0 };
    const problem = end?.type === "error" ? { message: end.error, hint: end.hint } : run?.error;
    return h(
        "section.card.panel", { id: "panel", "aria-label": "Import" },
        h("div.line", stateWord(state),
            h("p.message", watch ? sentence(watch, displayName) : "Nothing has been imported yet."),
            h("span.percent", isActive && percentOf(measured))),
        progressBar({ isActive, progress, look: state[1] }),
        h("div.line.small", h("span", isActive && measured && facts(measured.step, countOf(measured))), h("span", isActive && remaining(watch))),
        problem && h("p.failure", sentences(problem.message, problem.hint)),
        collectionTable(collections ?? [], end?.result?.breakdown ?? run?.counts.collections ?? {}, isActive ? Object.values(watch.steps) : []),
        h("p.facts", run && factsOf(run)));
}

export const percentOf = (progress) => progress?.percent !== undefined && `${Math.floor(progress.percent)} %`;

export function progressBar({ isActive, progress, look }) {
    const percent = progress?.percent;
    return h(
        "div.bar", {
            role: "progressbar", "aria-label": "Progress of this step",
            "aria-valuenow": percent && Math.floor(percent), "aria-valuetext": isActive && progress?.message,
            "data-look": isActive && percent === undefined ? "unknown" : look, "data-idle": !isActive,
        }, h("div.fill", { style: `transform: scaleX(${(percent ?? 0) / 100})` }));
}

function sentence({ setback, failure, resumeAt, progress, end, run, isActive }, displayName) {
    if (failure) return failure.message;
    if (end?.type === "complete") return `${count(end.result?.totalImported ?? 0, "document")} imported, ${number(end.result?.totalFailed ?? 0)} failed.`;
    if (end) return "The import did not come to its end.";
    if (isActive && setback) return "The connection is lost; the import does not need it.";
    if (isActive && resumeAt) return waitingFor(displayName, resumeAt);
    // The stream may be a little behind.
    return ((isActive && progress) || run.progress)?.message;
}

function remaining({ setback, resumeAt, progress, measured }) {
    if (setback) return `Trying again in ${until(setback)}`;
    if (resumeAt) return progress?.step === "waiting" && progress.message;
    return measured?.etaSeconds !== undefined && `About ${span(measured.etaSeconds)} left`;
}

const factsOf = ({ startedAt, endedAt, requestedBy, options, attempt }) => facts(
    !startedAt ? "Waits for a place"
        : endedAt ? `Began ${date(startedAt)}, took ${took({ startedAt, endedAt })}` : `Began ${ago(startedAt)}`,
    options.full ? "everything" : "only what has changed",
    options.collections.length > 0 && `only ${options.collections.join(", ")}`,
    `asked for by ${requestedBy}`, attempt > 1 && `attempt ${attempt}`);

const columns = { new: "New", updated: "Updated", unchanged: "Same", deleted: "Deleted", failed: "Failed" };

/** A row for each collection that there may be, so that none comes later. */
function collectionTable(names, counts, steps) {
    const bar = (progress) => progress && progressBar({ isActive: true, progress, look: "busy" });
    const row = (name) => h(counts[name] ? "tr.some" : "tr", h("th", { scope: "row" }, name, bar(steps.findLast(({ collection }) => collection === name))), Object.keys(columns).map((key) => h("td", figure(counts[name]?.[key]))));
    return h(
        "div.scroll", { tabindex: 0, role: "region", "aria-label": "Documents by collection" }, h(
            "table.counts", tableHead(["Collection", ...Object.values(columns)]),
            h("tbody", [...new Set([...names, ...Object.keys(counts)])].map(row))));
}

const figure = (value) => (value ? number(value) : "–");
