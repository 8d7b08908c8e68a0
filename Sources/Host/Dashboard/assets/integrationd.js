// integrationd.js -- starts and watches imports of an integrationd from a page or from Node 20 and later.
//
// EventSource can send neither a token nor a tenant, and does not tell a refusal from a lost connection.  This reads
// the same streams with fetch.  Types and words: integrationd.d.ts.

/** How long a client waits before it connects again: a random part of a span that doubles up to a limit. */
export const BACK_OFF_BASE_MS = 1000;
export const BACK_OFF_LIMIT_MS = 30_000;

/** Events that wait for a slow `for await`; when there are as many, nothing more is read from the network. */
export const QUEUE_LIMIT = 64;

/** A stream that says nothing for as many heartbeats is dead: one may be late, two in a row are not. */
const SILENT_HEARTBEATS = 2.5;
/** Events of the daemon have a few hundred characters; whatever is as long as this is none. */
const MESSAGE_LIMIT = 1 << 24;
/** Longer timers fire at once. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;
/** Refusals that pass; any other status below 500 would be the same the next time. */
const PASSING = new Set([408, 425, 429]);
const NOT_IMPLEMENTED = 501;

/** Why a connection was ended from this side, when that is no failure. */
const HIDDEN = Symbol("hidden");

const systemClock = {
    now: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer),
};

/** What ended a run, or made it impossible to watch one. */
export class SyncError extends Error {
    constructor({ message, code, status, hint, event, cause }) {
        super(message, cause === undefined ? undefined : { cause });
        this.name = "SyncError";
        this.code = code;
        this.status = status;
        this.hint = hint;
        this.event = event;
    }
}

/** Starts an import, or joins the one under way. */
export function startSync(options) {
    return new Sync(`/integrations/${segment(options, "integration")}/sync/stream`, options);
}

/** Watches a run from its first event, or from behind `lastEventId`; starts nothing. */
export function watchRun(options) {
    return new Sync(`/runs/${segment(options, "runId")}/events`, options);
}

function segment(options, name) {
    if (typeof options?.[name] !== "string" || options[name] === "") throw new TypeError(`${name} is missing`);
    return encodeURIComponent(options[name]);
}

/** The messages of a text/event-stream, given as an (async) iterable of byte arrays or as a ReadableStream. */
export async function* parseEventStream(source, lastEventId = "") {
    const parser = new EventStreamParser(lastEventId);
    // Not every browser can iterate over a ReadableStream.
    for await (const bytes of source.getReader ? chunks(source) : source) yield* parser.push(bytes);
}

async function* chunks(stream) {
    const reader = stream.getReader();
    try {
        for (let part; !(part = await reader.read()).done; ) yield part.value;
    } finally {
        await reader.cancel();
    }
}

/** Bytes in, messages out, by the rules of the HTML standard; an unfinished block at the end is no message. */
class EventStreamParser {
    /** What the stream asked for with `retry:`, in ms. */
    retry;
    lastEventId;
    #decoder = new TextDecoder();
    #unfinishedLine = "";
    #endedWithCR = false;
    #id;
    #event = "";
    #data = [];
    #dataSize = 0;

    constructor(lastEventId) {
        this.lastEventId = this.#id = lastEventId;
    }

    push(bytes) {
        let text = this.#decoder.decode(bytes, { stream: true });
        if (text === "") return [];
        // CR ends a line at once, or a heartbeat would wait for its LF; that LF is then no line of its own.
        if (this.#endedWithCR && text.startsWith("\n")) text = text.slice(1);
        this.#endedWithCR = text.endsWith("\r");
        const lines = text.split(/\r\n|\r|\n/);
        lines[0] = this.#unfinishedLine + lines[0];
        this.#unfinishedLine = lines.pop();
        const messages = lines.map((line) => this.#take(line)).filter((message) => message !== undefined);
        if (this.#unfinishedLine.length + this.#dataSize > MESSAGE_LIMIT) {
            throw invalidAnswer("A message of the stream is too long.");
        }
        return messages;
    }

    #take(line) {
        if (line === "") return this.#endBlock();
        const colon = line.indexOf(":");
        // A comment's name is empty, and so means nothing below.
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
        if (name === "data") {
            this.#data.push(value);
            this.#dataSize += value.length;
        } else if (name === "event") this.#event = value;
        else if (name === "id" && !value.includes("\0")) this.#id = value;
        else if (name === "retry" && /^[0-9]+$/.test(value)) this.retry = Number(value);
        return undefined;
    }

    #endBlock() {
        const message = { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") };
        const hasData = this.#data.length > 0;
        this.lastEventId = this.#id;
        this.#event = "";
        this.#data = [];
        this.#dataSize = 0;
        return hasData ? message : undefined;
    }
}

class Sync {
    #url;
    #options;
    #clock;
    #fetch;
    #document = globalThis.document;
    #token;
    #tokenIsFresh = false;
    #cursor;
    #newest = {};
    #retry = 0;
    #failures = 0;
    #connection;
    #queue = [];
    #isIterated = false;
    #isClosed = false;
    #failure;
    #waiting = [];

