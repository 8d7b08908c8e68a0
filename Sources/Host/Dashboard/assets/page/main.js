// Which view the address means, and what stands above all views.

import { access, post } from "./api.js";
import { notice, setText } from "./dom.js";
import { overview } from "./overview.js";

const main = document.getElementById("main");
const status = document.getElementById("connection");

/** What is known of the daemon: views tell it, the top of the page shows it. */
const connection = {
    isThere: () => setText(status, ""),
    /** A refusal is for the view; that nobody answers is for everyone. */
    failed(error, message) {
        if (error.status === undefined) setText(status, "The daemon does not answer. Trying again…");
        else message.show(error);
    },
};

let view;
let shown;

/** `#/`, `#/clickup/documents/<id>`, `#/clickup/run/<id>/log` */
async function route() {
    const [name, ...path] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    // Within an integration its view goes on.
    if (name && view?.name === name) return view.show(path);
    view?.close();
    view = undefined;
    const { integrationView } = name ? await import("./integration.js") : {};
    // Another address may have been chosen meanwhile.
    if (view !== undefined) return route();
    view = name ? integrationView(name, path, connection) : overview(connection);
    main.replaceChildren(view.element);
    document.title = name ? `${name} – integrationd` : "integrationd";
    // Not at the first view: a page that opens begins at its top.
    if (shown !== undefined && shown !== name) main.querySelector("h1").focus();
    shown = name;
}

const message = notice();

async function reload() {
    main.prepend(message.element);
    await message.trying(async () => {
        const { applied, sections } = await post("/reload");
        const changed = [...applied, ...sections];
        message.show({ isGood: true, message: changed.length > 0 ? `Taken over: ${changed.join(", ")}.` : "The configuration has not changed." });
    });
}

const ask = async (options) => (await import("./access.js")).askForAccess(options);
access.ask = (wasRefused) => ask({ wasRefused });
access.addEventListener("change", () => {
    view?.close();
    view = undefined;
    route();
});
document.getElementById("access").addEventListener("click", () => ask({ mayCancel: true }));
document.getElementById("reload").addEventListener("click", reload);
addEventListener("hashchange", route);
// A stream that is left open would keep the page out of the browser's back-forward cache.
addEventListener("pagehide", () => view?.close());
addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    view = undefined;
    route();
});
route();
