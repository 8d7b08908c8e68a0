// The one place where a token is entered.

import { access } from "./api.js";
import { h } from "./dom.js";

let open;

/**
 * Resolves when new values are set, or when it was given up and `mayCancel`.
 * Without `mayCancel` nothing else can be done meanwhile: the server wants a token.
 */
export function askForAccess({ wasRefused = false, mayCancel = false } = {}) {
    open ??= show(wasRefused, mayCancel).finally(() => (open = undefined));
    return open;
}

function show(wasRefused, mayCancel) {
    const token = field("Token", { type: "password", autocomplete: "off", spellcheck: "false", value: "" });
    const organization = field("Organization", { autocomplete: "off", pattern: "[A-Za-z0-9._\\-]{1,128}", value: access.orgId, placeholder: "default" });
    const project = field("Project", { autocomplete: "off", pattern: "[A-Za-z0-9._\\-]{1,128}", value: access.projectId, placeholder: "default" });
    const reason = wasRefused ? "The server does not know this token." : mayCancel ? "Where no token is asked for, leave it empty." : "This server asks for a token.";
    const dialog = h(
        "dialog", { "aria-labelledby": "access-title" },
        h("form", { method: "dialog" },
            h("h2", { id: "access-title" }, "Access"), h("p", {}, reason, " It is kept for this tab only, until it is closed."),
            token.element, organization.element, project.element,
            h("div.actions", {},
                h("button", { type: "submit", value: "set" }, "Continue"),
                mayCancel ? h("button.quiet", { type: "submit", value: "cancel", formnovalidate: true }, "Cancel") : undefined)));
    if (!mayCancel) dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
        dialog.addEventListener("close", () => {
            dialog.remove();
            if (dialog.returnValue === "set") {
                access.set({
                    token: token.value || (mayCancel ? access.token : undefined),
                    orgId: organization.value || undefined, projectId: project.value || undefined,
                });
            }
            resolve();
        });
    });
}

function field(label, attributes) {
    const input = h("input", attributes);
    return {
        element: h("label.field", {}, h("span", {}, label), input),
        get value() {
            return input.value.trim();
        },
    };
}
