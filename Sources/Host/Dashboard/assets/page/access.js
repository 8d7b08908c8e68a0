// The one place where a token is entered.

import { access, setAccess } from "./api.js";
import { h } from "./dom.js";

let open;

/**
 * Resolves when new values are set, or when it was given up and `mayCancel`.  One question for all who wait.
 * Without `mayCancel` nothing else can be done meanwhile: the server wants a token.
 */
export const askForAccess = (options) => (open ??= ask(options).finally(() => (open = undefined)));

function ask({ wasRefused, mayCancel }) {
    const reason = wasRefused ? "The server does not know this token."
        : mayCancel ? "Where no token is asked for, leave it empty." : "This server asks for a token.";
    const field = (label, name, more) => h("label.field", h("span", label), h("input", { name, autocomplete: "off", ...more }));
    const tenant = (label, name) =>
        field(label, name, { pattern: "[A-Za-z0-9._\\-]{1,128}", value: access[name] ?? "", placeholder: "default" });
    const form = h(
        "form", { method: "dialog" }, h("h2", { id: "access-title" }, "Access"),
        h("p", reason, " It is kept for this tab only, until it is closed."),
        field("Token", "token", { type: "password" }), tenant("Organization", "orgId"), tenant("Project", "projectId"),
        h("div.actions", h("button", { value: "set" }, "Continue"),
            mayCancel && h("button.quiet", { value: "cancel", formnovalidate: true }, "Cancel")));
    return new Promise((resolve) => {
        const dialog = h("dialog.card", {
            "aria-labelledby": "access-title",
            oncancel: (event) => mayCancel || event.preventDefault(),
            onclose() {
                dialog.remove();
                if (dialog.returnValue === "set") {
                    const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
                    setAccess({ ...(mayCancel && { token: access.token }), ...Object.fromEntries(given) });
                }
                resolve();
            },
        }, form);
        document.body.append(dialog);
        dialog.showModal();
    });
}
