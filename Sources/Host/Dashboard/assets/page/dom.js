// Elements from data.  Nothing here, or anywhere in this page, parses HTML: text of others stays text.

/**
 * An element: `h("a.quiet", { href, onclick }, "text", anotherElement)`.
 * Handlers are properties that begin with `on`; an attribute that is undefined, null or false is left out.
 */
export function h(tag, properties = {}, ...children) {
    const [name, ...classes] = tag.split(".");
    const element = document.createElement(name);
    if (classes.length > 0) element.className = classes.join(" ");
    for (const [key, value] of Object.entries(properties)) {
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else setAttribute(element, key, value);
    }
    element.append(...children.flat().filter((child) => child !== undefined && child !== null));
    return element;
}

export function setAttribute(element, name, value) {
    if (value === undefined || value === null || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}

/** Sets text only where it differs: what does not change is not laid out again. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element, isHidden) {
    if (element.hidden !== isHidden) element.hidden = isHidden;
}

/** Children by key, each kept while its key is there, in this order: focus stays where it was. */
export class KeyedChildren {
    #parts = new Map();

    /** @param make makes a part `{ element, update(item) }` of an item */
    constructor(parent, key, make) {
        Object.assign(this, { parent, key, make });
    }

    update(items) {
        const keys = new Set(items.map(this.key));
        for (const [key, part] of this.#parts) {
            if (keys.has(key)) continue;
            part.element.remove();
            this.#parts.delete(key);
        }
        items.forEach((item, index) => {
            const key = this.key(item);
            if (!this.#parts.has(key)) this.#parts.set(key, this.make(item));
            const part = this.#parts.get(key);
            part.update(item);
            const there = this.parent.children[index];
            if (there !== part.element) this.parent.insertBefore(part.element, there ?? null);
        });
    }
}

/** For screen readers only. */
export function announce(text) {
    setText(document.getElementById("announcer"), text);
}

export function button(text, onclick, look, title) {
    return h(look ? `button.${look}` : "button", { type: "button", onclick, title }, text);
}

/** A refusal or a success that has to be read, until the next one or until it is closed. */
export function notice() {
    const text = h("p");
    const details = h("ul");
    const element = h(
        "div.notice", { hidden: true, role: "alert" }, h("div", {}, text, details),
        h("button.quiet", { type: "button", "aria-label": "Close this message", onclick: () => setHidden(element, true) }, "×"));
    const self = {
        element,
        show(error) {
            element.classList.toggle("good", error.isGood === true);
            setText(text, [error.message, error.hint].filter(Boolean).join(" "));
            details.replaceChildren(...(error.details ?? []).map((line) => h("li", {}, line)));
            setHidden(element, false);
        },
        /** Does something, and shows why it did not work. */
        async trying(work) {
            setHidden(element, true);
            try {
                await work();
            } catch (error) {
                self.show(error);
            }
        },
    };
    return self;
}
