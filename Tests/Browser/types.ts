// What people write with integrationd.js, for a TypeScript compiler: it has to accept all but what says that it must not.
import {
    parseEventStream,
    startSync,
    SyncError,
    watchRun,
    type CompleteEvent,
    type ProgressEvent,
    type Sync,
} from "../../Sources/Host/Dashboard/assets/integrationd.js";

const controller = new AbortController();

const sync: Sync = startSync({
    baseUrl: "https://imports.example.com/api",
    integration: "clickup",
    token: "token",
    projectId: "project",
    orgId: "organization",
    signal: controller.signal,
    lastEventId: "01990b3c.4",
    heartbeatMs: 15_000,
    refreshToken: async () => "another token",
    onProgress: ({ step, message, count, total, percent }: ProgressEvent) => console.log(step, message, count, total, percent),
    onComplete: ({ status, result }: CompleteEvent) => console.log(status, result.totalImported, result.totalFailed),
    onError: (error: SyncError) => console.log(error.message, error.code, error.status, error.hint, error.event?.error),
    onReconnect: ({ attempt, delayMs, reason }) => console.log(attempt, delayMs, reason),
});

/** The kinds of events are told apart by their type. */
export async function follow(): Promise<number> {
    for await (const event of sync) {
        if (event.type === "complete") return event.result.totalImported;
        if (event.type === "error") throw new Error(`${event.code}: ${event.error} ${event.hint ?? ""}`);
        const step: string = event.step;
        console.log(step, event.runId, event.seq, event.id);
    }
    sync.close();
    for await (const event of watchRun({ runId: "01990b3c" })) console.log(event.type);
    for await (const { id, event, data } of parseEventStream([new Uint8Array(1)])) console.log(id, event, data);
    return 0;
}

// @ts-expect-error without an integration there is nothing to start
startSync({ baseUrl: "" });
// @ts-expect-error a run is named by its id
watchRun({ integration: "clickup" });
// @ts-expect-error a token is text
startSync({ integration: "clickup", token: 7 });
