// What was imported, as a tree, and one document to read.

import { get, query } from "./api.js";
import { h, setHidden, setText } from "./dom.js";
import { count, date, number } from "./format.js";
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

export function documents({ name, integration, message }) {
    const filter = h("input", { type: "search", placeholder: "Filter by title", "aria-label": "Filter by title", oninput: show });
    const collection = h(
        "select", { "aria-label": "Collection", onchange: show },
        h("option", { value: "" }, "All collections"), (integration.collections ?? []).map((each) => h("option", { value: each }, each)));
    const summary = h("p.note", { role: "status" });
    const tree = treeList({ label: "Documents", href: ({ id }) => `#/${name}/documents/${id}` });
    const list = h("div", {}, h("div.filters", {}, filter, collection), summary, tree.element);
    const reading = h("article.document", { hidden: true });
    const element = h("div", {}, list, reading);

    const byKey = new Map();
    let roots = [];
    let isComplete = false;
    let isClosed = false;
    let wasActive;
    let loading = load();

    async function load() {
        byKey.clear();
        isComplete = false;
        let after;
        try {
            do {
                const page = await get(`/documents${query({ integration: name, limit: PAGE, after })}`);
                if (isClosed) return;
                for (const document of page.items) {
                    byKey.set(ownKey(document), document);
                }
                after = page.next;
                setText(summary, `${number(byKey.size)} documents so far…`);
            } while (after !== null && byKey.size < LIMIT);
            isComplete = after === null;
            arrange();
            show();
        } catch (error) {
            message.show(error);
        }
    }

    /** A document whose parent is not there stands at the top. */
    function arrange() {
        roots = [];
        for (const document of byKey.values()) document.children = [];
        for (const document of byKey.values()) {
            const parent = document.parent && byKey.get(keyOf(document.parent));
            (parent ? parent.children : roots).push(document);
        }
        const compare = (a, b) => (a.position ?? Infinity) - (b.position ?? Infinity) || order.compare(a.title, b.title);
        roots.sort(compare);
        for (const { children } of byKey.values()) children.sort(compare);
    }

    function show() {
        const text = filter.value.trim().toLowerCase();
        const isFiltered = text !== "" || collection.value !== "";
        const found = isFiltered
            ? [...byKey.values()].filter((document) =>
                document.title.toLowerCase().includes(text) && (collection.value === "" || document.collection === collection.value))
            : roots;
        tree.show(found, { isFlat: isFiltered });
        const what = isFiltered ? `${count(found.length, "document")} of ${number(byKey.size)}` : count(byKey.size, "document");
        setText(summary, isComplete ? what : `${what}; there are more than this page shows`);
    }

    let shown;

    async function read(id) {
        shown = id;
        setHidden(list, id !== undefined);
        setHidden(reading, id === undefined);
        reading.replaceChildren();
        if (id === undefined) return;
        await message.trying(async () => {
            const document = await get(`/documents/${encodeURIComponent(id)}`);
            if (isClosed || shown !== id) return;
            const path = h("ol.path");
            const below = h("section");
            const title = h("h2", { tabindex: -1 }, document.title || "Untitled");
            const findPlace = () => {
                path.replaceChildren(...pathOf(document).map((part) => h("li", {}, part)));
                below.replaceChildren(...listOf(byKey.get(ownKey(document))?.children));
            };
            findPlace();
            reading.replaceChildren(
                h("nav", { "aria-label": "Place in the tree" }, path), title, h("p.facts", {}, ...factsOf(document)),
                contentOf(document), below);
            title.focus();
            // The tree may still be on its way.
            await loading;
            findPlace();
        });
    }

    // ---- one document

    const listOf = (children = []) => children.length === 0 ? []
        : [h("h3", {}, "Below this document"), h("ul", {}, children.map((child) => h("li", {}, linkTo(child))))];

    const linkTo = ({ id, title }) => h("a", { href: `#/${name}/documents/${id}` }, title || "Untitled");

    /** By the parents that are there, else by the names that the import told. */
    function pathOf(document) {
        const parts = [];
        const seen = new Set();
        for (let at = document; at.parent && !seen.has(keyOf(at.parent)); ) {
            seen.add(keyOf(at.parent));
            const parent = byKey.get(keyOf(at.parent));
            if (parent === undefined) break;
            parts.unshift(linkTo(parent));
            at = parent;
        }
        const names = parts.length > 0 ? [] : document.path;
        return [h("a", { href: `#/${name}/documents` }, "Documents"), ...names, ...parts];
    }

    return {
        element,
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
    const parts = [collection];
    if (updatedAt && !Number.isNaN(Date.parse(updatedAt))) parts.push(`changed ${date(updatedAt)}`);
    parts.push(`imported ${date(syncedAt)}`);
    const names = authors.map((author) => (typeof author === "string" ? author : author?.name)).filter(Boolean);
    if (names.length > 0) parts.push(`by ${names.join(", ")}`);
    const text = parts.join(" · ");
    if (!/^https?:\/\//i.test(url ?? "")) return [text];
    return [`${text} · `, h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "Open at its source")];
}

function contentOf({ content, contentType }) {
    if (content.trim() === "") return h("p.empty", {}, "This document has no text.");
    if (!/markdown/.test(contentType) || content.length > READABLE) return h("pre.plain", {}, content);
    return h("div.prose", {}, markdown(content));
}
