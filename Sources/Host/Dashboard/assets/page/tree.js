// A tree of any size: only the rows that can be seen are there.  Keys and roles as the ARIA practices have them.

import { byId, h, show } from "./dom.js";
import { number } from "./format.js";

/** Of a row, in pixels, as in page.css. */
const ROW = 32;
const BEYOND = 8;

/** @param href where an item leads */
export function treeList(href) {
    const rows = h("div.rows");
    const element = h("div.card.tree", { id: "tree", role: "tree", "aria-label": "Documents", onscroll: draw, onkeydown: pressed }, rows);
    const opened = new Set();
    const resized = new ResizeObserver(draw);
    resized.observe(element);

    let items = [];
    let isFlat = false;
    /** What could be seen if there were room. */
    let visible = [];
    let focused = 0;

    function flatten() {
        visible = [];
        const add = (list, level) => list.forEach((item, index) => {
            const isParent = !isFlat && item.children.length > 0;
            const isOpen = isParent && opened.has(item.id);
            visible.push({ item, level, index, size: list.length, isParent, isOpen });
            if (isOpen) add(item.children, level + 1);
        });
        add(items, 1);
        focused = Math.min(focused, Math.max(0, visible.length - 1));
        rows.style.height = `${visible.length * ROW}px`;
        draw();
    }

    function draw() {
        const first = Math.floor(element.scrollTop / ROW) - BEYOND;
        const end = Math.ceil((element.scrollTop + element.clientHeight) / ROW) + BEYOND;
        // Tab leads to the one with the focus, also when it is scrolled away.
        show(rows, visible.map((row, at) => (at === focused || (at >= first && at < end)) && rowOf(row, at)));
    }

    function rowOf({ item, level, index, size, isParent, isOpen }, at) {
        return h(
            "div.row", {
                id: `row-${at}`, role: "treeitem", tabindex: at === focused ? 0 : -1, "aria-level": level, "aria-posinset": index + 1,
                "aria-setsize": size, "aria-expanded": isParent && String(isOpen),
                onclick: (event) => event.target.closest("a") ?? use(at),
                style: `transform: translateY(${at * ROW}px); --level: ${level}`,
            },
            h("span.twist", { "aria-hidden": "true" }, isParent && (isOpen ? "▾" : "▸")),
            h("a", { href: href(item), tabindex: -1 }, item.title || "Untitled"),
            h("span.small", isFlat ? item.path.join(" › ") : isParent ? number(item.children.length) : item.collection));
    }

    /** Opens or closes what has something below it, and shows what has not. */
    function use(at) {
        const { item, isParent } = visible[at];
        if (!isParent) return follow(at);
        if (!opened.delete(item.id)) opened.add(item.id);
        flatten();
        focus(at);
    }

    const follow = (at) => (location.hash = href(visible[at].item));

    function focus(at) {
        if (!visible[at]) return;
        focused = at;
        const top = at * ROW;
        element.scrollTop = Math.max(Math.min(element.scrollTop, top), top + ROW - element.clientHeight);
        draw();
        byId(`row-${at}`).focus({ preventScroll: true });
    }

    function pressed(event) {
        if (visible.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
        const at = focused;
        const last = visible.length - 1;
        const { level, isParent, isOpen } = visible[at];
        const pageful = Math.max(1, Math.floor(element.clientHeight / ROW) - 1);
        const key = {
            ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1),
            PageDown: () => focus(Math.min(last, at + pageful)), PageUp: () => focus(Math.max(0, at - pageful)),
            Home: () => focus(0), End: () => focus(last),
            ArrowRight: () => isOpen ? focus(at + 1) : isParent && use(at),
            ArrowLeft: () => isOpen ? use(at) : focus(visible.findLastIndex((row, index) => index < at && row.level < level)),
            Enter: () => follow(at), " ": () => use(at),
        }[event.key];
        if (!key) return;
        event.preventDefault();
        key();
    }

    return {
        element,
        show(next, options) {
            items = next;
            isFlat = options.isFlat;
            element.scrollTop = focused = 0;
            flatten();
        },
        close: () => resized.disconnect(),
    };
}
