// The JavaScript client against servers on real sockets: node --test Tests/Browser/
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import {
    BACK_OFF_BASE_MS,
    BACK_OFF_LIMIT_MS,
    QUEUE_LIMIT,
    parseEventStream,
    startSync,
    SyncError,
    watchRun,
} from "../../Sources/Host/Dashboard/assets/integrationd.js";

const RUN = "01990b3c-2d4e-7a51-9c0f-5b1c2a7d9e10";
const deadline = { timeout: 5000 };

// MARK: the parser

async function parse(parts, lastEventId) {
    const messages = [];
    for await (const message of parseEventStream(parts, lastEventId)) messages.push(message);
    return messages;
}

const bytes = (text) => new TextEncoder().encode(text);

function cut(whole, lengthOf) {
    const parts = [];
    for (let at = 0; at < whole.length; ) {
        const end = at + lengthOf();
        parts.push(whole.subarray(at, end));
        at = end;
    }
    return parts;
}

/** The same numbers in each run of the tests. */
function dice(seed) {
    return (limit) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * limit);
    };
}

const STREAM =
    "\uFEFFretry: 2000\r\nid: a.1\revent: progress\ndata: {\"message\":\"Größe 🦊\"}\r\n\r\n" +
    ":\n: comment\n\n\r\n" +
    "data:no space\ndata:  two spaces\ndata\ndata: a: b\n\n" +
    "id: bad\0id\nevent: ping\nunknown: x\ndata: 1\r\r" +
    "id: a.2\n\n" +
    "event: forgotten\n\ndata: 2\n\n" +
    "id\ndata\n\n" +
    "data: unfinished\n";
const MESSAGES = [
    { id: "a.1", event: "progress", data: '{"message":"Größe 🦊"}' },
    { id: "a.1", event: "message", data: "no space\n two spaces\n\na: b" },
    { id: "a.1", event: "ping", data: "1" },
    { id: "a.2", event: "message", data: "2" },
    { id: "", event: "message", data: "" },
];

test("a stream parses alike in one piece, byte by byte and in any chunking", async () => {
    const whole = bytes(STREAM);
    assert.deepEqual(await parse([whole]), MESSAGES);
    assert.deepEqual(await parse(cut(whole, () => 1)), MESSAGES);
    const roll = dice(7);
    for (let round = 0; round < 300; round++) {
        assert.deepEqual(await parse(cut(whole, () => roll(9))), MESSAGES);
    }
});

test("all three line ends mean the same", async () => {
    for (const end of ["\n", "\r", "\r\n"]) {
        const text = ["id: 1", "data: x", "data: y", "", "data: z", "", ""].join(end);
        for (const parts of [[bytes(text)], cut(bytes(text), () => 1)]) {
            assert.deepEqual(await parse(parts), [
                { id: "1", event: "message", data: "x\ny" },
                { id: "1", event: "message", data: "z" },
            ]);
        }
    }
});

test("a message is there with its last CR, before anything follows", async () => {
    const messages = parseEventStream([bytes("data: x\r\r"), bytes("\ndata: y\r\n\r\n")]);
    assert.equal((await messages.next()).value.data, "x");
    assert.equal((await messages.next()).value.data, "y");
});

test("the parser reads a ReadableStream and knows the id that came before", async () => {
    const stream = new Response("data: x\n\n").body;
    assert.deepEqual(await parse(stream, "a.7"), [{ id: "a.7", event: "message", data: "x" }]);
});

test("a message without an end is refused instead of kept", async () => {
    const endless = (function* () {
        for (;;) yield new Uint8Array(1 << 20).fill(120);
    })();
    await assert.rejects(parse(endless), { name: "SyncError", code: "invalid-answer" });
});

// MARK: the client

