// Elements from data.  Nothing here, or anywhere in this page, parses HTML: text of others stays text.

import { sentences } from "./format.js";

export const isThere = (value) => value !== undefined && value !== null && value !== false;

/**
 * An element: `h("a.quiet", { href, onclick }, "text", anotherElement)`; the properties may be left out.
 * Handlers begin with `on`; an attribute or a child that is undefined, null or false is left out.
 */
export function h(tag, ...children) {
    const [name, ...classes] = tag.split(".");
    const element = document.createElement(name);
    if (classes.length > 0) element.className = classes.join(" ");
    const properties = children[0]?.constructor === Object ? children.shift() : {};
    for (const [key, value] of Object.entries(properties)) {
        if (key.startsWith("on")) element[key] = value;
        else if (isThere(value)) setAttribute(element, key, value === true ? "" : String(value));
    }
    show(element, children);
    return element;
}

/** The page's policy lets no markup set a style. */
function setAttribute(element, name, value) {
    if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value);
}

/**
 * What an element contains from now on.  Elements that are there become those that are wanted, so that only what
 * differs is laid out again, and the focus stays.  One with an id stays itself: so are items told apart, and so is
 * what somebody keeps left alone.
 */
export function show(parent, ...children) {
    const nodes = children.flat(Infinity).filter(isThere).map((child) => child.nodeType ? child : new Text(child));
    const ids = new Set(nodes.map(({ id }) => id));
    for (const there of [...parent.children]) if (there.id && !ids.has(there.id)) there.remove();
    nodes.forEach((node, index) => {
        const there = parent.childNodes[index];
        if (there === node) return;
        if (there?.nodeName === node.nodeName && there.id === node.id) become(there, node);
        else parent.insertBefore(node, there ?? null);
    });
    while (parent.childNodes.length > nodes.length) parent.lastChild.remove();
}

export function become(there, node) {
    if (node.nodeType === Node.TEXT_NODE) {
        // Another node: a number that grows to the left has not moved.
        if (there.data !== node.data) there.replaceWith(node);
        return;
    }
    for (const { name } of [...there.attributes]) if (!node.hasAttribute(name)) there.removeAttribute(name);
    for (const { name, value } of node.attributes) if (there.getAttribute(name) !== value) setAttribute(there, name, value);
    there.onclick = node.onclick;
    show(there, ...node.childNodes);
}

export const button = (text, onclick, look, more) => h("button", { class: look, onclick, ...more }, text);

/** A word with a dot: nothing is told by colour alone. */
export const stateWord = ([word, look]) => h("span.state", { "data-look": look }, word);

export const tableHead = (titles) => h("thead", h("tr", titles.map((title) => h("th", { scope: "col" }, title))));

/** A part of the page that scrolls by itself, and stays at its end unless somebody has scrolled back to read. */
export function scroller(id, label, list) {
    const element = h("div.scroller", { id, tabindex: 0, role: "log", "aria-label": label, "aria-live": "off" }, list);
    return {
        element,
        change(work) {
            const isAtEnd = element.scrollTop + element.clientHeight > element.scrollHeight - 40;
            work();
            if (isAtEnd) element.scrollTop = element.scrollHeight;
        },
    };
}

// ---- what is told to whoever is here

export const byId = (id) => document.getElementById(id);

/** For screen readers only. */
export const announce = (text) => show(byId("announcer"), text);

/** Stands at the top while it is so. */
export const setConnection = (text) => show(byId("connection"), text);

const notice = byId("notice");
const close = () => (notice.hidden = true);

/** A refusal or a success that has to be read, until the next one or until it is closed. */
export function tell({ message, hint, details = [], isGood = false }) {
    notice.classList.toggle("good", isGood);
    show(
        notice, h("div", h("p", sentences(message, hint)), h("ul", details.map((line) => h("li", line)))),
        button("×", close, "quiet", { "aria-label": "Close this message" }));
    notice.hidden = false;
}

/** Does something, and tells why it did not work. */
export async function trying(work) {
    close();
    try {
        await work();
    } catch (error) {
        tell(error);
    }
}
