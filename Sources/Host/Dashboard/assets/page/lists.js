// Tables that come in pages: failed documents, the log, earlier imports.

import { get, query } from "./api.js";
import { h, setHidden } from "./dom.js";
import { date, outcome, runState, timeOfDay, took } from "./format.js";
import { tableHead } from "./panel.js";

const PAGE = 100;
/** Between two looks at a list that changes all the time. */
const PAUSE_MS = 1000;
/** Of the log, the newest: what came before is rarely read, and a page can hold so much. */
const LOG_LINES = 2000;

/**
 * A list that grows by pages.
 * @param path the route and its parameters, without `limit` and `after`
 * @param row an element for an item
 */
function pagedList({ path, parameters = {}, container, row, emptyText, message }) {
    const more = h("button.quiet", { type: "button", hidden: true, onclick: () => load(false) }, "Show more");
    const empty = h("p.empty", { hidden: true }, emptyText);
    let next;
    let isLoading = false;
    let isStale = false;

    /** The page behind those that are shown, or the first instead of them. */
    async function load(isFirst) {
        if (isLoading) return (isStale ||= isFirst);
        isLoading = true;
        isStale = false;
        try {
            const page = await get(path + query({ ...parameters, limit: PAGE, after: isFirst ? undefined : next }));
            const rows = page.items.map(row);
            if (isFirst) container.replaceChildren(...rows);
            else container.append(...rows);
            next = page.next;
            setHidden(more, next === null);
            setHidden(empty, container.children.length > 0);
        } catch (error) {
            message.show(error);
        }
        isLoading = false;
        if (isStale) setTimeout(() => load(true), PAUSE_MS);
    }

    return {
        again: () => load(true),
        table: (titles) => h("div", {}, h("div.scroll", {}, h("table.list", {}, tableHead(titles), container)), empty, more),
    };
}

export function failedDocuments({ watch, message }) {
    const body = h("tbody");
    const list = pagedList({
        path: `/runs/${watch.run.id}/errors`, container: body, message, emptyText: "No document failed or was left out.",
        row: ({ kind, collection, id, code, message: text }) => h(
            "tr", {}, h("td", {}, h("span.state", { "data-look": kind === "failed" ? "bad" : "pause" }, kind)),
            h("td", {}, [collection, id].filter(Boolean).join("/")), h("td", {}, text, " ", h("code", {}, code))),
    });
    let shown;
    return {
        element: list.table(["Kind", "Document", "Reason"]),
        update({ failedDocuments: failed, isActive }) {
            const key = `${failed} ${isActive}`;
            if (key !== shown) list.again();
            shown = key;
        },
    };
}

export function history({ name, watch, message }) {
    const body = h("tbody");
    const list = pagedList({
        path: "/runs", parameters: { integration: name }, container: body, message, emptyText: "Nothing has been imported yet.",
        row: (run) => h(
            "tr", {}, h("td", {}, h("a", { href: `#/${name}/run/${run.id}` }, date(run.createdAt))),
            h("td", {}, h("span.state", { "data-look": runState(run.status)[1] }, runState(run.status)[0])),
            h("td", {}, run.error?.message ?? outcome(run)), h("td.figure", {}, took(run) ?? ""), h("td", {}, run.requestedBy)),
    });
    let shown;
    if (watch === undefined) list.again();
    return {
        element: list.table(["Began", "State", "Outcome", "Took", "Asked for by"]),
        update({ run, status, isActive }) {
            const key = `${run.id} ${status} ${isActive}`;
            if (key !== shown) list.again();
            shown = key;
        },
    };
}

/** Lines of the plugin and of its worker; asked for again while the run goes on. */
export function logLines({ watch, message }) {
    const list = h("ol.log");
    const empty = h("p.empty", { hidden: true }, "The plugin has written nothing.");
    const element = h("div.scroller", { tabindex: 0, role: "log", "aria-label": "Log", "aria-live": "off" }, list);
    let next = 0;
    let isLoading = false;
    let isClosed = false;
    let wasActive = watch.isActive;

    async function load() {
        if (isLoading || isClosed) return;
        isLoading = true;
        try {
            for (let page; !isClosed && (page === undefined || page.next !== null); ) {
                page = await get(`/runs/${watch.run.id}/log${query({ limit: 1000, after: next })}`);
                add(page.items);
                // Lines are numbered in the order in which they came.
                next = page.next === null ? next + page.items.length : Number(page.next);
            }
        } catch (error) {
            message.show(error);
        }
        setHidden(empty, list.children.length > 0);
        setHidden(element, list.children.length === 0);
        isLoading = false;
    }

    function add(lines) {
        const isAtEnd = element.scrollTop + element.clientHeight > element.scrollHeight - 40;
        list.append(...lines.map(({ time, level, source, message: text }) => h(
            "li", { "data-look": { error: "bad", warning: "pause" }[level] },
            h("span.step", { title: time }, `${timeOfDay(time)} ${source}`), h("span.what", {}, text))));
        while (list.children.length > LOG_LINES) list.firstChild.remove();
        if (isAtEnd) element.scrollTop = element.scrollHeight;
    }

    let timer;
    const again = async () => {
        await load();
        if (!isClosed && watch.isActive) timer = setTimeout(again, 2000);
    };
    again();
    return {
        element: h("div", {}, empty, element),
        update({ isActive }) {
            if (wasActive && !isActive) load();
            wasActive = isActive;
        },
        close() {
            isClosed = true;
            clearTimeout(timer);
        },
    };
}