/** Serves the n-th request with the n-th of `answers`, and every further one with the last. */
async function serve(t, ...answers) {
    const requests = [];
    const server = createServer((request, response) => {
        const answer = answers[Math.min(requests.length, answers.length - 1)];
        requests.push(request);
        answer(response, request);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    const baseUrl = `http://127.0.0.1:${server.address().port}/api/`;
    return { requests, options: { baseUrl, integration: "clickup", runId: RUN, clock: impatientClock() } };
}

/** Time passes as usual, but no back-off takes longer than a few ms; `delays` are those that were asked for. */
function impatientClock(random = 0) {
    const delays = [];
    return {
        delays,
        random: () => random,
        setTimeout(callback, ms) {
            // The watchdog's 2.5 heartbeats; no test waits for that.
            if (ms === 37_500) return setTimeout(callback, ms);
            delays.push(ms);
            return setTimeout(callback, Math.min(ms, 5));
        },
    };
}

function block(seq, type = "progress", body = {}) {
    const rest = type === "progress" ? { step: "storing_doc", message: `Storing doc: ${seq}` } : {};
    const data = JSON.stringify({ ...rest, ...body, type, runId: RUN, seq });
    return `id: ${RUN}.${seq}\nevent: ${type}\ndata: ${data}\n\n`;
}

function open(response) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    return response;
}

const stream = (...blocks) => (response) => open(response).end("retry: 2\n" + blocks.join(""));
/** Ends the connection in the middle of a chunked body, once the blocks have left. */
const broken = (...blocks) => (response) => open(response).write(blocks.join(""), () => response.destroy());
const hanging = (...blocks) => (response) => open(response).write(blocks.join("") || ":\n");
const refuse = (status, headers = {}, problem) => (response) =>
    response.writeHead(status, { "Content-Type": "application/problem+json", ...headers }).end(JSON.stringify(problem));

/** An event is handed out before the client reads on; what is to cut a read has to come after that. */
const clientIsReading = () => new Promise(setImmediate);

async function sequence(sync) {
    const events = [];
    for await (const event of sync) events.push(event.seq);
    return events;
}

test("a sync is iterated and called back alike, and says for whom it asks", deadline, async (t) => {
    const { requests, options } = await serve(t, stream(block(1), block(4), block(5, "complete", { result: {} })));
    const seen = [];
    const sync = startSync({
        ...options, integration: "my plugin", token: "secret", orgId: "o1", projectId: "p1",
        onProgress: (event) => seen.push(event.message),
        onComplete: (event) => seen.push(event.type),
        onError: () => seen.push("error"),
    });
    const events = [];
    for await (const event of sync) events.push(event);
    assert.deepEqual(events.map((event) => event.type), ["progress", "progress", "complete"]);
    assert.equal(events[0].id, `${RUN}.1`);
    assert.deepEqual(seen, ["Storing doc: 1", "Storing doc: 4", "complete"]);

    const [{ url, headers }] = requests;
    assert.equal(url, "/api/integrations/my%20plugin/sync/stream");
    assert.equal(headers.accept, "text/event-stream");
    assert.equal(headers.authorization, "Bearer secret");
    assert.equal(headers["x-org-id"], "o1");
    assert.equal(headers["x-project-id"], "p1");
    assert.equal(headers["last-event-id"], undefined);
});

test("after a cut the stream goes on behind the last event, without doubles", deadline, async (t) => {
    const { requests, options } = await serve(
        t,
        broken(block(1), block(2), "id: lost\ndata: unfin"),
        stream(block(3)),
        // A proxy that lost the header: everything once more.
        stream(block(1), block(2), block(3), block(4), block(5, "complete")));
    assert.deepEqual(await sequence(startSync(options)), [1, 2, 3, 4, 5]);
    const cursors = requests.map(({ headers }) => headers["last-event-id"]);
    assert.deepEqual(cursors, [undefined, `${RUN}.2`, `${RUN}.3`]);
});

test("the end of a body is no success, and before the first id the GET is repeated", deadline, async (t) => {
    const { requests, options } = await serve(t, stream(), stream(), stream(block(1, "complete")));
    assert.deepEqual(await sequence(startSync(options)), [1]);
    assert.deepEqual(requests.map(({ headers }) => headers["last-event-id"]), [undefined, undefined, undefined]);
});

test("a run that fails ends the iteration with its event, and onError has code and hint", deadline, async (t) => {
    const { options } = await serve(
        t, stream(block(1), block(2, "error", { error: "No entry", code: "upstream-unauthorized", hint: "Ask." })));
    const errors = [];
    assert.deepEqual(await sequence(watchRun({ ...options, onError: (error) => errors.push(error) })), [1, 2]);
    assert.equal(errors.length, 1);
    const [{ message, code, hint, status, event }] = errors;
    assert.deepEqual([message, code, hint, status], ["No entry", "upstream-unauthorized", "Ask.", undefined]);
    assert.equal(event.seq, 2);
});

test("a run is watched by its id, from a cursor", deadline, async (t) => {
    const { requests, options } = await serve(t, stream(block(9, "complete")));
    assert.deepEqual(await sequence(watchRun({ ...options, lastEventId: "earliest" })), [9]);
    assert.equal(requests[0].url, `/api/runs/${RUN}/events`);
    assert.equal(requests[0].headers["last-event-id"], "earliest");
});

test("a refusal that will not change is thrown and told, after one request", deadline, async (t) => {
    for (const status of [400, 403, 404, 406, 409, 410, 422, 501]) {
        const problem = { title: "No", detail: "Because.", code: "some-code", hint: "Do." };
        const { requests, options } = await serve(t, refuse(status, {}, problem));
        const errors = [];
        await assert.rejects(sequence(startSync({ ...options, onError: (error) => errors.push(error) })), (error) => {
            assert.ok(error instanceof SyncError);
            const { code, message, hint } = error;
            assert.deepEqual([error.status, code, message, hint], [status, "some-code", "Because.", "Do."]);
            assert.deepEqual(errors, [error]);
            return true;
        });
        assert.equal(requests.length, 1);
    }
});

test("an answer that is not the daemon's is thrown", deadline, async (t) => {
    const page = (status) => (response) => response.writeHead(status, { "Content-Type": "text/html" }).end("<p>");
    const expected = [[page(200), "invalid-answer"], [page(204), "invalid-answer"], [page(404), "http-404"]];
    for (const [answer, code] of [...expected, [stream("data: {\nevent: progress\n\n"), "invalid-answer"]]) {
        const { options } = await serve(t, answer);
        await assert.rejects(sequence(startSync(options)), { name: "SyncError", code });
    }
});

test("204 to a cursor is the end of a run that is over", deadline, async (t) => {
    const { options } = await serve(t, (response) => response.writeHead(204).end());
    assert.deepEqual(await sequence(startSync({ ...options, lastEventId: `${RUN}.9` })), []);
});

test("a refused token is refreshed once, and again only after one that worked", deadline, async (t) => {
    const refusal = refuse(401, {}, { code: "unauthenticated" });
    const needs = (token, answer) => (response, request) =>
        (request.headers.authorization === `Bearer ${token}` ? answer : refusal)(response);
    let count = 0;
    const refreshToken = async () => `new-${++count}`;

    const good = await serve(
        t, needs("new-1", stream()), needs("new-1", stream(block(1))), needs("new-2", stream()),
        needs("new-2", stream(block(2, "complete"))));
    assert.deepEqual(await sequence(startSync({ ...good.options, token: "old", refreshToken })), [1, 2]);
    assert.equal(count, 2);

    const bad = await serve(t, needs("none"));
    const refused = { status: 401, code: "unauthenticated" };
    await assert.rejects(sequence(startSync({ ...bad.options, refreshToken })), refused);
    assert.deepEqual([count, bad.requests.length], [3, 2]);
    await assert.rejects(sequence(startSync(bad.options)), refused);
    assert.equal(bad.requests.length, 3);
});

test("what passes is tried again, not before Retry-After", deadline, async (t) => {
    const now = Date.UTC(2026, 0, 1);
    const { options } = await serve(
        t,
        refuse(429, { "Retry-After": "7" }),
        refuse(503, { "Retry-After": new Date(now + 9000).toUTCString() }),
        refuse(500, { "Retry-After": "soon" }),
        stream(block(1, "complete")));
    const { clock } = options;
    clock.now = () => now;
    const told = [];
    const onReconnect = ({ attempt, delayMs }) => told.push([attempt, delayMs]);
    assert.deepEqual(await sequence(startSync({ ...options, onReconnect })), [1]);
    assert.deepEqual(clock.delays, [7000, 9000, 0]);
    assert.deepEqual(told, [[1, 7000], [2, 9000], [3, 0]]);
});

test("the back-off doubles up to its limit, on top of retry:, until an event arrives", deadline, async (t) => {
    const failures = Array(7).fill(refuse(502));
    const { options } = await serve(t, stream(), ...failures, stream(block(1)), stream(block(2, "complete")));
    const clock = impatientClock(0.5);
    assert.deepEqual(await sequence(startSync({ ...options, clock })), [1, 2]);
    const spans = [1, 2, 4, 8, 16, 30, 30, 30, 1].map((seconds) => seconds * 1000);
    assert.deepEqual([BACK_OFF_BASE_MS, BACK_OFF_LIMIT_MS], [1000, 30_000]);
    assert.deepEqual(clock.delays, spans.map((span) => 2 + span / 2));
});

test("each time the stream is open again is told", deadline, async (t) => {
    const { options } = await serve(t, broken(block(1)), refuse(503), stream(block(2, "complete")));
    const told = [];
    const onOpen = () => told.push("open");
    await sequence(startSync({ ...options, onOpen, onReconnect: () => told.push("setback") }));
    assert.deepEqual(told, ["open", "setback", "setback", "open"]);
});

test("a server that is not there is tried again", deadline, async (t) => {
    const { options } = await serve(t, stream(block(1, "complete")));
    let isThere = false;
    const reasons = [];
    const sync = startSync({
        ...options,
        fetch: (url, request) => fetch(isThere ? url : "http://127.0.0.1:1/", request),
        onReconnect: ({ reason }) => {
            isThere = true;
            reasons.push(reason);
        },
    });
    assert.deepEqual(await sequence(sync), [1]);
    assert.ok(reasons.length === 1 && reasons[0] instanceof TypeError);
});

test("a silent stream is given up, one with heartbeats is not", deadline, async (t) => {
    const alive = (response) => {
        open(response).write(block(2));
        let beats = 0;
        const timer = setInterval(() => {
            if (++beats < 15) return response.write(":\n");
            clearInterval(timer);
            response.end(block(3, "complete"));
        }, 20);
    };
    const { requests, options } = await serve(t, () => {}, hanging(block(1)), alive);
    const reasons = [];
    const sync = startSync({
        ...options, heartbeatMs: 100, clock: { random: () => 0 },
        onReconnect: ({ reason }) => reasons.push(reason.message),
    });
    assert.deepEqual(await sequence(sync), [1, 2, 3]);
    assert.deepEqual(reasons, Array(2).fill("The stream has gone silent."));
    assert.equal(requests[2].headers["last-event-id"], `${RUN}.1`);
});

test("abort, return and close each free the server's socket", deadline, async (t) => {
    const controller = new AbortController();
    const ways = {
        abort: async (sync, iterator) => {
            controller.abort(new Error("enough"));
            await assert.rejects(iterator.next(), { message: "enough" });
        },
        return: (sync, iterator) => iterator.return(),
        close: (sync) => sync.close(),
    };
    for (const [name, stop] of Object.entries(ways)) {
        let closed;
        const { requests, options } = await serve(t, (response) => {
            closed = once(response, "close");
            hanging(block(1))(response);
        });
        const sync = startSync({ ...options, signal: name === "abort" ? controller.signal : undefined });
        const iterator = sync[Symbol.asyncIterator]();
        assert.equal((await iterator.next()).value.seq, 1);
        await clientIsReading();
        await stop(sync, iterator);
        await closed;
        assert.deepEqual(await iterator.next(), { value: undefined, done: true });
        assert.equal(requests.length, 1);
    }
});

test("an aborted signal asks nothing, and one that aborts ends a back-off and a wait", deadline, async (t) => {
    const { requests, options } = await serve(t, refuse(503, { "Retry-After": "60" }));
    await assert.rejects(sequence(startSync({ ...options, signal: AbortSignal.abort() })), { name: "AbortError" });
    assert.equal(requests.length, 0);

    const controller = new AbortController();
    const onReconnect = () => controller.abort();
    const sync = startSync({ ...options, clock: undefined, signal: controller.signal, onReconnect });
    await assert.rejects(sequence(sync), { name: "AbortError" });
    assert.equal(requests.length, 1);
});

test("a hidden tab has no stream, and goes on where it was when shown", deadline, async (t) => {
    const page = new EventTarget();
    const show = (visibilityState) => {
        page.visibilityState = visibilityState;
        page.dispatchEvent(new Event("visibilitychange"));
    };
    // Hidden from the start: the run is to start all the same.
    page.visibilityState = "hidden";
    globalThis.document = page;
    t.after(() => delete globalThis.document);

    const left = [];
    const { requests, options } = await serve(
        t,
        ...[1, 2].map((seq) => (response) => {
            left.push(once(response, "close"));
            hanging(block(seq))(response);
        }),
        stream(block(3, "complete")));
    const iterator = startSync(options)[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value.seq, 1);
    await left[0];
    assert.equal(requests.length, 1);

    show("visible");
    assert.equal((await iterator.next()).value.seq, 2);
    await clientIsReading();
    show("hidden");
    await left[1];
    show("visible");
    assert.equal((await iterator.next()).value.seq, 3);
    assert.equal((await iterator.next()).done, true);
    assert.deepEqual(requests.map(({ headers }) => headers["last-event-id"]), [undefined, `${RUN}.1`, `${RUN}.2`]);
    assert.deepEqual(options.clock.delays, []);
});

test("a slow reader stops the network, and loses nothing", deadline, async (t) => {
    const count = 400;
    const padding = "x".repeat(60_000);
    let pulled = 0;
    // One event per read, so that what was read is known exactly.
    const body = new ReadableStream({
        pull(controller) {
            pulled += 1;
            controller.enqueue(bytes(block(pulled, pulled === count ? "complete" : "progress", { padding })));
            if (pulled === count) controller.close();
        },
    }, { highWaterMark: 0 });
    const fetch = async () => new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    const iterator = startSync({ baseUrl: "http://localhost", integration: "clickup", fetch })[Symbol.asyncIterator]();
    for (let seq = 1; seq <= count; seq++) {
        await new Promise(setImmediate);
        assert.ok(pulled <= seq + QUEUE_LIMIT, `${pulled} read when ${seq} was asked for`);
        assert.equal((await iterator.next()).value.seq, seq);
    }
    assert.equal((await iterator.next()).done, true);
});

test("callbacks without an iterator get everything, one after the other", deadline, async (t) => {
    const count = QUEUE_LIMIT * 3;
    const blocks = Array.from({ length: count }, (_, index) => block(index + 1));
    const { options } = await serve(t, stream(...blocks, block(count + 1, "complete")));
    let running = 0;
    let seen = 0;
    await new Promise((resolve) => {
        startSync({
            ...options,
            onComplete: resolve,
            async onProgress() {
                assert.equal(++running, 1);
                await new Promise(setImmediate);
                running -= 1;
                seen += 1;
            },
        });
    });
    assert.equal(seen, count);
});

test("unusable options are told at once", () => {
    const usable = { baseUrl: "http://localhost", integration: "clickup" };
    assert.throws(() => startSync(), TypeError);
    assert.throws(() => startSync({ baseUrl: "http://localhost" }), TypeError);
    assert.throws(() => watchRun(usable), TypeError);
    assert.throws(() => startSync({ integration: "clickup" }), TypeError);
    assert.throws(() => startSync({ ...usable, token: "two\nlines" }), TypeError);
});
