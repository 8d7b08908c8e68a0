// One run as it goes on: what its stream says, and its counts, which no event has.

import { watchRun } from "./integrationd.js";
import { get, poll, streamOptions } from "./api.js";
import { isActive } from "./format.js";

/** How often the counts are asked for. */
const COUNTS_MS = 1000;
/** So long nothing is read, so that more is read at once: each read costs, whatever is in it, and nobody sees faster. */
const PAUSE_MS = 350;
/** And so long everything is, or what was read at once would be taken one by one. */
const READING_MS = 20;
/** More than this in that time is what has been already, and of that all is wanted. */
const REPLAY = 200;
/** Lines that are kept of what has happened. */
const LINES = 400;

export class RunWatch {
    /** The newest progress, and the newest that said how far it is. */
    progress;
    measured;
    /** By step. */
    steps = {};
    /** When a run that waits goes on. */
    resumeAt;
    /** The terminal event; a stream that merely ended has none. */
    end;
    /** Since a connection was lost: when it is tried again. */
    setback;
    /** What made it impossible to watch the run. */
    failure;
    /** Consecutive events of one step are one line, with the newest of them: { seq, step, event }. */
    lines = [];
    droppedLines = 0;
    failedDocuments = 0;
    #stream;
    #polling;
    #readingUntil = 0;
    #taken = 0;

    /** @param changed called after each change; has to be cheap */
    constructor(run, changed) {
        this.run = run;
        this.changed = changed;
        this.#stream = watchRun({
            ...streamOptions(), runId: run.id,
            onOpen: () => this.#set({ setback: undefined }),
            onProgress: (event) => this.#took(event),
            onComplete: (event) => this.#ended(event),
            onError: (error) => (error.event ? this.#ended(error.event) : this.#set({ failure: error })),
            onReconnect: ({ delayMs }) => this.#set({ setback: Date.now() + delayMs }),
        });
        if (isActive(run)) this.#polling = this.#poll();
    }

    get isActive() {
        return this.end === undefined && isActive(this.run);
    }

    /** What the run is in, by whoever knows it last. */
    get status() {
        if (this.end) return this.end.status;
        if (!isActive(this.run)) return this.run.status;
        return this.resumeAt && this.run.status === "running" ? "waiting" : this.run.status;
    }

    close() {
        this.#stream.close();
        this.#polling?.stop();
    }

    #set(values) {
        Object.assign(this, values);
        this.changed();
    }

    #took(event) {
        this.progress = event;
        if ("percent" in event || "total" in event) this.measured = this.steps[event.step] = event;
        if (event.step === "document_failed") this.failedDocuments += 1;
        else this.resumeAt = event.resumeAt;
        this.#addLine(event);
        this.changed();
        return this.#pause();
    }

    #pause() {
        const now = performance.now();
        this.#taken += 1;
        if (now < this.#readingUntil) return undefined;
        const pause = this.#taken > REPLAY ? 0 : PAUSE_MS;
        this.#taken = 0;
        this.#readingUntil = now + pause + READING_MS;
        return pause > 0 ? new Promise((resolve) => setTimeout(resolve, pause)) : undefined;
    }

    #addLine(event) {
        const last = this.lines.at(-1);
        if (last?.step === event.step && event.step !== "document_failed") {
            last.event = event;
            return;
        }
        this.lines.push({ seq: event.seq, step: event.step, event });
        if (this.lines.length <= LINES) return;
        this.lines.shift();
        this.droppedLines += 1;
    }

    #ended(event) {
        this.#set({ end: event, setback: undefined, resumeAt: undefined });
        // The events of a run do not tell when it began.
        this.#polling ??= this.#poll();
        this.#polling.now();
    }

    #poll() {
        return poll(async () => {
            this.#set({ run: await get(`/runs/${this.run.id}`) });
            return isActive(this.run) ? COUNTS_MS : undefined;
        });
    }
}
