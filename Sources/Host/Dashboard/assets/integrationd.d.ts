/** Types of integrationd.js.  The words are those of the HTTP API. */

export const BACK_OFF_BASE_MS: number;
export const BACK_OFF_LIMIT_MS: number;
export const QUEUE_LIMIT: number;

/** Where the stream is, and who asks for whom. */
export interface ConnectionOptions {
    /** Address of the daemon with its base path, such as `/api`.  Default: the root of the page's own origin. */
    baseUrl?: string;
    /** Sent as `Authorization: Bearer …`. */
    token?: string;
    /** Asked for a new token when one is refused; a new one that is refused too is the end. */
    refreshToken?: () => string | Promise<string>;
    projectId?: string;
    orgId?: string;
    /** The `id` of the last event that was seen; the stream goes on behind it. */
    lastEventId?: string;
    /** Ends the watching, not the run; iteration then throws the signal's reason. */
    signal?: AbortSignal;
    /** `server.heartbeat` of the daemon in ms, by default 15,000: silence of 2.5 times as long is a lost connection. */
    heartbeatMs?: number;
    /** Used instead of the global one; has to obey its `signal`. */
    fetch?: typeof globalThis.fetch;
    /** For tests: time and chance. */
    clock?: Partial<Clock>;
}

/** Nothing more is read from the network before a promise that a callback returns is fulfilled. */
export interface Callbacks {
    onProgress?: (event: ProgressEvent) => void | Promise<void>;
    onComplete?: (event: CompleteEvent) => void | Promise<void>;
    /** The run has failed (`error.event` is its last event), or it cannot be watched (`error.event` is undefined). */
    onError?: (error: SyncError) => void | Promise<void>;
    /** The stream is open, for the first time or again. */
    onOpen?: () => void | Promise<void>;
    /** The connection was lost, or refused for now, and is tried again after `delayMs`. */
    onReconnect?: (setback: Setback) => void | Promise<void>;
}

export interface SyncOptions extends ConnectionOptions, Callbacks {
    /** Name of the integration. */
    integration: string;
}

export interface WatchOptions extends ConnectionOptions, Callbacks {
    runId: string;
    /** Also `earliest` and `latest`. */
    lastEventId?: string;
}

export interface Setback {
    /** 1 for the first since an event arrived. */
    attempt: number;
    delayMs: number;
    reason: unknown;
}

export interface Clock {
    /** ms since 1970. */
    now(): number;
    /** From 0 to below 1. */
    random(): number;
    setTimeout(callback: () => void, ms: number): unknown;
    clearTimeout(timer: unknown): void;
}

/** What all bodies have.  A plugin may add keys of its own. */
export interface EventBase {
    /** For `lastEventId`. */
    id: string;
    runId: string;
    /** Grows within a run; may skip. */
    seq: number;
    [key: string]: unknown;
}

export interface ProgressEvent extends EventBase {
    type: "progress";
    step: string;
    message: string;
    count?: number;
    total?: number;
    percent?: number;
    etaSeconds?: number;
    /** Whose documents `count` and `total` count, or, with step `document_failed`, whose document it was. */
    collection?: string;
    /** With step `document_failed`. */
    documentId?: string;
    code?: string;
    /** With step `waiting`: RFC 3339. */
    resumeAt?: string;
}

export interface CompleteEvent extends EventBase {
    type: "complete";
    success: true;
    status: "succeeded" | "completed_with_errors";
    result: ImportResult;
}

export interface ErrorEvent extends EventBase {
    type: "error";
    /** A sentence. */
    error: string;
    code: string;
    retryable: boolean;
    hint?: string;
    status: string;
    /** What was stored until then. */
    result?: ImportResult;
}

export type SyncEvent = ProgressEvent | CompleteEvent | ErrorEvent;

export interface ImportResult {
    totalImported: number;
    totalFailed: number;
    durationMs: number;
    breakdown: Record<string, CollectionResult>;
    /** What was not imported, in words; one line for each reason. */
    report: ReportLine[];
    completedAt: string;
}

export interface ReportLine {
    kind: "failed" | "skipped" | "note";
    collection?: string;
    code: string;
    /** How many documents it concerns. */
    count: number;
    message: string;
}

export interface CollectionResult {
    imported: number;
    failed: number;
    skipped: number;
    new: number;
    updated: number;
    unchanged: number;
    deleted: number;
}

/** What ended a run, or made it impossible to watch one. */
export class SyncError extends Error {
    /** A code of the HTTP API; `invalid-answer` or `http-<status>` for answers that are not the daemon's. */
    readonly code: string;
    /** HTTP status of a refusal; undefined when the run itself has failed. */
    readonly status?: number;
    readonly hint?: string;
    readonly event?: ErrorEvent;
}

/**
 * The events of one run, across all reconnections, each once.  Iteration ends behind `complete` or `error`, and at once
 * when `lastEventId` named that event already; it throws a SyncError when the run cannot be watched, and the signal's
 * reason when that is aborted.
 *
 * All iterators take from the same queue, so have one.  Without callbacks, events wait for it; with callbacks they
 * are only kept as far as the queue reaches until an iterator is there.
 *
 * In a hidden tab there is no open stream once the first event has come; shown again, it goes on where it was.
 */
export interface Sync extends AsyncIterable<SyncEvent> {
    /** Stops watching.  The run goes on. */
    close(): void;
}

/** Starts an import, or joins the one under way, at once.  Throws a TypeError for unusable options. */
export function startSync(options: SyncOptions): Sync;

/** Watches a run from its first event, or from behind `lastEventId`; starts nothing. */
export function watchRun(options: WatchOptions): Sync;

export interface Message {
    id: string;
    event: string;
    data: string;
}

/** The messages of a text/event-stream, by the rules of the HTML standard. */
export function parseEventStream(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>,
    lastEventId?: string,
): AsyncGenerator<Message, void, void>;
