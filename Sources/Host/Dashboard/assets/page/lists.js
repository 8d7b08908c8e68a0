// What has happened in a run: activity, log; and tables that come in pages: failed documents, earlier imports.

import { get, poll } from "./api.js";
import { become, button, h, scroller, show, stateWord, tableHead, trying } from "./dom.js";
import { countOf, date, number, outcome, runState, timeOfDay, took } from "./format.js";

const PAGE = 100;
/** Between two looks at what changes all the time. */
const PAUSE_MS = 2000;
/** Of the log, the newest: what came before is rarely read, and a page can hold so much. */
const LOG_LINES = 2000;

/**
 * A list that grows by pages, read again and again while the run goes on and nobody has asked for more.
 * @param row the cells for an item
 */
function pagedList({ watch, id, path, parameters, titles, row, emptyText }) {
    const element = h("div", { id });
    let items = [];

    async function load(after) {
        const page = await get(path, { ...parameters, limit: PAGE, after });
        items = after ? [...items, ...page.items] : page.items;
        show(
            element, h("div.scroll", h("table.list", tableHead(titles), h("tbody", items.map((item) => h("tr", row(item)))))),
            items.length === 0 && h("p.empty", emptyText),
            page.next !== null && button("Show more", () => trying(() => load(page.next)), "quiet"));
    }

    return followed(watch, element, (isNews) => (isNews || items.length <= PAGE) && load());
}

/** Something that is read when a run begins, while it goes on, and when it has ended. */
function followed(watch, element, read) {
    let wanted;
    let known;
    const state = () => `${watch?.run.id} ${watch?.isActive}`;
    const polling = poll(async () => {
        const isNews = known !== (known = state());
        const isMore = await read(isNews);
        return isMore ? 0 : watch?.isActive ? PAUSE_MS : undefined;
    });
    return {
        element,
        update(changed) {
            watch = changed;
            if (wanted !== (wanted = state())) polling.now();
        },
        close: polling.stop,
    };
}

export const failedDocuments = ({ watch }) => pagedList({
    watch, id: "failed", path: `/runs/${watch.run.id}/errors`, emptyText: "No document failed or was left out.",
    titles: ["Kind", "Document", "Reason"],
    row: ({ kind, collection, id, code, message }) => [
        h("td", stateWord([kind, kind === "failed" ? "bad" : "pause"])), h("td", [collection, id].filter(Boolean).join("/")),
        h("td", message, " ", h("code", code))],
});

export const history = ({ name, watch }) => pagedList({
    watch, id: "history", path: "/runs", parameters: { integration: name }, emptyText: "Nothing has been imported yet.",
    titles: ["Began", "State", "Outcome", "Took", "Asked for by"],
    row: (run) => [
        h("td", h("a", { href: `#/${name}/run/${run.id}` }, date(run.createdAt))), h("td", stateWord(runState(run.status))),
        h("td", run.error?.message ?? outcome(run)), h("td.figure", took(run)), h("td", run.requestedBy)],
});

const looks = { document_failed: "bad", error: "bad", waiting: "pause", resumed: "pause", complete: "good" };

/** What a run has said, in its order. */
export function activity() {
    const list = h("ol.log");
    const { element, change } = scroller("activity", "Activity", list);
    return {
        element,
        update: ({ lines, droppedLines }) => change(() => show(
            list, droppedLines > 0 && h("li.note", `${number(droppedLines)} earlier lines are not shown.`), lines.map(rowOf))),
    };
}

/** Of the lines that are there only the newest changes. */
function rowOf(line) {
    const { seq, step, event, shown } = line;
    if (event === shown) return line.row;
    const row = logLine({ id: `line-${seq}`, "data-look": looks[step] }, step, event.message, countOf(event));
    if (line.row) become(line.row, row);
    else line.row = row;
    line.shown = event;
    return line.row;
}

/** Lines of the plugin and of its worker. */
export function logLines({ watch }) {
    const list = h("ol.log");
    const { element, change } = scroller("lines", "Log", list);
    const whole = h("div", { id: "log" }, element);
    let next = 0;

    return followed(watch, whole, async () => {
        const page = await get(`/runs/${watch.run.id}/log`, { limit: 1000, after: next });
        change(() => {
            list.append(...page.items.map(lineOf));
            while (list.children.length > LOG_LINES) list.firstChild.remove();
        });
        show(whole, list.firstChild ? element : h("p.empty", "The plugin has written nothing."));
        // Lines are numbered in the order in which they came.
        next = page.next === null ? next + page.items.length : Number(page.next);
        return page.next !== null;
    });
}

const lineOf = ({ time, level, source, message }) =>
    logLine({ title: time, "data-look": { error: "bad", warning: "pause" }[level] }, `${timeOfDay(time)} ${source}`, message);

const logLine = (properties, step, what, figures) =>
    h("li", properties, h("span.step", step), h("span.what", what), figures && h("span.figures", figures));
