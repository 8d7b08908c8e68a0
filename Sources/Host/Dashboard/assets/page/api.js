// The daemon's API, for whoever this tab is signed in as.

/** Where the daemon is: this page's own address, whatever a proxy has put before it. */
export const base = new URL(".", location.href).href.replace(/\/$/, "");

/** Kept for this tab and no longer; nothing else of this page is kept anywhere. */
const KEY = "integrationd";
/** A daemon that does not answer for so long does not answer. */
const PATIENCE_MS = 20_000;

class Access extends EventTarget {
    #values = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    #renewal;
    /** Asks a person for a token: set by the dialog. */
    ask = async () => {};

    get token() { return this.#values.token; }
    get orgId() { return this.#values.orgId; }
    get projectId() { return this.#values.projectId; }

    set(values) {
        this.#values = values;
        sessionStorage.setItem(KEY, JSON.stringify(values));
        this.dispatchEvent(new Event("change"));
    }

    /** Another token instead of one that was refused; one question for all who wait. */
    async renew(refused) {
        if (this.token !== refused) return this.token;
        this.#renewal ??= this.ask(refused !== undefined).finally(() => (this.#renewal = undefined));
        await this.#renewal;
        return this.token;
    }

    headers() {
        const headers = {};
        if (this.token) headers.Authorization = `Bearer ${this.token}`;
        if (this.orgId) headers["X-Org-ID"] = this.orgId;
        if (this.projectId) headers["X-Project-ID"] = this.projectId;
        return headers;
    }
}

export const access = new Access();

/** An answer that is no success. */
export class Refusal extends Error {
    constructor(status, problem) {
        super(problem?.detail ?? `The server answers with status ${status}.`);
        Object.assign(this, { status, code: problem?.code, hint: problem?.hint, details: problem?.errors });
    }
}

/** Throws a Refusal, or what fetch throws when nobody answers. */
async function request(method, path, body) {
    for (;;) {
        const { token } = access;
        const headers = access.headers();
        if (body !== undefined) headers["Content-Type"] = "application/json";
        const answer = await fetch(base + path, {
            method, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS),
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        if (answer.status === 401) {
            await access.renew(token);
            continue;
        }
        if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => undefined));
        return answer.status === 204 ? undefined : answer.json();
    }
}

export const get = (path) => request("GET", path);
export const post = (path, body) => request("POST", path, body);
export const del = (path) => request("DELETE", path);

export const query = (values) => {
    const parameters = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
    return parameters.size > 0 ? `?${parameters}` : "";
};

/** What options of integrationd.js are the same for every stream. */
export const streamOptions = () => {
    const { orgId, projectId } = access;
    let { token } = access;
    const refreshToken = async () => (token = await access.renew(token));
    return { baseUrl: base, token, orgId, projectId, refreshToken };
};

/**
 * Asks again and again, at once when the tab is shown, and not at all while it is hidden.
 * `ask` resolves to the milliseconds until the next time.  Returns { now, stop }.
 */
export function poll(ask) {
    let timer;
    let isAsking = false;
    let isStopped = false;
    const run = async () => {
        clearTimeout(timer);
        if (isStopped || isAsking || document.hidden) return;
        isAsking = true;
        const pause = await ask();
        isAsking = false;
        if (!isStopped) timer = setTimeout(run, pause);
    };
    document.addEventListener("visibilitychange", run);
    run();
    return {
        now: run,
        stop() {
            isStopped = true;
            clearTimeout(timer);
            document.removeEventListener("visibilitychange", run);
        },
    };
}
