// The daemon's API, for whoever this tab is signed in as.

import { isThere, setConnection, tell } from "./dom.js";

/** Where the daemon is: this page's own address, whatever a proxy has put before it. */
const base = new URL(".", location.href).href.replace(/\/$/, "");

/** Kept for this tab and no longer; nothing else of this page is kept anywhere. */
const KEY = "integrationd";
/** A daemon that does not answer for so long does not answer. */
const PATIENCE_MS = 20_000;
/** Until it is asked again. */
const AGAIN_MS = 4000;

/** Who this tab is: { token, orgId, projectId }. */
export let access = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");

export function setAccess(values) {
    access = values;
    sessionStorage.setItem(KEY, JSON.stringify(values));
    dispatchEvent(new Event("access"));
}

/** Another token instead of one that was refused. */
async function renew(refused) {
    const { askForAccess } = await import("./access.js");
    if (access.token === refused) await askForAccess({ wasRefused: refused });
    return access.token;
}

const given = (values) => Object.entries(values).filter(([, value]) => isThere(value));

/** Throws what the daemon refuses, with its status, or what fetch throws when nobody answers. */
async function request(method, path, body) {
    for (;;) {
        const { token, orgId, projectId } = access;
        const headers = given({
            Authorization: token && `Bearer ${token}`, "X-Org-ID": orgId, "X-Project-ID": projectId, "Content-Type": body && "application/json",
        });
        const answer = await fetch(base + path, {
            method, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
            body: body && JSON.stringify(body),
        });
        if (answer.status === 401) {
            await renew(token);
            continue;
        }
        if (answer.ok) return answer.status === 204 ? undefined : answer.json();
        const { status } = answer;
        const { detail, hint, errors } = await answer.json().catch(() => ({}));
        throw Object.assign(new Error(detail ?? `The server answers with status ${status}.`), { status, hint, details: errors });
    }
}

export const get = (path, parameters) => request("GET", parameters ? `${path}?${new URLSearchParams(given(parameters))}` : path);
export const post = (path, body) => request("POST", path, body);
export const del = (path) => request("DELETE", path);

/** What options of integrationd.js are the same for every stream. */
export const streamOptions = () => {
    let { token } = access;
    return { ...access, baseUrl: base, refreshToken: async () => (token = await renew(token)) };
};

/**
 * Asks again and again, at once when the tab is shown, and not at all while it is hidden; tells why it does not work.
 * `ask` resolves to the milliseconds until the next time, or to undefined: not by itself.  Returns { now, stop }.
 */
export function poll(ask) {
    let timer;
    let isAsking = false;
    let isStale = false;
    let isStopped = false;
    const now = async () => {
        clearTimeout(timer);
        if (isStopped || document.hidden) return;
        // What is asked already may be answered as it was.
        if (isAsking) return (isStale = true);
        isAsking = true;
        isStale = false;
        let pause = AGAIN_MS;
        try {
            pause = await ask();
            setConnection("");
        } catch (error) {
            // A refusal is about what was asked for; that nobody answers is about everything.
            if (error.status) tell(error);
            else setConnection("The daemon does not answer. Trying again…");
        }
        isAsking = false;
        if (isStale) now();
        else if (!isStopped && pause !== undefined) timer = setTimeout(now, pause);
    };
    document.addEventListener("visibilitychange", now);
    now();
    return {
        now,
        stop() {
            isStopped = true;
            clearTimeout(timer);
            document.removeEventListener("visibilitychange", now);
        },
    };
}