    constructor(path, options) {
        // Resolved here, since fetch reports a wrong address as it does a lost network.
        this.#url = new URL((options.baseUrl ?? "").replace(/\/+$/, "") + path, globalThis.location?.href).href;
        this.#options = options;
        this.#clock = { ...systemClock, ...options.clock };
        // Browsers want fetch called on the global object.
        this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
        this.#token = options.token;
        this.#cursor = options.lastEventId ?? "";
        this.#headers();

        options.signal?.addEventListener("abort", this.#aborted);
        this.#document?.addEventListener("visibilitychange", this.#visibilityChanged);
        if (options.signal?.aborted) this.#aborted();
        else this.#run();
    }

    /** Stops watching.  The run goes on. */
    close() {
        this.#queue = [];
        this.#finish();
    }

    [Symbol.asyncIterator]() {
        this.#isIterated = true;
        return {
            next: () => this.#next(),
            return: async (value) => {
                this.close();
                return { value, done: true };
            },
            [Symbol.asyncIterator]() {
                return this;
            },
        };
    }

    async #next() {
        while (this.#queue.length === 0 && !this.#isClosed) await this.#change();
        if (this.#queue.length > 0) {
            const value = this.#queue.shift();
            this.#wake();
            return { value, done: false };
        }
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure !== undefined) throw failure;
        return { value: undefined, done: true };
    }

