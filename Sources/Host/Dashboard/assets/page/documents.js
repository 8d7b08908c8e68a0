// What was imported, as a tree, and one document to read.

import { get } from "./api.js";
import { h, show, tell, trying } from "./dom.js";
import { count, date, facts, number } from "./format.js";
import { markdown } from "./markdown.js";
import { treeList } from "./tree.js";

const PAGE = 1000;
/** So many are read into the page; a larger import is for a program. */
const LIMIT = 50_000;
/** A longer text is shown as it is. */
const READABLE = 500_000;

const order = new Intl.Collator("en", { numeric: true });
const keyOf = ({ collection, id }) => `${collection}/${id}`;
const ownKey = ({ collection, externalId: id }) => keyOf({ collection, id });

export function documents({ name, integration }) {
    const filter = h("input", { type: "search", placeholder: "Filter by title", "aria-label": "Filter by title", oninput: draw });
    const collection = h(
        "select", { "aria-label": "Collection", onchange: draw },
        h("option", { value: "" }, "All collections"), (integration.collections ?? []).map((each) => h("option", { value: each }, each)));
    const summary = h("p.note", { role: "status" });
    const tree = treeList(({ id }) => `#/${name}/documents/${id}`);
    const list = h("div", h("div.filters", filter, collection), summary, tree.element);
    const reading = h("article.document", { hidden: true });

    const byKey = new Map();
    let roots = [];
    let isComplete = false;
    let isClosed = false;
    let wasActive;
    let shown;
    let loading = load();

    async function load() {
        byKey.clear();
        let after;
        try {
            do {
                const page = await get("/documents", { integration: name, limit: PAGE, after });
                if (isClosed) return;
                for (const document of page.items) byKey.set(ownKey(document), document);
                after = page.next;
                show(summary, `${number(byKey.size)} documents so far…`);
            } while (after !== null && byKey.size < LIMIT);
            isComplete = after === null;
            arrange();
            draw();
        } catch (error) {
            tell(error);
        }
    }

    const parentOf = ({ parent }) => parent && byKey.get(keyOf(parent));

    /** A document whose parent is not there stands at the top. */
    function arrange() {
        roots = [];
        for (const document of byKey.values()) document.children = [];
        for (const document of byKey.values()) (parentOf(document)?.children ?? roots).push(document);
        const compare = (a, b) => (a.position ?? Infinity) - (b.position ?? Infinity) || order.compare(a.title, b.title);
        roots.sort(compare);
        for (const { children } of byKey.values()) children.sort(compare);
    }

    function draw() {
        const text = filter.value.trim().toLowerCase();
        const isFlat = text !== "" || collection.value !== "";
        const fits = (document) => document.title.toLowerCase().includes(text) && ["", document.collection].includes(collection.value);
        const found = isFlat ? [...byKey.values()].filter(fits) : roots;
        tree.show(found, { isFlat });
        show(
            summary, isFlat ? `${count(found.length, "document")} of ${number(byKey.size)}` : count(byKey.size, "document"),
            !isComplete && "; there are more than this page shows");
    }

    // ---- one document

    async function read(id) {
        shown = id;
        list.hidden = id !== undefined;
        reading.hidden = id === undefined;
        show(reading);
        if (id === undefined) return;
        await trying(async () => {
            const document = await get(`/documents/${encodeURIComponent(id)}`);
            const content = contentOf(document);
            const drawIt = () => isClosed || shown !== id || show(
                reading, h("nav", { "aria-label": "Place in the tree" }, h("ol.path", pathOf(document).map((part) => h("li", part)))),
                h("h2", { tabindex: -1 }, document.title || "Untitled"), h("p.facts", factsOf(document)), content, below(document));
            drawIt();
            reading.querySelector("h2")?.focus();
            // The tree may still be on its way.
            await loading;
            drawIt();
        });
    }

    function below(document) {
        const children = byKey.get(ownKey(document))?.children ?? [];
        return children.length > 0 && [h("h3", "Below this document"), h("ul", children.map((child) => h("li", linkTo(child))))];
    }

    const linkTo = ({ id, title }) => h("a", { href: `#/${name}/documents/${id}` }, title || "Untitled");

    /** By the parents that are there, else by the names that the import told. */
    function pathOf(document) {
        const parents = new Set();
        for (let at = parentOf(document); at && !parents.has(at); at = parentOf(at)) parents.add(at);
        const names = parents.size > 0 ? [...parents].reverse().map(linkTo) : document.path;
        return [h("a", { href: `#/${name}/documents` }, "Documents"), ...names];
    }

    return {
        element: h("div", { id: "documents" }, list, reading),
        show: ([id]) => read(id),
        /** An import has ended: what it brought is to be seen. */
        update({ isActive }) {
            if (wasActive && !isActive) loading = load();
            wasActive = isActive;
        },
        close() {
            isClosed = true;
            tree.close();
        },
    };
}

function factsOf({ collection, updatedAt, syncedAt, authors, url }) {
    const names = authors.map((author) => author?.name ?? author).filter((each) => each && typeof each === "string").join(", ");
    const isChangeKnown = !Number.isNaN(Date.parse(updatedAt));
    const text = facts(collection, isChangeKnown && `changed ${date(updatedAt)}`, `imported ${date(syncedAt)}`, names && `by ${names}`);
    return [text, /^https?:\/\//i.test(url) && [" · ", h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "Open at its source")]];
}

function contentOf({ content, contentType }) {
    if (content.trim() === "") return h("p.empty", "This document has no text.");
    if (!/markdown/.test(contentType) || content.length > READABLE) return h("pre.plain", content);
    return h("div.prose", markdown(content));
}
