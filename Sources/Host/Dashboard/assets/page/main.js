// Which view the address means, and what stands above all views.

import { post } from "./api.js";
import { byId, tell, trying } from "./dom.js";
import { overview } from "./overview.js";

const main = byId("main");
let view;
let shown;

/** `#/`, `#/clickup/documents/<id>`, `#/clickup/run/<id>/log` */
async function route() {
    const [name, ...path] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    // Within an integration its view goes on.
    if (name && view?.name === name) return view.show(path);
    leave();
    const { integrationView } = name ? await import("./integration.js") : {};
    // Another address may have been chosen meanwhile.
    if (view !== undefined) return route();
    view = name ? integrationView(name, path) : overview();
    main.replaceChildren(view.element);
    document.title = name ? `${name} – integrationd` : "integrationd";
    // Not at the first view: a page that opens begins at its top.
    if (shown !== undefined && shown !== name) main.querySelector("h1").focus();
    shown = name;
}

function leave() {
    view?.close();
    view = undefined;
}

function again() {
    leave();
    route();
}

byId("reload").onclick = () => trying(async () => {
    const { applied, sections } = await post("/reload");
    const changed = [...applied, ...sections].join(", ");
    tell({ isGood: true, message: changed ? `Taken over: ${changed}.` : "The configuration has not changed." });
});

byId("access").onclick = async () => (await import("./access.js")).askForAccess({ mayCancel: true });
addEventListener("access", again);
addEventListener("hashchange", route);
// A stream that is left open would keep the page out of the browser's back-forward cache.
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => persisted && again());
route();
