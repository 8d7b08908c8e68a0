// Figures and times as people read them.

const numbers = new Intl.NumberFormat("en");
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const number = (value) => numbers.format(value);
export const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
export const date = (time) => days.format(new Date(time));
export const timeOfDay = (time) => clock.format(new Date(time));

/** `278 ms`, `4.1 s`, `3 min 12 s`, `2 h 5 min` */
export function duration(ms) {
    if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
    if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
    return span(ms / 1000);
}

/** In whole seconds: `38 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h` */
export function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const parts = [[Math.floor(s / 86_400), "d"], [Math.floor(s / 3600) % 24, "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]];
    const first = parts.findIndex(([value]) => value > 0);
    if (first < 0) return "0 s";
    return parts.slice(first, first + 2).filter(([value], index) => index === 0 || value > 0)
        .map((part) => part.join(" ")).join(" ");
}

/** `just now`, `3 min ago`, and after a day the date */
export function ago(time) {
    const seconds = (Date.now() - Date.parse(time)) / 1000;
    if (seconds < 10) return "just now";
    if (seconds >= 86_400) return date(time);
    return `${seconds < 60 ? span(seconds) : span(seconds - (seconds % 60)).split(" ").slice(0, 2).join(" ")} ago`;
}

/** Seconds from now, never below 0. */
export const secondsUntil = (time) => Math.max(0, Math.ceil((Date.parse(time) - Date.now()) / 1000));

export const waitingFor = (name, resumeAt) => `Waiting for ${name}, resumes in ${span(secondsUntil(resumeAt))}`;

/** What a state is called, and how it looks. */
const states = {
    queued: ["Queued", "busy"], running: ["Running", "busy"], waiting: ["Waiting", "pause"], cancelling: ["Cancelling", "pause"],
    succeeded: ["Succeeded", "good"], completed_with_errors: ["Succeeded in part", "pause"], failed: ["Failed", "bad"],
    cancelled: ["Cancelled", "idle"], interrupted: ["Interrupted", "bad"],
};

export const isActive = (run) => run !== null && run !== undefined && run.endedAt === undefined
    && ["queued", "running", "waiting", "cancelling"].includes(run.status);

export const runState = (status) => states[status] ?? [status, "idle"];

export function integrationState(integration) {
    const { lastRun } = integration;
    if (isActive(lastRun)) return runState(lastRun.status);
    if (!integration.enabled) return ["Switched off", "idle"];
    if (integration.quarantine) return ["In quarantine", "bad"];
    if (integration.pluginError) return ["Cannot be loaded", "bad"];
    return lastRun ? runState(lastRun.status) : ["Never imported", "idle"];
}

/** `65 documents, 2 failed` */
export function outcome(run) {
    const { imported, updated, unchanged, deleted, failed } = run.counts;
    const parts = [count(imported + updated + unchanged, "document")];
    if (imported) parts.push(`${number(imported)} new`);
    if (updated) parts.push(`${number(updated)} updated`);
    if (deleted) parts.push(`${number(deleted)} deleted`);
    if (failed) parts.push(`${number(failed)} failed`);
    return parts.join(", ");
}

export const took = (run) => run.endedAt && run.startedAt
    ? duration(Date.parse(run.endedAt) - Date.parse(run.startedAt)) : undefined;
