// A tree of any size: only the rows that can be seen are there.  Keys and roles as the ARIA practices have them.

import { h } from "./dom.js";
import { number } from "./format.js";

/** Of a row, in pixels, as in page.css. */
const ROW = 32;
const BEYOND = 8;

/** @param href where an item leads */
export function treeList({ label, href }) {
    const rows = h("div.rows", { role: "presentation" });
    const element = h("div.tree", { role: "tree", "aria-label": label, onscroll: draw, onkeydown: pressed }, rows);
    const opened = new Set();
    const resized = new ResizeObserver(draw);
    resized.observe(element);

    let items = [];
    let isFlat = false;
    /** What could be seen if there were room: { item, level, index, size }. */
    let visible = [];
    let focused = 0;
    const drawn = new Map();

    function flatten() {
        visible = [];
        const add = (list, level) => list.forEach((item, index) => {
            visible.push({ item, level, index, size: list.length });
            if (!isFlat && opened.has(item.id)) add(item.children, level + 1);
        });
        add(items, 1);
        focused = Math.min(focused, Math.max(0, visible.length - 1));
        rows.style.height = `${visible.length * ROW}px`;
        for (const row of drawn.values()) row.remove();
        drawn.clear();
        draw();
    }

    function draw() {
        const first = Math.max(0, Math.floor(element.scrollTop / ROW) - BEYOND);
        const end = Math.min(visible.length, Math.ceil((element.scrollTop + element.clientHeight) / ROW) + BEYOND);
        for (const [at, row] of drawn) {
            if ((at >= first && at < end) || at === focused) continue;
            row.remove();
            drawn.delete(at);
        }
        for (let at = first; at < end; at++) drawRow(at);
        // Tab leads to it, also when it is scrolled away.
        if (visible.length > 0) drawRow(focused);
    }

    function drawRow(at) {
        if (drawn.has(at)) return;
        const { item, level, index, size } = visible[at];
        const isParent = !isFlat && item.children.length > 0;
        const isOpen = isParent && opened.has(item.id);
        const row = h(
            "div.row", {
                role: "treeitem", tabindex: at === focused ? 0 : -1, "aria-level": level, "aria-posinset": index + 1, "aria-setsize": size,
                "aria-expanded": isParent ? isOpen : undefined, "data-at": at,
                onclick: (event) => { if (!event.target.closest("a")) isParent ? toggle(at) : follow(at); },
            },
            h("span.twist", { "aria-hidden": "true" }, isParent ? (isOpen ? "▾" : "▸") : ""),
            h("a", { href: href(item), tabindex: -1 }, item.title || "Untitled"),
            h("span.small", {}, isFlat ? item.path.join(" › ") : isParent ? number(item.children.length) : item.collection));
        row.style.transform = `translateY(${at * ROW}px)`;
        row.style.setProperty("--level", level);
        drawn.set(at, row);
        rows.append(row);
    }

    function toggle(at) {
        const { item } = visible[at];
        if (!opened.delete(item.id)) opened.add(item.id);
        focused = at;
        flatten();
        focus(at);
    }

    const follow = (at) => (location.hash = href(visible[at].item));

    function focus(at) {
        if (at < 0 || at >= visible.length) return;
        drawn.get(focused)?.setAttribute("tabindex", -1);
        focused = at;
        const top = at * ROW;
        if (top < element.scrollTop) element.scrollTop = top;
        else if (top + ROW > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW - element.clientHeight;
        draw();
        const row = drawn.get(at);
        row.setAttribute("tabindex", 0);
        row.focus({ preventScroll: true });
    }

    function pressed(event) {
        const at = Number(event.target.closest(".row")?.dataset.at ?? focused);
        const { item, level } = visible[at] ?? {};
        if (item === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        const isParent = !isFlat && item.children.length > 0;
        const isOpen = isParent && opened.has(item.id);
        const pageful = Math.max(1, Math.floor(element.clientHeight / ROW) - 1);
        const keys = {
            ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1),
            PageDown: () => focus(Math.min(visible.length - 1, at + pageful)), PageUp: () => focus(Math.max(0, at - pageful)),
            Home: () => focus(0), End: () => focus(visible.length - 1),
            ArrowRight: () => isOpen ? focus(at + 1) : isParent && toggle(at),
            ArrowLeft: () => isOpen ? toggle(at) : focus(visible.slice(0, at).findLastIndex((row) => row.level < level)),
            Enter: () => follow(at), " ": () => (isParent ? toggle(at) : follow(at)),
        };
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
    }

    return {
        element,
        show(next, options) {
            items = next;
            isFlat = options.isFlat;
            element.scrollTop = 0;
            focused = 0;
            flatten();
        },
        close: () => resized.disconnect(),
    };
}