    async #run() {
        try {
            while (!this.#isClosed) {
                if (this.#isAsleep) {
                    await this.#change();
                    continue;
                }
                const setback = await this.#connect();
                if (setback && !this.#isClosed) await this.#backOff(setback);
            }
        } catch (error) {
            if (this.#isClosed) return;
            this.#finish(error);
            await this.#call("onError", error);
        }
    }

    /** One request and its answer.  Throws what is final; returns a setback, or nothing to go on at once. */
    async #connect() {
        const connection = (this.#connection = new AbortController());
        const request = { headers: this.#headers(), signal: connection.signal, cache: "no-store" };
        try {
            const answer = await this.#watch(connection, () => this.#fetch(this.#url, request));
            if (answer.status !== 200) return await this.#refused(answer, connection);
            if (!/^text\/event-stream\s*(;|$)/i.test(answer.headers.get("content-type") ?? "")) {
                throw invalidAnswer("The answer is not an event stream.", 200);
            }
            this.#tokenIsFresh = false;
            await this.#call("onOpen");
            return await this.#read(answer.body.getReader(), connection);
        } catch (error) {
            if (error instanceof SyncError) throw error;
            if (connection.signal.reason === HIDDEN) return undefined;
            return { reason: connection.signal.aborted ? connection.signal.reason : error };
        } finally {
            // Whatever is left of the answer is not wanted; the socket is freed.
            connection.abort();
        }
    }

    async #read(reader, connection) {
        const parser = new EventStreamParser(this.#cursor);
        for (;;) {
            const { done, value } = await this.#watch(connection, () => reader.read());
            if (done) return { reason: new Error("The stream ended before the run did.") };
            const messages = parser.push(value);
            this.#retry = parser.retry ?? this.#retry;
            for (const message of messages) {
                await this.#deliver(message);
                if (this.#isClosed) return undefined;
            }
            this.#cursor = parser.lastEventId;
            if (this.#isAsleep) return undefined;
        }
    }

    async #deliver({ id, event: type, data }) {
        this.#failures = 0;
        this.#cursor = id;
        if (type !== "progress" && type !== "complete" && type !== "error") return;
        const event = { ...parseBody(data), type, id };
        // A proxy may lose Last-Event-ID; the run then comes again from its first event.
        if (event.runId !== undefined && event.runId === this.#newest.runId && event.seq <= this.#newest.seq) return;
        this.#newest = event;

        await this.#enqueue(event);
        if (this.#isClosed) return;
        if (type === "progress") return this.#call("onProgress", event);
        this.#finish();
        if (type === "complete") return this.#call("onComplete", event);
        const { error: message, code, hint } = event;
        return this.#call("onError", new SyncError({ message, code, hint, event }));
    }

    async #enqueue(event) {
        while (this.#queue.length >= QUEUE_LIMIT && !this.#isClosed) {
            if (this.#isIterated || !this.#hasCallbacks) await this.#change();
            else this.#queue.shift();
        }
        if (this.#isClosed) return;
        this.#queue.push(event);
        this.#wake();
    }

    get #hasCallbacks() {
        const { onProgress, onComplete, onError } = this.#options;
        return Boolean(onProgress ?? onComplete ?? onError);
    }

    async #refused(answer, connection) {
        const { status } = answer;
        if (status === 204 && this.#cursor !== "") return this.#finish();
        if (status < 400) throw invalidAnswer(`The answer has the status ${status}.`, status);
        if (PASSING.has(status) || (status >= 500 && status !== NOT_IMPLEMENTED)) {
            return { reason: new Error(`HTTP status ${status}`), floor: this.#retryAfter(answer.headers) };
        }
        const problem = await this.#watch(connection, () => answer.json()).catch(() => undefined);
        const error = new SyncError({
            message: problem?.detail ?? problem?.title ?? `HTTP status ${status}`,
            code: problem?.code ?? `http-${status}`,
            hint: problem?.hint,
            status,
        });
        if (status !== 401 || !this.#options.refreshToken || this.#tokenIsFresh) throw error;
        return this.#refreshToken(error);
    }

    async #refreshToken({ message, code, status, hint }) {
        try {
            this.#token = await this.#options.refreshToken();
            this.#headers();
        } catch (cause) {
            throw new SyncError({ message, code, status, hint, cause });
        }
        this.#tokenIsFresh = true;
    }

    /** Throws for values that cannot stand in a header. */
    #headers() {
        const { projectId, orgId } = this.#options;
        const headers = new Headers({ Accept: "text/event-stream" });
        if (this.#token) headers.set("Authorization", `Bearer ${this.#token}`);
        if (orgId) headers.set("X-Org-ID", orgId);
        if (projectId) headers.set("X-Project-ID", projectId);
        if (this.#cursor) headers.set("Last-Event-ID", this.#cursor);
        return headers;
    }

    /** Ends the connection when `wait` takes longer than the daemon is ever silent. */
    async #watch(connection, wait) {
        const silence = (this.#options.heartbeatMs ?? 15_000) * SILENT_HEARTBEATS;
        const timer = this.#clock.setTimeout(() => connection.abort(new Error("The stream has gone silent.")), silence);
        // The socket keeps Node running, not the timer beside it.
        timer?.unref?.();
        try {
            return await wait();
        } finally {
            this.#clock.clearTimeout(timer);
        }
    }

    /** Random on top of what the server asks for: all its clients were cut off at the same moment. */
    async #backOff({ reason, floor = 0 }) {
        const span = Math.min(BACK_OFF_LIMIT_MS, BACK_OFF_BASE_MS * 2 ** this.#failures);
        this.#failures += 1;
        const delayMs = Math.min(TIMER_LIMIT_MS, Math.max(floor, this.#retry) + this.#clock.random() * span);
        let isOver = false;
        // This timer does keep Node running: until it fires there is no socket that would.
        const timer = this.#clock.setTimeout(() => {
            isOver = true;
            this.#wake();
        }, delayMs);
        await this.#call("onReconnect", { attempt: this.#failures, delayMs, reason });
        while (!isOver && !this.#isClosed) await this.#change();
        this.#clock.clearTimeout(timer);
    }

    #retryAfter(headers) {
        const value = headers.get("retry-after")?.trim() ?? "";
        const ms = /^[0-9]+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - this.#clock.now();
        return ms > 0 ? ms : 0;
    }

    /** Not before the first id: without one, coming back could start another run. */
    get #isAsleep() {
        return this.#document?.visibilityState === "hidden" && this.#cursor !== "";
    }

    #visibilityChanged = () => {
        if (this.#isAsleep) this.#connection?.abort(HIDDEN);
        this.#wake();
    };

    #aborted = () => {
        this.#queue = [];
        this.#finish(this.#options.signal.reason);
    };

    #finish(failure) {
        if (this.#isClosed) return;
        this.#isClosed = true;
        this.#failure = failure;
        this.#options.signal?.removeEventListener("abort", this.#aborted);
        this.#document?.removeEventListener("visibilitychange", this.#visibilityChanged);
        this.#connection?.abort();
        this.#wake();
    }

    /** A callback that throws is an uncaught error, as in any listener, and does not end the stream. */
    async #call(name, argument) {
        try {
            await this.#options[name]?.(argument);
        } catch (error) {
            queueMicrotask(() => {
                throw error;
            });
        }
    }

    /** Resolves when something has changed that anybody may be waiting for. */
    #change() {
        return new Promise((resolve) => this.#waiting.push(resolve));
    }

    #wake() {
        for (const resolve of this.#waiting.splice(0)) resolve();
    }
}

function parseBody(data) {
    try {
        return JSON.parse(data);
    } catch (cause) {
        throw invalidAnswer("The body of an event is not JSON.", undefined, cause);
    }
}

function invalidAnswer(message, status, cause) {
    const hint = "Is there a proxy that answers itself?";
    return new SyncError({ message, code: "invalid-answer", status, cause, hint });
}
