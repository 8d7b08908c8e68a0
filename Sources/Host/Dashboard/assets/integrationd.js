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
/** Refusals that pass; any other status below 500, and 501, would be the same the next time. */
const PASSING = new Set([408, 425, 429]);

/** Why a connection was ended from this side, when that is no failure. */
const HIDDEN = Symbol();

const systemClock = {
    now: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer),
};

/** What ended a run, or made it impossible to watch one. */
export class SyncError extends Error {
    constructor({ message, cause, code, status, hint, event }) {
        super(message, { cause });
        Object.assign(this, { name: "SyncError", code, status, hint, event });
    }
}

/** Starts an import, or joins the one under way. */
export function startSync(options) {
    return follow(`/integrations/${segment(options, "integration")}/sync/stream`, options);
}

/** Watches a run from its first event, or from behind `lastEventId`; starts nothing. */
export function watchRun(options) {
    return follow(`/runs/${segment(options, "runId")}/events`, options);
}

function segment(options, name) {
    if (typeof options?.[name] !== "string" || options[name] === "") throw new TypeError(`${name} is missing`);
    return encodeURIComponent(options[name]);
}

/** The messages of a text/event-stream, given as an (async) iterable of byte arrays or as a ReadableStream. */
export async function* parseEventStream(source, lastEventId = "") {
    const parser = eventStreamParser(lastEventId);
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
function eventStreamParser(lastEventId) {
    const parser = { push, lastEventId, retry: undefined };
    const decoder = new TextDecoder();
    let unfinishedLine = "";
    let endedWithCR = false;
    let id = lastEventId;
    let event = "";
    let data = [];
    let dataSize = 0;
    return parser;

    function push(bytes) {
        let text = decoder.decode(bytes, { stream: true });
        if (text === "") return [];
        // CR ends a line at once, or a heartbeat would wait for its LF; that LF is then no line of its own.
        if (endedWithCR && text.startsWith("\n")) text = text.slice(1);
        endedWithCR = text.endsWith("\r");
        const lines = text.split(/\r\n|\r|\n/);
        lines[0] = unfinishedLine + lines[0];
        unfinishedLine = lines.pop();
        const messages = lines.map(take).filter(Boolean);
        if (unfinishedLine.length + dataSize > MESSAGE_LIMIT) throw invalidAnswer("A message of the stream is too long.");
        return messages;
    }

    function take(line) {
        if (line === "") return endBlock();
        // A comment's name is empty, and so means nothing below.
        const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
        if (name === "data") {
            data.push(value);
            dataSize += value.length;
        } else if (name === "event") event = value;
        else if (name === "id" && !value.includes("\0")) id = value;
        else if (name === "retry" && /^[0-9]+$/.test(value)) parser.retry = Number(value);
        return undefined;
    }

    function endBlock() {
        const message = data.length > 0 && { id, event: event || "message", data: data.join("\n") };
        parser.lastEventId = id;
        event = "";
        data = [];
        dataSize = 0;
        return message;
    }
}

/** One run, watched over as many connections as it takes. */
function follow(path, options) {
    // Resolved here, since fetch reports a wrong address as it does a lost network.
    const url = new URL((options.baseUrl ?? "").replace(/\/+$/, "") + path, globalThis.location?.href).href;
    const clock = { ...systemClock, ...options.clock };
    // Browsers want fetch called on the global object.
    const fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    const { document } = globalThis;
    let { token } = options;
    let cursor = options.lastEventId ?? "";
    const hasCallbacks = options.onProgress ?? options.onComplete ?? options.onError;
    let tokenIsFresh = false;
    let newest = {};
    let retry = 0;
    let failures = 0;
    let current;
    let queue = [];
    let isIterated = false;
    let isClosed = false;
    let thrown;
    const waiting = [];

    headers();
    options.signal?.addEventListener("abort", aborted);
    document?.addEventListener("visibilitychange", visibilityChanged);
    if (options.signal?.aborted) aborted();
    else run();

    return {
        close,
        [Symbol.asyncIterator]() {
            isIterated = true;
            return {
                next,
                async return(value) {
                    close();
                    return { value, done: true };
                },
                [Symbol.asyncIterator]() {
                    return this;
                },
            };
        },
    };

    /** Stops watching.  The run goes on. */
    function close() {
        queue = [];
        finish();
    }

    async function next() {
        while (queue.length === 0 && !isClosed) await change();
        if (queue.length > 0) {
            const value = queue.shift();
            wake();
            return { value, done: false };
        }
        const failure = thrown;
        thrown = undefined;
        if (failure !== undefined) throw failure;
        return { value: undefined, done: true };
    }

    async function run() {
        try {
            while (!isClosed) {
                const setback = await (isAsleep() ? change() : connect());
                if (setback && !isClosed) await backOff(setback);
            }
        } catch (error) {
            if (isClosed) return;
            finish(error);
            await call("onError", error);
        }
    }

    /** One request and its answer.  Throws what is final; returns a setback, or nothing to go on at once. */
    async function connect() {
        current = new AbortController();
        const { signal } = current;
        const request = { headers: headers(), signal, cache: "no-store" };
        try {
            const answer = await watch(() => fetch(url, request));
            if (answer.status !== 200) return await refused(answer);
            if (!/^text\/event-stream\s*(;|$)/i.test(answer.headers.get("content-type") ?? "")) {
                throw invalidAnswer("The answer is not an event stream.", 200);
            }
            tokenIsFresh = false;
            await call("onOpen");
            return await read(answer.body.getReader());
        } catch (error) {
            if (error instanceof SyncError) throw error;
            if (signal.reason === HIDDEN) return undefined;
            return { reason: signal.aborted ? signal.reason : error };
        } finally {
            // Whatever is left of the answer is not wanted; the socket is freed.
            current.abort();
        }
    }

    async function read(reader) {
        const parser = eventStreamParser(cursor);
        for (;;) {
            const { done, value } = await watch(() => reader.read());
            if (done) return { reason: new Error("The stream ended before the run did.") };
            const messages = parser.push(value);
            retry = parser.retry ?? retry;
            for (const message of messages) {
                await deliver(message);
                if (isClosed) return undefined;
            }
            cursor = parser.lastEventId;
            if (isAsleep()) return undefined;
        }
    }

    async function deliver({ id, event: type, data }) {
        failures = 0;
        cursor = id;
        if (type !== "progress" && type !== "complete" && type !== "error") return;
        const event = { ...parseBody(data), type, id };
        // A proxy may lose Last-Event-ID; the run then comes again from its first event.
        if (event.runId !== undefined && event.runId === newest.runId && event.seq <= newest.seq) return;
        newest = event;

        await enqueue(event);
        if (isClosed) return;
        if (type === "progress") return call("onProgress", event);
        finish();
        if (type === "complete") return call("onComplete", event);
        const { error: message, code, hint } = event;
        return call("onError", new SyncError({ message, code, hint, event }));
    }

    async function enqueue(event) {
        while (queue.length >= QUEUE_LIMIT && !isClosed) {
            if (isIterated || !hasCallbacks) await change();
            else queue.shift();
        }
        if (isClosed) return;
        queue.push(event);
        wake();
    }

    async function refused(answer) {
        const { status } = answer;
        if (status === 204 && cursor !== "") return finish();
        if (status < 400) throw invalidAnswer(`The answer has the status ${status}.`, status);
        if (PASSING.has(status) || (status >= 500 && status !== 501)) {
            return { reason: new Error(`HTTP status ${status}`), floor: retryAfter(answer.headers) };
        }
        const problem = (await watch(() => answer.json()).catch(() => undefined)) ?? {};
        const { title = `HTTP status ${status}`, detail: message = title, code = `http-${status}`, hint } = problem;
        const error = new SyncError({ message, code, hint, status });
        if (status !== 401 || !options.refreshToken || tokenIsFresh) throw error;
        return refreshToken(error);
    }

    async function refreshToken(refusal) {
        try {
            token = await options.refreshToken();
            headers();
        } catch (cause) {
            throw Object.assign(refusal, { cause });
        }
        tokenIsFresh = true;
    }

    /** Throws for values that cannot stand in a header. */
    function headers() {
        const values = {
            Accept: "text/event-stream", Authorization: token && `Bearer ${token}`, "X-Org-ID": options.orgId,
            "X-Project-ID": options.projectId, "Last-Event-ID": cursor,
        };
        return new Headers(Object.entries(values).filter(([, value]) => value));
    }

    /** Ends the connection when `wait` takes longer than the daemon is ever silent. */
    async function watch(wait) {
        const silence = (options.heartbeatMs ?? 15_000) * SILENT_HEARTBEATS;
        const timer = clock.setTimeout(() => current.abort(new Error("The stream has gone silent.")), silence);
        // The socket keeps Node running, not the timer beside it.
        timer?.unref?.();
        try {
            return await wait();
        } finally {
            clock.clearTimeout(timer);
        }
    }

    /** Random on top of what the server asks for: all its clients were cut off at the same moment. */
    async function backOff({ reason, floor = 0 }) {
        const span = Math.min(BACK_OFF_LIMIT_MS, BACK_OFF_BASE_MS * 2 ** failures);
        failures += 1;
        const delayMs = Math.min(TIMER_LIMIT_MS, Math.max(floor, retry) + clock.random() * span);
        let isOver = false;
        // This timer does keep Node running: until it fires there is no socket that would.
        const timer = clock.setTimeout(() => {
            isOver = true;
            wake();
        }, delayMs);
        await call("onReconnect", { attempt: failures, delayMs, reason });
        while (!isOver && !isClosed) await change();
        clock.clearTimeout(timer);
    }

    function retryAfter(headers) {
        const value = headers.get("retry-after")?.trim() ?? "";
        const ms = /^[0-9]+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - clock.now();
        return ms > 0 ? ms : 0;
    }

    /** Not before the first id: without one, coming back could start another run. */
    function isAsleep() {
        return document?.visibilityState === "hidden" && cursor !== "";
    }

    function visibilityChanged() {
        if (isAsleep()) current?.abort(HIDDEN);
        wake();
    }

    function aborted() {
        queue = [];
        finish(options.signal.reason);
    }

    function finish(failure) {
        if (isClosed) return;
        isClosed = true;
        thrown = failure;
        options.signal?.removeEventListener("abort", aborted);
        document?.removeEventListener("visibilitychange", visibilityChanged);
        current?.abort();
        wake();
    }

    /** A callback that throws is an uncaught error, as in any listener, and does not end the stream. */
    async function call(name, argument) {
        try {
            await options[name]?.(argument);
        } catch (error) {
            queueMicrotask(() => {
                throw error;
            });
        }
    }

    /** Resolves when something has changed that anybody may be waiting for. */
    function change() {
        return new Promise((resolve) => waiting.push(resolve));
    }

    function wake() {
        for (const resolve of waiting.splice(0)) resolve();
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
